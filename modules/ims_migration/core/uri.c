/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a name that was found in a text. */
#include "modules/ims_migration/core/work.h"

#include "base/netaddr.h"

bool work_find(const struct migration_work *w, bool from_side, enum migration_how how,
	       struct slice user, struct slice host, struct migration_hit *hit)
{
	const struct migration_query q = {.partner = w->view->partner,
					  .side = (w->direction == MIGRATION_OUT) == from_side
						      ? MIGRATION_INSIDE
						      : MIGRATION_WIRE,
					  .how = how,
					  .user = user,
					  .host = host};

	return w->view->find(w->view->arg, &q, hit);
}

bool is_local_host(const struct migration_work *w, struct slice host)
{
	struct netaddr address;

	return netaddr_parse_host(host, &address) == 0 ||
	       migration_in_domain(host, SLICE_LIT("invalid")) || list_has(&w->policy->hosts, host);
}

static struct slice user_of(const struct migration_hit *hit)
{
	return slice_make(hit->user, hit->user_len);
}

static struct slice host_of(const struct migration_hit *hit)
{
	return slice_make(hit->host, hit->host_len);
}

static void replace(struct migration_work *w, const struct uri_place *u, size_t at, size_t len,
		    struct slice with)
{
	migration_edits_add(w->e, work_at(w, u->text.p) + at, len, with);
}

/* One octet as it is written where separators are escaped deep times. */
static size_t write_escaped(char *out, char c, uint8_t deep, bool small)
{
	static const char digits[2][17] = {"0123456789ABCDEF", "0123456789abcdef"};
	size_t n = 0;

	if (!deep) {
		out[n++] = c;
		return n;
	}
	out[n++] = '%';
	for (uint8_t i = 1; i < deep; i++) {
		out[n++] = '2';
		out[n++] = '5';
	}
	out[n++] = digits[small][(unsigned char)c >> 4];
	out[n++] = digits[small][c & 15];
	return n;
}

enum { ESCAPED_MAX = 2 + 2 * 10 };

/*
 * A user alone that is a name on the side where the message goes to would be swapped on the way back. So it is marked on this
 * one: each letter is escaped, which means the same (RFC 3261 19.1.4) and which nobody writes.
 */
static void mark(struct migration_work *w, size_t at, size_t len, struct slice user, uint8_t deep)
{
	char text[MIGRATION_USER_MAX * ESCAPED_MAX];
	size_t n = 0;

	for (size_t i = 0; i < user.len; i++)
		n += write_escaped(text + n, user.p[i], (uint8_t)(deep + 1), true);
	migration_edits_add(w->e, at, len, slice_make(text, n));
}

/* What a user part alone becomes. *hit is what stands for it, with an empty user where it is marked or was. */
static bool user_swap(struct migration_work *w, size_t at, size_t len, struct slice user,
		      bool marked, uint8_t deep, struct migration_hit *hit)
{
	struct migration_hit back;
	bool from, to;

	hit->user_len = 0;
	from = work_find(w, true, MIGRATION_USER, user, SLICE_NULL, hit);
	to = work_find(w, false, MIGRATION_USER, user, SLICE_NULL, &back);
	if (!from && !to)
		return false;
	if (marked || (from && to)) {
		/* Whose mark it is cannot be told. */
		if (to)
			work_refuse(w, MIGRATION_AMBIGUOUS);
		hit->user_len = 0;
		migration_edits_add(w->e, at, len, user);
		return true;
	}
	if (to) {
		w->r->others++;
		mark(w, at, len, user, deep);
		return true;
	}
	if (hit->unmapped) {
		work_refuse(w, MIGRATION_UNMAPPED);
		return true;
	}
	/* Of one that is over, the way back may lead to the one that came after it. */
	if (!hit->ended && (!work_find(w, false, MIGRATION_USER, user_of(hit), SLICE_NULL, &back) ||
			    !slice_eq(user_of(&back), user)))
		work_refuse(w, MIGRATION_AMBIGUOUS);
	migration_edits_add(w->e, at, len, user_of(hit));
	w->r->names++;
	return true;
}

