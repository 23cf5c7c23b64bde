/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All places of a text where a name may stand. */
#include "modules/ims_migration/core/work.h"

enum { USER_PART_MAX = 512 };

/* Letters of a name, as they are meant. */
struct word {
	char text[MIGRATION_USER_MAX + 1];
	size_t len; /* above MIGRATION_USER_MAX: it is longer than any name */
	size_t at, end;
	uint8_t deep_min, deep_max;
	bool small;
};

struct scan {
	struct migration_work *w;
	struct slice text;
	enum migration_text kind;
};

static struct migration_letter letter(const struct scan *s, size_t at)
{
	return migration_letter_at(s->text, at, s->kind);
}

static void add(struct word *word, const struct migration_letter *l)
{
	if (word->len <= MIGRATION_USER_MAX)
		word->text[word->len++] = (char)l->c;
	if (l->deep < word->deep_min)
		word->deep_min = l->deep;
	if (l->deep > word->deep_max)
		word->deep_max = l->deep;
	word->small = word->small && l->small;
}

static void word_begin(struct word *word, size_t at)
{
	word->len = 0;
	word->at = word->end = at;
	word->deep_min = UINT8_MAX;
	word->deep_max = 0;
	word->small = true;
}

static struct slice word_text(const struct word *word)
{
	return slice_make(word->text, word->len <= MIGRATION_USER_MAX ? word->len : 0);
}

static bool is_marked(const struct word *word, uint8_t deep)
{
	return word->small && word->deep_min == deep + 1 && word->deep_max == deep + 1;
}

/* Names begin with a letter, a digit, or '+' and a digit: what stands before that belongs to the text around them. */
static bool begins_word(const struct scan *s, size_t at, const struct migration_letter *l)
{
	struct migration_letter next;

	if (l->c != '+')
		return migration_is_alnum(l->c);
	next = letter(s, at + l->n);
	return next.n && next.c >= '0' && next.c <= '9';
}

static void read_word(const struct scan *s, size_t at, struct word *word)
{
	struct migration_letter l;

	word_begin(word, at);
	while ((l = letter(s, word->end)).n && migration_is_user_char(l.c)) {
		add(word, &l);
		word->end += l.n;
	}
}

/* A host, without a '.' or '-' at its end; or an IPv6 address in its brackets. */
static void read_host(const struct scan *s, size_t at, struct word *host)
{
	size_t trimmed = at, len = 0;
	struct migration_letter l = letter(s, at);
	bool brackets = l.n && l.c == '[';

	word_begin(host, at);
	while ((l = letter(s, host->end)).n && host->len <= MIGRATION_USER_MAX &&
	       (brackets ? l.c != ']' && l.c > ' ' : migration_is_host_char(l.c))) {
		add(host, &l);
		host->end += l.n;
		if (brackets || migration_is_alnum(l.c)) {
			trimmed = host->end;
			len = host->len;
		}
	}
	if (brackets && l.n && l.c == ']') {
		add(host, &l);
		trimmed = host->end += l.n;
		len = host->len;
	}
	host->end = trimmed;
	host->len = len;
}

static bool place_swap(const struct scan *s, const struct word *scheme, const struct word *user,
		       size_t host_at, uint8_t deep, bool uri, size_t *end)
{
	struct word host;
	struct uri_place u = {.text = s->text, .kind = s->kind, .deep = deep, .uri = uri};

	read_host(s, host_at, &host);
	*end = host.end;
	if (user->len == 0 || user->len > MIGRATION_USER_MAX || host.len == 0 ||
	    host.len > MIGRATION_HOST_MAX)
		return false;
	if (scheme) {
		u.scheme = scheme->at;
		u.scheme_len = scheme->end - scheme->at;
	}
	u.user = user->at;
	u.user_len = user->end - user->at;
	u.host = host.at;
	u.host_len = host.end - host.at;
	u.name = word_text(user);
	u.where = word_text(&host);
	u.marked = is_marked(user, deep);
	return uri_swap(s->w, &u);
}

/* What may stand in a user part beside the letters of names (RFC 3261 25.1, without ','). */
static bool is_user_part(const struct migration_letter *l, uint8_t deep)
{
	if (l->deep > deep || migration_is_user_char(l->c) || memchr("!*'()", l->c, 5))
		return true;
	return l->deep == deep && memchr(";:&=$?/", l->c, 7);
}

