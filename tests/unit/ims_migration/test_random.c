/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random dialogs of 20 messages, in both directions, with identities in all places and spellings: none of the primary's is ever on
 * the wire, none of the wire's at the phones, and what has crossed is the same after a way there and back. How it is looked for shares
 * nothing with the swap.
 */
#include "golden.h"

#include <stdarg.h>

enum { DIALOGS = 400, MESSAGES = 20 };

static struct rig_border home, partner;
static struct rig_text inside, wire, there, again;
static uint64_t seed;

static unsigned pick(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

struct person {
	const char *user[3], *host[3];
};
static const struct person people[] = {
    {{"alice", NULL, "mnaaaaaaaaaaaaaaaaaaaaaaaaa"}, {"home1.net", NULL, "in.partner1.net"}},
    {{"carol.smith", NULL, "mnddddddddddddddddddddddddd"}, {"home1.net", NULL, "in.partner1.net"}},
    {{"alice_private", NULL, "mnbbbbbbbbbbbbbbbbbbbbbbbbb"},
     {"home1.net", NULL, "in.partner1.net"}},
    {{"bob", NULL, "bob"}, {"partner1.net", NULL, "partner1.net"}},
    {{"dave", NULL, "dave"}, {"home1.net", NULL, "home1.net"}},
};

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	inside.len += (size_t)vsnprintf(inside.text + inside.len, sizeof(inside.text) - inside.len,
					format, ap);
	va_end(ap);
}

/* A word in one of its spellings; odd: also such that do not come back in the same octets. */
static const char *spelt(const char *word, bool odd)
{
	static char out[4][512];
	static int turn;
	char *to = out[turn++ % 4];
	size_t n = 0, len = strlen(word);

	for (size_t i = 0; i < len; i++) {
		if (odd && pick(6) == 0)
			n += (size_t)sprintf(to + n, pick(2) ? "%%%02X" : "%%25%02X",
					     (unsigned char)word[i]);
		else
			to[n++] = word[i];
	}
	to[n] = '\0';
	return to;
}

static void put_name(int side, bool odd)
{
	const struct person *p = &people[pick(sizeof(people) / sizeof(people[0]))];
	const char *user = spelt(p->user[side], odd), *host = p->host[side];

	switch (pick(8)) {
	case 0:
		put("sips:%s@%s", user, host);
		break;
	case 1:
		put("sip:%s@%s:5070;transport=tcp", user, host);
		break;
	case 2:
		put("sip%%3A%s%%40%s", user, host);
		break;
	case 3:
		put("%s@%s", user, host);
		break;
	case 4:
		put("sip:%s@10.%s", user, "0.0.5:5062;ob");
		break;
	case 5:
		if (side == GOLDEN_HOME)
			put(odd ? "tel:+49-30(123)456%s%s" : "tel:+4930123456%s%s", "", "");
		else
			put("sip:mnccccccccccccccccccccccccc@%s%s", "in.partner1.net", "");
		break;
	default:
		put("sip:%s@%s", user, host);
		break;
	}
}

static void put_header(int side, bool odd)
{
	static const char *const names[] = {"P-Asserted-Identity",
					    "From",
					    "To",
					    "Contact",
					    "f",
					    "m",
					    "Refer-To",
					    "Referred-By",
					    "History-Info",
					    "Diversion",
					    "Reply-To",
					    "Path",
					    "X-Else",
					    "P-Called-Party-ID"};

	put("%s: %s", names[pick(sizeof(names) / sizeof(names[0]))],
	    pick(3) ? "" : "\"Some Name\" ");
	for (unsigned n = 1 + pick(3); n; n--) {
		put("<%s%s", "", "");
		put_name(side, odd);
		put(">%s%s", pick(2) ? ";tag=x" : "", n > 1 ? (pick(4) ? ", " : ",\r\n ") : "");
	}
	put("\r\n%s%s", "", "");
}

static void put_body(int side, bool odd)
{
	static const struct {
		const char *type, *before, *behind;
	} kinds[] = {{"text/plain", "Hello ", "!\r\n"},
		     {"application/sdp", "v=0\r\no=- 1 1 IN IP4 h\r\ns=", "\r\n"},
		     {"application/pidf+xml", "<a b=\"", "\">&amp;</a>"},
		     {"message/sipfrag", "SIP/2.0 200 OK\r\nFrom: <", ">\r\n"},
		     {"multipart/mixed;boundary=b", "--b\r\nContent-Type: text/plain\r\n\r\n<",
		      ">\r\n--b--\r\n"}};
	unsigned k = pick(sizeof(kinds) / sizeof(kinds[0]));
	size_t length_at, from, n;
	char number[8];

	put("Content-Type: %s\r\nContent-Length: %s", kinds[k].type, "");
	length_at = inside.len;
	put("000\r\n\r\n%s%s", kinds[k].before, "");
	from = length_at + 7;
	put_name(side, odd);
	put(" %s%s", "", "");
	put_name(side, odd);
	put("%s%s", kinds[k].behind, "");
	n = inside.len - from;
	snprintf(number, sizeof(number), "%03zu", n);
	memcpy(inside.text + length_at, number, 3);
	/* As a message would write it, so that it comes back. */
	if (n < 100) {
		memmove(inside.text + length_at, inside.text + length_at + 1,
			inside.len - length_at - 1);
		inside.len--;
	}
}

