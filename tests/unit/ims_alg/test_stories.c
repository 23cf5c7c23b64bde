/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plays the stories in stories/: bodies as they come, what the gateway is asked for, and the bodies
 * as they go on. Besides what a story says, each body that is written must come out the same when it
 * is written again, and its unknown lines must be those of the body that came.
 *
 * A story:
 *	== its name
 *	rows 2 30			numbers of the checklist that it shows
 *	set KEY=VALUE ..		policy and UE, see settings[]
 *	offer access | offer core | answer	a body follows, up to a line "."
 *	sent | passed | same | refused PROBLEM LINE | bad PROBLEM LINE	what becomes of it; "sent" and
 *					"same" are followed by a body
 *	access TEXT, core TEXT		the gateway's ends of the next stream (gateway_text())
 *	nothing				no stream lives
 *	later access			the gateway was asked for the core side alone
 *	merged				it is asked for both in one transaction
 *	rollback			the offer was refused: the session in force counts again
 */
#include "unit/ims_alg/gateway.h"
#include "modules/ims_alg/core/attr.h"
#include "sec_agree/mediasec.h"
#include "unit/unit.h"

#include <dirent.h>
#include <stdio.h>

#define STORIES "tests/unit/ims_alg/stories"

enum { TEXT_MAX = 65536, BODIES_AT_LEAST = 100 };

static struct {
	struct alg_policy policy;
	struct alg_ue ue;
	struct alg_session now, next, then;
	enum alg_side from;
	bool offer, lf, open;
	int verdict;
	struct alg_trouble trouble;
	char in[TEXT_MAX], out[TEXT_MAX];
	size_t in_len, out_len;
	const char *name, *file;
	int line;
	int end_seen[ALG_SIDES]; /* streams that "access", "core" looked at */
} t;

static unsigned stories, bodies;

#define STORY_ASSERT(cond, ...)                                                                    \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: %s: ", t.file, t.line, t.name);                    \
			fprintf(stderr, __VA_ARGS__);                                              \
			fputc('\n', stderr);                                                       \
			ck_abort_msg("%s:%d: %s", t.file, t.line, t.name);                         \
		}                                                                                  \
	} while (0)

/* ---- settings ---- */

static void set(struct slice key, struct slice v)
{
	struct alg_policy *p = &t.policy;
	bool yes = slice_eq(v, SLICE_LIT("yes")), ok = true;
	enum fingerprint_hash hash;
	enum alg_when when;

#define IS(name) slice_eq(key, SLICE_LIT(name))
	if (IS("announced"))
		ok = mediasec_parse(v, &t.ue.mechs) == 0;
	else if (IS("when")) {
		ok = alg_when_parse(v, &when) == 0;
		for (int k = 0; k < ALG_KINDS; k++)
			p->when[k] = when;
	} else if (IS("plain"))
		ok = alg_plain_parse(v, &p->plain) == 0;
	else if (IS("filter"))
		ok = alg_filter_parse(v, &p->filter[ALG_ACCESS]) == 0 &&
		     alg_filter_parse(v, &p->filter[ALG_CORE]) == 0;
	else if (IS("roles"))
		ok = alg_roles_parse(v, &p->roles) == 0;
	else if (IS("refuse"))
		ok = alg_refuse_parse(v, &p->refuse) == 0;
	else if (IS("stranger"))
		ok = alg_stranger_parse(v, &p->stranger) == 0;
	else if (IS("unserved"))
		ok = alg_unserved_parse(v, &p->unserved) == 0;
	else if (IS("origin"))
		ok = alg_origin_parse(v, &p->origin) == 0;
	else if (IS("suites"))
		ok = alg_suites_parse(v, &p->suites) == 0;
	else if (IS("hash")) {
		ok = fingerprint_hash_parse(v, &hash) == 0;
		p->hash = ok ? hash : p->hash;
	} else if (IS("core"))
		p->family[ALG_CORE] = slice_eq(v, SLICE_LIT("6")) ? 6 : 4;
	else if (IS("phone"))
		t.ue.family = slice_eq(v, SLICE_LIT("6")) ? 6 : 4;
	else if (IS("agnostic"))
		p->agnostic = yes;
	else if (IS("delayed"))
		p->delayed = yes;
	else if (IS("late-access"))
		p->late_access = yes;
	else if (IS("skip-active"))
		p->skip_active = yes;
	else if (IS("sha1"))
		p->allow_sha1 = yes;
	else if (IS("any-signalling"))
		p->any_signalling = yes;
	else if (IS("path-mismatch"))
		p->path_mismatch = yes;
	else if (IS("dtls"))
		p->dtls = yes;
	else if (IS("dtls-mux"))
		p->dtls_mux = yes;
	else if (IS("protected"))
		t.ue.protected_hop = yes;
	else if (IS("nat"))
		t.ue.nat = yes;
	else if (IS("emergency"))
		t.ue.emergency = yes;
	else if (IS("lf"))
		t.lf = yes;
	else
		ok = false;
#undef IS
	STORY_ASSERT(ok, "set %.*s", (int)key.len, key.p);
}