bool bare_swap(struct migration_work *w, size_t at, size_t len, struct slice user, bool marked,
	       uint8_t deep)
{
	struct migration_hit hit;

	return user_swap(w, at, len, user, marked, deep, &hit);
}

/* "+49-30(123)" as '+' and digits; empty if it is none. */
static struct slice number_of(struct slice s, char room[16])
{
	size_t n = 0;

	if (s.len == 0 || s.p[0] != '+')
		return SLICE_NULL;
	for (size_t i = 0; i < s.len; i++) {
		if (i && memchr("-.()", s.p[i], 4))
			continue;
		if (n == 16)
			return SLICE_NULL;
		room[n++] = s.p[i];
	}
	return migration_is_number(slice_make(room, n)) ? slice_make(room, n) : SLICE_NULL;
}

/* The next ';' parameter of a URI at *at: does it say user=phone? 1, 0, or -1: there is no parameter. */
static int phone_param(const struct uri_place *u, size_t *at)
{
	static const char word[] = "user=phone";
	struct migration_letter l = migration_letter_at(u->text, *at, u->kind);
	size_t n = 0;
	bool is = true;

	if (l.n == 0 || l.c != ';' || l.deep != u->deep)
		return -1;
	for (*at += l.n; (l = migration_letter_at(u->text, *at, u->kind)).n; *at += l.n) {
		int c = l.c >= 'A' && l.c <= 'Z' ? l.c | 0x20 : l.c;

		if (l.deep <= u->deep && !migration_is_user_char(c) &&
		    (l.deep < u->deep || !memchr("=[]/:&$!*'()", c, 12)))
			break;
		is = is && n < sizeof(word) - 1 && c == word[n];
		n++;
	}
	return is && n == sizeof(word) - 1;
}

/* Is it written as only a tel: URI would come back: "sip:user@host", without port, user=phone or more in the user part? */
static bool is_plain(const struct uri_place *u)
{
	struct migration_letter l;
	size_t at = u->host + u->host_len;
	int phone;

	if (!u->uri || u->scheme_len == 0)
		return false;
	l = migration_letter_at(u->text, u->scheme + u->scheme_len - 1, u->kind);
	if ((l.c | 0x20) == 's') /* sips */
		return false;
	l = migration_letter_at(u->text, u->user + u->user_len, u->kind);
	if (l.c != '@')
		return false;
	l = migration_letter_at(u->text, at, u->kind);
	if (l.n && l.c == ':' && l.deep == u->deep)
		return false;
	while ((phone = phone_param(u, &at)) == 0)
		;
	return phone < 0;
}

/* The display name before "<URI" at *at, without the blanks around it. Empty: there is none. */
static struct slice display_before(const struct uri_place *u)
{
	size_t end = u->scheme - 1, start;

	while (end > 0 && (u->text.p[end - 1] == ' ' || u->text.p[end - 1] == '\t' ||
			   u->text.p[end - 1] == '\r' || u->text.p[end - 1] == '\n'))
		end--;
	start = end;
	if (end > 0 && u->text.p[end - 1] == '"') {
		for (start = end - 1; start > 0; start--)
			if (u->text.p[start - 1] == '"' &&
			    (start < 2 || u->text.p[start - 2] != '\\'))
				break;
		return slice_make(u->text.p + start, end - 1 - start);
	}
	while (start > 0 && start + 256 > end && !memchr(",:;>\"", u->text.p[start - 1], 5))
		start--;
	return slice_make(u->text.p + start, end - start);
}