/* Behind "sip:" at at, whose colon is escaped deep times. Where the text goes on. */
static size_t sip_uri(const struct scan *s, const struct word *scheme, size_t at, uint8_t deep)
{
	struct migration_letter l;
	struct word user;
	bool in_user = true, password = false;
	size_t i = at, end;

	word_begin(&user, at);
	while ((l = letter(s, i)).n && i - at < USER_PART_MAX) {
		if (l.deep == deep && l.c == '@')
			break;
		if (!is_user_part(&l, deep) || (password && l.deep == deep && l.c == ':'))
			return at;
		password = password || (l.deep == deep && l.c == ':');
		if (in_user && l.deep == deep && (l.c == ';' || l.c == ':'))
			in_user = false;
		i += l.n;
		if (in_user) {
			add(&user, &l);
			user.end = i;
		}
	}
	if (l.n == 0 || l.c != '@' || l.deep != deep)
		return at;
	return place_swap(s, scheme, &user, i + l.n, deep, true, &end) ? end : at;
}

/* Behind "tel:". */
static size_t tel_uri(const struct scan *s, const struct word *scheme, size_t at, uint8_t deep)
{
	struct uri_place u = {.text = s->text,
			      .kind = s->kind,
			      .deep = deep,
			      .uri = true,
			      .scheme = scheme->at,
			      .scheme_len = scheme->end - scheme->at,
			      .user = at};
	char number[17];
	size_t n = 0, i = at, end = at;
	struct migration_letter l;

	while ((l = letter(s, i)).n && n < sizeof(number)) {
		bool digit = l.c >= '0' && l.c <= '9';

		if (!(digit || (l.c == '+' && n == 0) || (n && l.c && memchr("-.()", l.c, 4))))
			break;
		i += l.n;
		if (digit || l.c == '+') {
			number[n++] = (char)l.c;
			end = i;
		}
	}
	u.name = slice_make(number, n);
	u.user_len = end - at;
	if (migration_is_number(u.name))
		tel_swap(s->w, &u);
	return end;
}

/* An element of XML whose text is a name to be shown: "<display-name>", "<cpim:display-text xml:lang=..>". */
static bool is_display_tag(struct slice tag)
{
	static const struct slice names[] = {SLICE_LIT("display-name"), SLICE_LIT("display-text")};
	size_t end = 0;

	while (end < tag.len && migration_is_user_char((unsigned char)tag.p[end])) {
		end++;
		if (end < tag.len && tag.p[end] == ':') {
			tag = slice_make(tag.p + end + 1, tag.len - end - 1);
			end = 0;
		}
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_eq_nocase(slice_make(tag.p, end), names[i]))
			return true;
	return false;
}

/* A word with a colon behind it. Where the text goes on. */
static size_t behind_scheme(const struct scan *s, const struct word *word, uint8_t colon_n,
			    uint8_t deep)
{
	struct slice scheme = word_text(word);
	size_t at = word->end + colon_n;

	if (slice_eq_nocase(scheme, SLICE_LIT("sip")) || slice_eq_nocase(scheme, SLICE_LIT("sips")))
		return sip_uri(s, word, at, deep);
	if (slice_eq_nocase(scheme, SLICE_LIT("tel")))
		return tel_uri(s, word, at, deep);
	return at;
}

void scan_text(struct migration_work *w, struct slice text, enum migration_text kind)
{
	const struct scan s = {w, text, kind};
	bool scheme = false, display = false;
	size_t i = 0;

	while (i < text.len && w->r->verdict == MIGRATION_OK) {
		struct migration_letter l = letter(&s, i), next;
		struct word word;
		size_t end;

		if (!begins_word(&s, i, &l)) {
			if (kind == MIGRATION_TEXT_XML && text.p[i] == '<')
				display =
				    is_display_tag(slice_make(text.p + i + 1, text.len - i - 1));
			scheme = scheme && l.c == '/';
			i += l.n;
			continue;
		}
		read_word(&s, i, &word);
		next = letter(&s, word.end);
		if (next.n && next.c == ':') {
			i = behind_scheme(&s, &word, next.n, next.deep);
			scheme = true;
			continue;
		}
		if (next.n && next.c == '@') {
			/* What is no name's may be the user of another: "a@b@c". */
			i = place_swap(&s, NULL, &word, word.end + next.n, next.deep, scheme, &end)
				? end
				: word.end + next.n;
		} else {
			if (display && word_text(&word).len)
				bare_swap(w, work_at(w, text.p) + word.at, word.end - word.at,
					  word_text(&word), is_marked(&word, 0), 0);
			i = word.end;
		}
		scheme = false;
	}
}