static void begin(const char *name)
{
	static const uint8_t random[18] = "token for tls-ids";
	static char kept[256];

	snprintf(kept, sizeof(kept), "%s", name);
	t.name = kept;
	alg_policy_init(&t.policy);
	t.ue = (struct alg_ue){.protected_hop = true, .family = 4};
	alg_session_init(&t.now, random);
	t.open = t.lf = false;
	t.verdict = 99;
	t.end_seen[0] = t.end_seen[1] = 0;
	stories++;
}

/* ---- what holds for every body ---- */

static struct sdp_body before, after;

static void parse(struct slice text, struct sdp_body *b)
{
	int rc = sdp_body_parse(text, NULL, 0, b);

	STORY_ASSERT(rc == 0, "%s", sdp_strerror(rc));
}

/* Lines of which nothing is ours: not o=, c=, k=, m=, and no attribute of attr.h. */
static bool untouched(const struct sdp_line *l)
{
	return l->type && !strchr("ockm", l->type) &&
	       (l->type != 'a' || !alg_attr_of(sdp_attr_split(l->value).name) ||
		alg_attr_of(sdp_attr_split(l->value).name) == ALG_ATTR_DIRECTION);
}

static void unknown_lines_are_the_same(void)
{
	int j = 0;

	for (int i = 0; i < before.lines; i++) {
		if (!untouched(&before.line[i]))
			continue;
		while (j < after.lines && !untouched(&after.line[j]))
			j++;
		STORY_ASSERT(j < after.lines && slice_eq(before.line[i].value, after.line[j].value),
			     "lost: %.*s", (int)before.line[i].raw.len, before.line[i].raw.p);
		j++;
	}
	while (j < after.lines && !untouched(&after.line[j]))
		j++;
	STORY_ASSERT(j == after.lines, "new: %.*s", (int)after.line[j].raw.len,
		     after.line[j].raw.p);
}

static void writing_again_changes_nothing(struct alg_session *s)
{
	static char again[TEXT_MAX];
	size_t len;
	int rc = alg_body_write(&t.policy, s, t.from, t.offer, &before, again, sizeof(again), &len);

	STORY_ASSERT(rc == 0 && slice_eq(slice_make(again, len), slice_make(t.out, t.out_len)),
		     "the same body comes out otherwise");
	rc = alg_body_write(&t.policy, s, t.from, t.offer, &after, again, sizeof(again), &len);
	STORY_ASSERT(rc == 0 && slice_eq(slice_make(again, len), slice_make(t.out, t.out_len)),
		     "what was written is changed when it comes again:\n%.*s", (int)len, again);
}

/* ---- steps ---- */