/* A display name that is the user part: "alice" <sip:alice@home1.net>. With the URI, so that who else is called so keeps his. */
static void display_swap(struct migration_work *w, const struct uri_place *u, struct slice with)
{
	struct slice d;
	size_t i = 0;

	if (u->kind != MIGRATION_TEXT_QUOTING || !u->uri || u->scheme == 0 ||
	    u->text.p[u->scheme - 1] != '<')
		return;
	d = display_before(u);
	while (i < d.len) {
		size_t start = i;
		struct slice word;

		while (i < d.len && migration_is_user_char((unsigned char)d.p[i]))
			i++;
		word = slice_make(d.p + start, i - start);
		/* An address has been seen to. */
		if (i < d.len && d.p[i] == '@') {
			while (i < d.len && d.p[i] != ' ')
				i++;
			continue;
		}
		if (slice_eq(word, u->name))
			migration_edits_add(w->e, work_at(w, word.p), word.len, with);
		else if (word.len && slice_eq(word, with))
			work_refuse(w, MIGRATION_AMBIGUOUS);
		i += i == start;
	}
}

/* What every name that is replaced must be. */
static bool may(struct migration_work *w, const struct migration_hit *hit)
{
	if (hit->unmapped)
		work_refuse(w, MIGRATION_UNMAPPED);
	if (hit->ended && w->begins)
		work_refuse(w, MIGRATION_OVER);
	return !hit->unmapped;
}

static void put_user_host(struct migration_work *w, const struct uri_place *u,
			  const struct migration_hit *hit)
{
	replace(w, u, u->user, u->user_len, user_of(hit));
	replace(w, u, u->host, u->host_len, host_of(hit));
}

/* A sip: name for which a tel: one stands. */
static void to_tel(struct migration_work *w, const struct uri_place *u,
		   const struct migration_hit *hit)
{
	if (is_plain(u)) {
		replace(w, u, u->scheme, u->scheme_len, SLICE_LIT("tel"));
		replace(w, u, u->user, u->host + u->host_len - u->user, user_of(hit));
		return;
	}
	if (!hit->host_len)
		work_refuse(w, MIGRATION_UNMAPPED);
	put_user_host(w, u, hit);
}

static void full_swap(struct migration_work *w, const struct uri_place *u,
		      const struct migration_hit *hit)
{
	if (!may(w, hit))
		return;
	if (hit->kind == MIGRATION_TEL)
		to_tel(w, u, hit);
	else
		put_user_host(w, u, hit);
	display_swap(w, u, user_of(hit));
	w->r->names++;
}

/* A number inside is the same at any host, and so is what stands for it. A number on the wire may stand for a user, who is
 * another one at another host. */
static bool inside_is_number(const struct migration_work *w, const struct migration_hit *hit)
{
	return (w->direction == MIGRATION_OUT ? hit->from : hit->kind) == MIGRATION_TEL;
}

/* Is it the host at which the number that was found has its SIP form? */
static bool is_own_host(const struct uri_place *u, const struct migration_hit *hit)
{
	return hit->from_host_len && hit->host_len &&
	       slice_eq_nocase(u->where, slice_make(hit->from_host, hit->from_host_len));
}

/* Without it this would come back as a tel: URI. */
static void put_user_phone(struct migration_work *w, const struct uri_place *u)
{
	char param[64];
	size_t n = write_escaped(param, ';', u->deep, false);

	memcpy(param + n, "user", 4);
	n += 4;
	n += write_escaped(param + n, '=', u->deep, false);
	memcpy(param + n, "phone", 5);
	replace(w, u, u->host + u->host_len, 0, slice_make(param, n + 5));
}

/* "sip:+4930123@home1.net;user=phone" of tel:+4930123; at other hosts it is the same number. */
static void number_swap(struct migration_work *w, const struct uri_place *u,
			const struct migration_hit *hit)
{
	if (!may(w, hit))
		return;
	if (is_own_host(u, hit)) {
		put_user_host(w, u, hit);
		if (hit->kind == MIGRATION_SIP && is_plain(u))
			put_user_phone(w, u);
	} else {
		replace(w, u, u->user, u->user_len, user_of(hit));
	}
	display_swap(w, u, user_of(hit));
	w->r->names++;
}