static void make(int side, unsigned turn, bool odd)
{
	static const char *const methods[] = {"INVITE", "ACK",	  "UPDATE", "INFO",
					      "REFER",	"NOTIFY", "BYE",    "PRACK"};

	inside.len = 0;
	if (turn % 2)
		put("SIP/2.0 200 OK%s%s\r\n", "", "");
	else {
		put("%s %s", methods[pick(8)], "");
		put_name(side, false);
		put(" SIP/2.0%s%s\r\n", "", "");
	}
	put("Via: SIP/2.0/UDP h;branch=z9hG4bK%s%s\r\n", "1", "");
	for (unsigned n = 3 + pick(8); n; n--)
		put_header(side, odd);
	put_body(side, odd);
}

static int digit(int c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* All escapes away, all letters small, and what may stand in a number between its digits, too: is the word there? */
static bool seen(const struct rig_text *t, const char *word)
{
	static char flat[RIG_ROOM];
	size_t n = t->len, k;
	bool more = true;

	memcpy(flat, t->text, n);
	while (more) {
		more = false;
		k = 0;
		for (size_t i = 0; i < n; i++) {
			if (flat[i] == '%' && i + 2 < n && digit(flat[i + 1]) >= 0 &&
			    digit(flat[i + 2]) >= 0) {
				flat[k++] = (char)(digit(flat[i + 1]) << 4 | digit(flat[i + 2]));
				i += 2;
				more = true;
			} else if (!strchr("-()", flat[i]) || !flat[i]) {
				flat[k++] = flat[i] >= 'A' && flat[i] <= 'Z'
						? (char)(flat[i] | 0x20)
						: flat[i];
			}
		}
		n = k;
	}
	return memmem(flat, n, word, strlen(word)) != NULL;
}

static void none_of(const struct rig_text *t, const char *const *words, const char *where)
{
	for (; *words; words++)
		ck_assert_msg(!seen(t, *words), "%s is seen %s:\n%.*s", *words, where, (int)t->len,
			      t->text);
}

static bool equal(const struct rig_text *a, const struct rig_text *b)
{
	return a->len == b->len && !memcmp(a->text, b->text, a->len);
}

/* One message from one side. 1: it crossed. */
static int cross(int side, unsigned turn, bool odd)
{
	static const char *const of_home[] = {"alice@home1", "alice_private", "carol.smith",
					      "4930123456",  "alice@10.",     NULL},
				 *const of_partner[] = {"mnaaa", "mnbbb",	"mnccc",
							"mnddd", "in.partner1", NULL},
				 *const of_wire[] = {"maaaa", "mbbbb",	   "mcccc",
						     "mdddd", "out.home1", NULL};
	const struct rig_border *near = side == GOLDEN_HOME ? &home : &partner,
				*far = side == GOLDEN_HOME ? &partner : &home;
	enum migration_verdict v;

	make(side, turn, odd);
	v = rig_swap(near, MIGRATION_OUT, rig_slice(&inside), &wire);
	if (v != MIGRATION_OK)
		return 0;
	none_of(&wire, side == GOLDEN_HOME ? of_home : of_partner, "on the wire");
	v = rig_swap(far, MIGRATION_IN, rig_slice(&wire), &there);
	ck_assert_msg(v == MIGRATION_OK, "%s:\n%.*s", migration_verdict_name(v), (int)wire.len,
		      wire.text);
	none_of(&there, of_wire, "behind the far border");
	ck_assert_int_eq(rig_swap(far, MIGRATION_OUT, rig_slice(&there), &again), MIGRATION_OK);
	ck_assert_msg(equal(&again, &wire), "the far border, there and back:\n%.*s\nwas\n%.*s",
		      (int)again.len, again.text, (int)wire.len, wire.text);
	ck_assert_int_eq(rig_swap(near, MIGRATION_IN, rig_slice(&wire), &again), MIGRATION_OK);
	none_of(&again, of_wire, "behind the near border");
	if (!odd)
		ck_assert_msg(equal(&again, &inside), "there and back:\n%.*s\nwas\n%.*s",
			      (int)again.len, again.text, (int)inside.len, inside.text);
	return 1;
}

static void play(bool odd)
{
	unsigned crossed = 0;

	golden_borders(&home, &partner);
	seed = odd ? 88172645463325252ull : 1181783497276652981ull;
	for (unsigned d = 0; d < DIALOGS; d++)
		for (unsigned m = 0; m < MESSAGES; m++)
			crossed +=
			    (unsigned)cross(m / 2 % 2 ? GOLDEN_PARTNER : GOLDEN_HOME, m, odd);
	printf("%u of %d messages crossed\n", crossed, DIALOGS * MESSAGES);
	/* Most must, or nothing is shown. */
	ck_assert_uint_ge(crossed, DIALOGS * MESSAGES * 9 / 10);
	rig_border_free(&home);
	rig_border_free(&partner);
}

START_TEST(random_dialogs_show_nothing_and_come_back)
{
	play(false);
}
END_TEST

START_TEST(random_spellings_show_nothing)
{
	play(true);
}
END_TEST

UNIT_MAIN_WITHIN(60, "ims_migration: random dialogs", random_dialogs_show_nothing_and_come_back,
		 random_spellings_show_nothing)