static void write_body(struct alg_session *s)
{
	int rc = alg_body_write(&t.policy, s, t.from, t.offer, &before, t.out, sizeof(t.out),
				&t.out_len);

	STORY_ASSERT(rc == 0, "write: %s", sdp_strerror(rc));
	parse(slice_make(t.out, t.out_len), &after);
	STORY_ASSERT(after.mlines == before.mlines, "m-lines");
	unknown_lines_are_the_same();
	writing_again_changes_nothing(s);
}

static void read_offer(const char *side)
{
	static struct alg_media ask;

	t.from = strcmp(side, "core") == 0 ? ALG_CORE : ALG_ACCESS;
	t.offer = true;
	t.next = t.now;
	t.verdict = alg_offer_read(&t.policy, &t.ue, &t.next, t.from, &before, &t.trouble);
	if (t.verdict < 0 || t.verdict == ALG_PASS)
		return;
	if (alg_media_reserve(&t.now.media, &t.next.media, &ask)) {
		gateway_give(&ask);
		alg_media_take(&t.next.media, &ask);
	}
	write_body(&t.next);
}

static void read_answer(void)
{
	t.from = alg_other_side(t.next.offerer);
	t.offer = false;
	t.then = t.next;
	t.verdict = alg_answer_read(&t.policy, &t.ue, &t.then, &before, &t.trouble);
	if (t.verdict < 0)
		return;
	if (t.verdict != ALG_PASS) {
		gateway_give(&t.then.media);
		write_body(&t.then);
	}
	t.now = t.then;
}

static void expect_body(const char *text, size_t len)
{
	static char want[TEXT_MAX];
	size_t n = gateway_expand(text, len, false, want, sizeof(want));

	STORY_ASSERT(slice_eq(slice_make(want, n), slice_make(t.out, t.out_len)),
		     "written:\n%.*s\nnot:\n%s", (int)t.out_len, t.out, want);
}

static void expect_trouble(int verdict, const char *rest)
{
	char problem[128];
	int line = -1;

	STORY_ASSERT(t.verdict == verdict, "verdict %d, problem %s", t.verdict,
		     alg_problem_text(t.trouble.problem));
	STORY_ASSERT(sscanf(rest, "%d %127[^\n]", &line, problem) == 2, "LINE PROBLEM expected");
	STORY_ASSERT(t.trouble.line == line &&
			 strcmp(alg_problem_text(t.trouble.problem), problem) == 0,
		     "line %d: %s", t.trouble.line, alg_problem_text(t.trouble.problem));
}

static void expect_end(enum alg_side side, const char *text)
{
	const struct alg_media *m = t.offer ? &t.next.media : &t.then.media;
	static char want[4096];
	char got[1024];
	int skip = t.end_seen[side]++;

	gateway_expand(text, strlen(text), true, want, sizeof(want));
	for (unsigned i = 0; i < m->streams; i++) {
		if (!m->stream[i].live || skip--)
			continue;
		gateway_text(&m->stream[i], side, got);
		STORY_ASSERT(strcmp(got, want) == 0, "%s\n  is  %s\n  not %s", alg_side_name(side),
			     got, want);
		return;
	}
	STORY_ASSERT(0, "no such stream");
}

/* ---- files ---- */

static void take_body(bool input, const char *text, size_t len)
{
	if (!input) {
		expect_body(text, len);
		return;
	}
	t.in_len = gateway_expand(text, len, t.lf, t.in, sizeof(t.in));
	parse(slice_make(t.in, t.in_len), &before);
	t.end_seen[0] = t.end_seen[1] = 0;
	bodies++;
}

static bool word_is(char *line, const char *word, char **rest)
{
	size_t n = strlen(word);

	if (strncmp(line, word, n) || (line[n] && line[n] != ' '))
		return false;
	*rest = line + n + (line[n] == ' ');
	return true;
}

static void set_all(char *rest)
{
	for (char *w = strtok(rest, " "); w; w = strtok(NULL, " ")) {
		char *eq = strchr(w, '=');

		STORY_ASSERT(eq, "KEY=VALUE expected");
		set(slice_make(w, (size_t)(eq - w)), slice_str(eq + 1));
	}
}

