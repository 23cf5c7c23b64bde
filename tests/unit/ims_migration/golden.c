/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "golden.h"

#include <dirent.h>

#define FOLDER "tests/unit/ims_migration/golden"

/* ${..}: what each side writes. */
static const struct {
	const char *key, *text[GOLDEN_SIDES];
} places[] = {
    {"a.user", {"alice", "maaaaaaaaaaaaaaaaaaaaaaaaaa", "mnaaaaaaaaaaaaaaaaaaaaaaaaa"}},
    {"a.host", {"home1.net", "out.home1.net", "in.partner1.net"}},
    {"a.uri",
     {"sip:alice@home1.net", "sip:maaaaaaaaaaaaaaaaaaaaaaaaaa@out.home1.net",
      "sip:mnaaaaaaaaaaaaaaaaaaaaaaaaa@in.partner1.net"}},
    {"a.euri",
     {"sip%3Aalice%40home1.net", "sip%3Amaaaaaaaaaaaaaaaaaaaaaaaaaa%40out.home1.net",
      "sip%3Amnaaaaaaaaaaaaaaaaaaaaaaaaa%40in.partner1.net"}},
    {"a.eeuri",
     {"sip%253Aalice%2540home1.net", "sip%253Amaaaaaaaaaaaaaaaaaaaaaaaaaa%2540out.home1.net",
      "sip%253Amnaaaaaaaaaaaaaaaaaaaaaaaaa%2540in.partner1.net"}},
    {"a.impi",
     {"alice_private@home1.net", "mbbbbbbbbbbbbbbbbbbbbbbbbbb@out.home1.net",
      "mnbbbbbbbbbbbbbbbbbbbbbbbbb@in.partner1.net"}},
    {"a.tel",
     {"tel:+4930123456", "sip:mccccccccccccccccccccccccccc@out.home1.net",
      "sip:mnccccccccccccccccccccccccc@in.partner1.net"}},
    {"a.num", {"+4930123456", "mccccccccccccccccccccccccccc", "mnccccccccccccccccccccccccc"}},
    {"a.telsip",
     {"sip:+4930123456@home1.net;user=phone",
      "sip:mccccccccccccccccccccccccccc@out.home1.net;user=phone",
      "sip:mnccccccccccccccccccccccccc@in.partner1.net;user=phone"}},
    {"c.user", {"carol.smith", "mdddddddddddddddddddddddddd", "mnddddddddddddddddddddddddd"}},
    {"c.host", {"home1.net", "out.home1.net", "in.partner1.net"}},
    {"c.uri",
     {"sip:carol.smith@home1.net", "sip:mdddddddddddddddddddddddddd@out.home1.net",
      "sip:mnddddddddddddddddddddddddd@in.partner1.net"}},
};
enum { PLACES = sizeof(places) / sizeof(places[0]) };

static const char *text_of(const char *key, enum golden_side side)
{
	for (int i = 0; i < PLACES; i++)
		if (!strcmp(places[i].key, key))
			return places[i].text[side];
	ck_abort_msg("no place %s", key);
	return NULL;
}

static void bind(struct rig_border *b, enum golden_side inside)
{
	const char *alice[7] = {0}, *carol[5] = {0};
	static const char *const keys[] = {"a.impi", "a.uri", "a.tel"};
	const struct migration_list wire = {1, {SLICE_LIT("out.home1.net")}},
				    in = {1, {SLICE_LIT("in.partner1.net")}};

	for (int i = 0; i < 3; i++) {
		alice[2 * i] = text_of(keys[i], inside);
		alice[2 * i + 1] = text_of(keys[i], GOLDEN_WIRE);
	}
	carol[0] = inside == GOLDEN_HOME ? "carol@home1.net"
					 : "mneeeeeeeeeeeeeeeeeeeeeeeee@in.partner1.net";
	carol[1] = "meeeeeeeeeeeeeeeeeeeeeeeeee@out.home1.net";
	carol[2] = text_of("c.uri", inside);
	carol[3] = text_of("c.uri", GOLDEN_WIRE);
	ck_assert_int_eq(rig_bind(b, "alice", alice), 0);
	ck_assert_int_eq(rig_bind(b, "carol", carol), 0);
	b->policy.wire_domains = wire;
	if (inside == GOLDEN_PARTNER)
		b->policy.inside_domains = in;
}

void golden_borders(struct rig_border *home, struct rig_border *partner)
{
	rig_border_init(home);
	rig_border_init(partner);
	bind(home, GOLDEN_HOME);
	bind(partner, GOLDEN_PARTNER);
}

static void put(struct rig_text *out, const char *text, size_t len)
{
	ck_assert_uint_lt(out->len + len, sizeof(out->text));
	memcpy(out->text + out->len, text, len);
	out->len += len;
}

/* ${len} is what follows the first empty line, ${plen} what stands between the next empty line and ${pend}. They are
 * filled in from behind. */
static void fill(struct rig_text *out, const char *key)
{
	for (char *at; (at = memmem(out->text, out->len, key, strlen(key)));) {
		char *end = out->text + out->len, *from, *to = end, number[16];
		size_t n, rest;

		from = memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
		ck_assert_ptr_nonnull(from);
		if (!strcmp(key, "${plen}")) {
			to = memmem(from, (size_t)(end - from), "${pend}\r\n", 9);
			ck_assert_ptr_nonnull(to);
			memmove(to, to + 9, (size_t)(end - to) - 9);
			out->len -= 9;
			end -= 9;
		}
		n = (size_t)snprintf(number, sizeof(number), "%zu", (size_t)(to - from) - 4);
		rest = (size_t)(end - at) - strlen(key);
		memmove(at + n, at + strlen(key), rest);
		memcpy(at, number, n);
		out->len = (size_t)(at - out->text) + n + rest;
	}
}

void golden_write(struct slice template, enum golden_side side, struct rig_text *out)
{
	out->len = 0;
	for (size_t i = 0; i < template.len; i++) {
		const char *end;
		char key[32] = "";

		if (template.p[i] == '\n')
			put(out, "\r", 1);
		if (template.p[i] != '$' || template.p[i + 1] != '{' ||
		    !(end = memchr(template.p + i, '}', template.len - i)) ||
		    template.p[i + 3] != '.') {
			put(out, template.p + i, 1);
			continue;
		}
		memcpy(key, template.p + i + 2, (size_t)(end - template.p) - i - 2);
		put(out, text_of(key, side), strlen(text_of(key, side)));
		i = (size_t)(end - template.p);
	}
	fill(out, "${plen}");
	fill(out, "${len}");
}

static int is_template(const struct dirent *e)
{
	return strstr(e->d_name, ".txt") != NULL;
}

unsigned golden_each(void (*f)(const char *name, struct slice template, void *arg), void *arg)
{
	struct dirent **list;
	int n = scandir(FOLDER, &list, is_template, alphasort);

	ck_assert_msg(n > 0, "run it from the top of the tree: no " FOLDER);
	for (int i = 0; i < n; i++) {
		static char text[RIG_ROOM];
		char path[512];
		size_t len;
		FILE *file;

		snprintf(path, sizeof(path), FOLDER "/%s", list[i]->d_name);
		file = fopen(path, "rb");
		ck_assert_ptr_nonnull(file);
		len = fread(text, 1, sizeof(text), file);
		fclose(file);
		f(list[i]->d_name, slice_make(text, len), arg);
		free(list[i]);
	}
	free(list);
	return (unsigned)n;
}
