/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/core/flow_identities.h"
#include "modules/ims_flow/core/identity.h"

/* Made anew aside: who came when, and which lines belong to which address of record. */
struct lists {
	char aors[FLOW_AORS_MAX];
	unsigned n_aors;
	char impus[FLOW_IMPUS_MAX];
	uint8_t of[FLOW_IMPU_LINES]; /* the address of record */
	unsigned n_impus;
};

static bool same(struct slice a, struct slice b)
{
	return slice_eq(a, b) || flow_identity_same(a, b);
}

static bool add_line(char *lines, size_t size, struct slice line)
{
	size_t at = strlen(lines);

	if (!line.len || at + line.len + 2 > size)
		return false;
	if (at)
		lines[at++] = '\n';
	memcpy(lines + at, line.p, line.len);
	lines[at + line.len] = '\0';
	return true;
}

static bool add_aor(struct lists *l, struct slice aor)
{
	if (l->n_aors == FLOW_AORS_COUNT || !add_line(l->aors, sizeof(l->aors), aor))
		return false;
	l->n_aors++;
	return true;
}

/* To the address of record that was added last. */
static void add_impu(struct lists *l, struct slice impu)
{
	if (l->n_impus < FLOW_IMPU_LINES && add_line(l->impus, sizeof(l->impus), impu))
		l->of[l->n_impus++] = (uint8_t)(l->n_aors - 1);
}

static void add_impus(struct lists *l, struct slice impus)
{
	while (impus.p)
		add_impu(l, slice_trim(slice_cut(&impus, '\n')));
}

static void add_impus_of(struct lists *l, const struct flow_set *f, unsigned aor)
{
	struct slice all = slice_str(f->impus);

	for (unsigned i = 0; i < FLOW_IMPU_LINES && all.len; i++) {
		struct slice impu = slice_cut(&all, '\n');

		if (f->impu_aors[i] == aor)
			add_impu(l, impu);
	}
}

static void store(struct flow_set *f, const struct lists *l)
{
	memcpy(f->aors, l->aors, sizeof(f->aors));
	memcpy(f->impus, l->impus, sizeof(f->impus));
	memcpy(f->impu_aors, l->of, sizeof(f->impu_aors));
}

void flow_identities_clear(struct flow_set *f)
{
	f->aors[0] = f->impus[0] = '\0';
	memset(f->impu_aors, 0, sizeof(f->impu_aors));
}

bool flow_identities_have(const struct flow_set *f, struct slice aor)
{
	struct slice all = slice_str(f->aors);

	while (all.len)
		if (same(slice_cut(&all, '\n'), aor))
			return true;
	return false;
}

bool flow_identities_set(struct flow_set *f, struct slice aor, struct slice impus)
{
	struct lists l = {.n_aors = 0};
	struct slice all = slice_str(f->aors);
	bool known = false;

	for (unsigned i = 0; all.len; i++) {
		struct slice one = slice_cut(&all, '\n');

		if (!add_aor(&l, one))
			return false;
		if (same(one, aor)) {
			known = true;
			add_impus(&l, impus);
		} else {
			add_impus_of(&l, f, i);
		}
	}
	if (!known) {
		if (!add_aor(&l, aor))
			return false;
		add_impus(&l, impus);
	}
	store(f, &l);
	return true;
}

static bool listed(const char *lines, struct slice line)
{
	struct slice all = slice_str(lines);

	while (all.len)
		if (slice_eq(slice_cut(&all, '\n'), line))
			return true;
	return false;
}

void flow_identities_text(const struct flow_set *f, char out[FLOW_IMPUS_MAX])
{
	struct slice all = slice_str(f->impus);

	out[0] = '\0';
	while (all.len) {
		struct slice impu = slice_cut(&all, '\n');

		if (!listed(out, impu))
			add_line(out, FLOW_IMPUS_MAX, impu);
	}
}

bool flow_identities_drop(struct flow_set *f, struct slice aor)
{
	struct lists l = {.n_aors = 0};
	struct slice all = slice_str(f->aors);

	for (unsigned i = 0; all.len; i++) {
		struct slice one = slice_cut(&all, '\n');

		if (!same(one, aor) && add_aor(&l, one))
			add_impus_of(&l, f, i);
	}
	store(f, &l);
	return l.n_aors > 0;
}