/* The lines up to "." */
static const char *cut_body(char **text, size_t *len)
{
	char *from = *text, *end = strstr(from, "\n.\n");

	STORY_ASSERT(end, "a body without its end");
	*len = (size_t)(end + 1 - from);
	*text = end + 3;
	for (size_t i = 0; i < *len + 2; i++)
		t.line += from[i] == '\n';
	return from;
}

static void step(char *line, char **text)
{
	char *rest;
	const char *body;
	size_t len;

	if (!line[0] || line[0] == '#')
		return;
	if (word_is(line, "==", &rest))
		begin(rest);
	else if (word_is(line, "rows", &rest))
		return;
	else if (word_is(line, "set", &rest))
		set_all(rest);
	else if (word_is(line, "offer", &rest)) {
		body = cut_body(text, &len);
		take_body(true, body, len);
		read_offer(rest);
	} else if (word_is(line, "answer", &rest)) {
		body = cut_body(text, &len);
		take_body(true, body, len);
		read_answer();
	} else if (word_is(line, "sent", &rest) || word_is(line, "same", &rest)) {
		STORY_ASSERT(t.verdict == (line[1] == 'e' ? ALG_OK : ALG_SAME), "verdict %d: %s",
			     t.verdict, alg_problem_text(t.trouble.problem));
		body = cut_body(text, &len);
		take_body(false, body, len);
	} else if (word_is(line, "passed", &rest))
		STORY_ASSERT(t.verdict == ALG_PASS, "verdict %d", t.verdict);
	else if (word_is(line, "refused", &rest))
		expect_trouble(ALG_REFUSE, rest);
	else if (word_is(line, "bad", &rest))
		expect_trouble(ALG_BAD_ANSWER, rest);
	else if (word_is(line, "access", &rest))
		expect_end(ALG_ACCESS, rest);
	else if (word_is(line, "core", &rest))
		expect_end(ALG_CORE, rest);
	else if (word_is(line, "nothing", &rest))
		STORY_ASSERT(!alg_media_live(t.offer ? &t.next.media : &t.then.media),
			     "something lives");
	else if (word_is(line, "later", &rest))
		STORY_ASSERT(!t.next.media.side_wanted[ALG_ACCESS] &&
				 t.next.media.side_wanted[ALG_CORE],
			     "both sides are wanted");
	else if (word_is(line, "merged", &rest))
		STORY_ASSERT(t.then.media.merged && t.then.media.side_wanted[ALG_ACCESS],
			     "not merged");
	else if (word_is(line, "rollback", &rest))
		t.next = t.now;
	else
		STORY_ASSERT(0, "what is this: %s", line);
}

static void play(const char *path)
{
	static char text[4 * TEXT_MAX];
	FILE *f = fopen(path, "r");
	size_t n;
	char *p = text;

	ck_assert_msg(f != NULL, "%s", path);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	ck_assert_msg(n < sizeof(text) - 1, "%s is too long", path);
	text[n] = '\0';
	t.file = path;
	t.line = 0;
	t.name = "?";
	while (*p) {
		char *line = p, *end = strchr(p, '\n');

		ck_assert_msg(end != NULL, "%s: the last line has no end", path);
		*end = '\0';
		p = end + 1;
		t.line++;
		step(line, &p);
	}
}

START_TEST(every_body_becomes_what_its_story_says)
{
	DIR *d = opendir(STORIES);
	struct dirent *e;

	ck_assert_msg(d != NULL, "%s", STORIES);
	while ((e = readdir(d)) != NULL) {
		char path[512];

		if (!strstr(e->d_name, ".txt"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", STORIES, e->d_name);
		play(path);
	}
	closedir(d);
	printf("%u stories, %u bodies\n", stories, bodies);
	fflush(stdout);
	ck_assert_uint_ge(bodies, BODIES_AT_LEAST);
}
END_TEST

UNIT_MAIN("ims_alg stories", every_body_becomes_what_its_story_says)