/* Is it one of the names of the side where the message goes to? It stays, and is counted. */
static bool is_other(struct migration_work *w, const struct uri_place *u, struct slice number)
{
	struct migration_hit hit;

	if (!work_find(w, false, MIGRATION_URI_FIRST, u->name, u->where, &hit) &&
	    !(number.len && work_find(w, false, MIGRATION_NUMBER, number, SLICE_NULL, &hit)))
		return false;
	w->r->others++;
	if (w->direction == MIGRATION_IN && w->policy->hide)
		work_refuse(w, MIGRATION_FOREIGN);
	return true;
}

static bool in_domains(const struct migration_list *l, struct slice host)
{
	for (unsigned i = 0; i < l->n; i++)
		if (migration_in_domain(host, l->word[i]))
			return true;
	return false;
}

bool uri_swap(struct migration_work *w, const struct uri_place *u)
{
	char room[16];
	struct slice number = number_of(u->name, room);
	struct migration_hit hit;

	if (work_find(w, true, u->uri ? MIGRATION_URI_FIRST : MIGRATION_NAI_FIRST, u->name,
		      u->where, &hit)) {
		full_swap(w, u, &hit);
		return true;
	}
	if (number.len && work_find(w, true, MIGRATION_NUMBER, number, SLICE_NULL, &hit) &&
	    (is_own_host(u, &hit) || inside_is_number(w, &hit))) {
		number_swap(w, u, &hit);
		return true;
	}
	/* What stands for a number at a host that is not its own. */
	if (w->direction == MIGRATION_IN &&
	    work_find(w, true, MIGRATION_USER, u->name, SLICE_NULL, &hit) &&
	    inside_is_number(w, &hit)) {
		if (may(w, &hit)) {
			replace(w, u, u->user, u->user_len, user_of(&hit));
			w->r->names++;
		}
		return true;
	}
	if (is_other(w, u, number))
		return true;
	if (in_domains(&w->policy->inside_domains, u->where) ||
	    in_domains(&w->policy->wire_domains, u->where)) {
		work_refuse(w, MIGRATION_UNKNOWN);
		return true;
	}
	if (!is_local_host(w, u->where) ||
	    !user_swap(w, work_at(w, u->text.p) + u->user, u->user_len, u->name, u->marked, u->deep,
		       &hit))
		return false;
	if (hit.user_len)
		display_swap(w, u, user_of(&hit));
	return true;
}

void tel_swap(struct migration_work *w, const struct uri_place *u)
{
	struct migration_hit hit;
	char text[MIGRATION_USER_MAX + ESCAPED_MAX + MIGRATION_HOST_MAX];
	size_t n;

	if (!work_find(w, true, MIGRATION_NUMBER, u->name, SLICE_NULL, &hit)) {
		if (work_find(w, false, MIGRATION_NUMBER, u->name, SLICE_NULL, &hit)) {
			w->r->others++;
			if (w->direction == MIGRATION_IN && w->policy->hide)
				work_refuse(w, MIGRATION_FOREIGN);
		}
		return;
	}
	if (!may(w, &hit))
		return;
	if (hit.kind == MIGRATION_TEL) {
		replace(w, u, u->user, u->user_len, user_of(&hit));
	} else {
		memcpy(text, hit.user, hit.user_len);
		n = hit.user_len;
		n += write_escaped(text + n, '@', u->deep, false);
		memcpy(text + n, hit.host, hit.host_len);
		n += hit.host_len;
		replace(w, u, u->scheme, u->scheme_len, SLICE_LIT("sip"));
		replace(w, u, u->user, u->user_len, slice_make(text, n));
	}
	display_swap(w, u, user_of(&hit));
	w->r->names++;
}
