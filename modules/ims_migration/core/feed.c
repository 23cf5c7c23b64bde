/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_migration/core/feed.h"

#include <time.h>

int migration_time_parse(struct slice text, int64_t *out)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";
	int v[6] = {0}, n = 0;
	struct tm tm = {0};

	if (text.len != sizeof(shape) - 1)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (shape[i] == 'd' && (text.p[i] < '0' || text.p[i] > '9'))
			return -1;
		if (shape[i] != 'd' && text.p[i] != shape[i])
			return -1;
		if (shape[i] == 'd')
			v[n] = v[n] * 10 + text.p[i] - '0';
		else
			n++;
	}
	tm.tm_year = v[0] - 1900;
	tm.tm_mon = v[1] - 1;
	tm.tm_mday = v[2];
	tm.tm_hour = v[3];
	tm.tm_min = v[4];
	tm.tm_sec = v[5];
	if (v[0] < 1970 || v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31 || v[3] > 23 ||
	    v[4] > 59 || v[5] > 60)
		return -1;
	*out = timegm(&tm);
	return 0;
}

/* "word=value": the value, or nothing. */
static struct slice value_of(struct slice word, const char *name)
{
	size_t n = strlen(name);

	return word.len > n && word.p[n] == '=' && memcmp(word.p, name, n) == 0
		   ? slice_make(word.p + n + 1, word.len - n - 1)
		   : SLICE_NULL;
}

/* "IMPI,IMPU,..": names on both sides, one by one. */
static int pair_names(struct slice inside, struct slice wire, struct migration_binding *b)
{
	b->n = 0;
	while (inside.p) {
		struct migration_pair *p = &b->pair[b->n];
		struct slice in = slice_cut(&inside, ','),
			     out = wire.p ? slice_cut(&wire, ',') : SLICE_NULL;

		if (b->n == MIGRATION_NAMES_MAX || migration_name_parse(in, &p->inside))
			return -1;
		p->wire = (struct migration_name){0};
		if (out.len && migration_name_parse(out, &p->wire))
			return -1;
		/* The first is the private identity, and no other. */
		if ((p->inside.kind == MIGRATION_NAI) != (b->n == 0) ||
		    (out.len && (p->wire.kind == MIGRATION_NAI) != (b->n == 0)))
			return -1;
		b->n++;
	}
	return wire.p ? -1 : 0;
}

int migration_feed_line(struct slice line, struct migration_fed *out)
{
	struct slice seq = slice_cut(&line, ' '), id = slice_cut(&line, ' '),
		     side = slice_cut(&line, ' '), state = slice_cut(&line, ' ');
	struct slice expires = SLICE_NULL, own = SLICE_NULL, pair = SLICE_NULL,
		     inbound = SLICE_NULL, inside;
	bool away = slice_eq(side, SLICE_LIT("away"));

	*out = (struct migration_fed){0};
	if (slice_u64(seq, INT64_MAX, &out->seq) || id.len == 0 || id.len > MIGRATION_ID_MAX ||
	    (!away && !slice_eq(side, SLICE_LIT("here"))))
		return -1;
	while (line.p) {
		struct slice word = slice_cut(&line, ' ');
		const struct {
			const char *name;
			struct slice *to;
		} words[] = {{"partner", &out->partner},
			     {"expires", &expires},
			     {"own", &own},
			     {"pair", &pair},
			     {"inbound", &inbound}};

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (!words[i].to->p && value_of(word, words[i].name).p)
				*words[i].to = value_of(word, words[i].name);
		/* What follows is quoted text of others. */
		if (value_of(word, "inbound").p)
			break;
	}
	out->binding.id = id;
	out->binding.source = MIGRATION_BY_FEED;
	if (!out->partner.len || migration_time_parse(expires, &out->binding.expires))
		return -1;
	out->lives = slice_eq(state, SLICE_LIT("active")) || slice_eq(state, SLICE_LIT("pending"));
	inside = away ? own : inbound;
	/* What was only asked for has no names yet, and what is not hidden has none to hide. */
	if (!inside.len || !pair.len || slice_eq(inside, SLICE_LIT("-")) ||
	    slice_eq(pair, SLICE_LIT("-")) || slice_eq(inside, pair))
		return 0;
	return pair_names(inside, pair, &out->binding);
}
