/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/hss_talk.h"
#include "modules/ims_seamless_scscf/core/internal.h"

enum said { SAID_NOT_REGISTERED, SAID_REGISTERED, SAID_UNKNOWN };

struct word {
	struct word *next;
	struct slice impu;
	enum said said;	 /* what the HSS believes */
	unsigned out[2]; /* SARs without answer: that it is not registered, that it is */
	bool crossed;	 /* both kinds were out at once: their order is unknown */
	bool given_up;
	unsigned recalls;
};

struct scscf_hss_talk {
	struct scscf_hss_talk *hash_next;
	struct slice impi;
	unsigned under_way, pushes;
	size_t room_taken;
	struct word *words;
};

static struct scscf_hss_talk **find_talk(struct scscf_model *m, struct slice impi)
{
	struct scscf_hss_talk **at = &m->by_talk[scscf_bucket(m, impi)];

	for (; *at; at = &(*at)->hash_next) {
		m->counters.chain_steps++;
		if (slice_eq((*at)->impi, impi))
			break;
	}
	return at;
}

static struct word *find_word(const struct scscf_hss_talk *t, struct slice impu)
{
	struct word *w = t->words;

	while (w && !slice_eq(w->impu, impu))
		w = w->next;
	return w;
}

struct scscf_hss_talk *scscf_hss_begin(struct scscf_model *m, struct slice impi)
{
	struct scscf_hss_talk **at = find_talk(m, impi), *t = *at;

	if (!t) {
		t = scscf_store_alloc(&m->store, sizeof(*t));
		if (!t)
			return NULL;
		if (scscf_store_text(&m->store, impi, &t->impi)) {
			scscf_store_free(&m->store, t, sizeof(*t));
			return NULL;
		}
		*at = t;
	}
	t->under_way++;
	return t;
}

int scscf_hss_note(struct scscf_model *m, struct scscf_hss_talk *t, struct slice impu)
{
	struct word *w = find_word(t, impu);

	if (w)
		return 0;
	w = scscf_store_alloc(&m->store, sizeof(*w));
	if (!w)
		return SCSCF_MODEL_E_NOMEM;
	if (scscf_store_text(&m->store, impu, &w->impu)) {
		scscf_store_free(&m->store, w, sizeof(*w));
		return SCSCF_MODEL_E_NOMEM;
	}
	/* Nothing of it is under way: they agree. */
	w->said = scscf_set_is_bound(m, t->impi, impu) ? SAID_REGISTERED : SAID_NOT_REGISTERED;
	w->next = t->words;
	t->words = w;
	return 0;
}

void scscf_hss_asked(struct scscf_hss_talk *t, struct slice impu, bool registered)
{
	struct word *w = find_word(t, impu);

	if (!w)
		return;
	w->crossed = (w->crossed && (w->out[0] || w->out[1])) || w->out[!registered];
	w->out[registered]++;
	w->given_up = false;
}

void scscf_hss_answered(struct scscf_hss_talk *t, struct slice impu, bool registered,
			enum scscf_hss_answer answer)
{
	struct word *w = find_word(t, impu);

	if (!w)
		return;
	w->out[registered]--;
	w->given_up = answer == SCSCF_HSS_GIVEN_UP;
	if (answer == SCSCF_HSS_LOST || answer == SCSCF_HSS_GIVEN_UP || w->crossed)
		w->said = SAID_UNKNOWN;
	else if (answer == SCSCF_HSS_DONE)
		w->said = registered ? SAID_REGISTERED : SAID_NOT_REGISTERED;
}

/* Is the word about the set of one of these identities? */
static bool concerns(struct scscf_model *m, const struct scscf_hss_talk *t, const struct word *w,
		     const struct slice *impus, size_t n)
{
	const struct scscf_implicit_set *set = scscf_model_set(m, t->impi, w->impu);

	for (size_t i = 0; i < n; i++)
		if (slice_eq(impus[i], w->impu) ||
		    (set && scscf_model_set(m, t->impi, impus[i]) == set))
			return true;
	return !n;
}

void scscf_hss_recalled(struct scscf_model *m, struct slice impi, const struct slice *impus,
			size_t n)
{
	struct scscf_hss_talk *t = *find_talk(m, impi);

	for (struct word *w = t ? t->words : NULL; w; w = w->next) {
		if (!concerns(m, t, w, impus, n))
			continue;
		w->recalls++;
		w->crossed = w->out[1] > 0;
		w->said = w->crossed ? SAID_UNKNOWN : SAID_NOT_REGISTERED;
	}
}

unsigned scscf_hss_recalls(const struct scscf_hss_talk *t, struct slice impu)
{
	const struct word *w = find_word(t, impu);

	return w ? w->recalls : 0;
}

void scscf_hss_pushed(struct scscf_model *m, struct slice impi)
{
	struct scscf_hss_talk *t = *find_talk(m, impi);

	if (t)
		t->pushes++;
}

unsigned scscf_hss_pushes(const struct scscf_hss_talk *t)
{
	return t->pushes;
}

void scscf_hss_take_room(struct scscf_hss_talk *t, size_t octets)
{
	t->room_taken += octets;
}

void scscf_hss_give_room(struct scscf_hss_talk *t, size_t octets)
{
	t->room_taken -= octets;
}

size_t scscf_hss_room_taken(struct scscf_model *m, struct slice impi)
{
	const struct scscf_hss_talk *t = *find_talk(m, impi);

	return t ? t->room_taken : 0;
}

static void tell_difference(struct scscf_hss_talk *t, const struct word *w, struct scscf_effects *e)
{
	struct scscf_effect *f = e ? scscf_effects_add(e, SCSCF_EFFECT_HSS_DIFFERS) : NULL;

	if (!f)
		return;
	f->impi = scscf_arena_text(&e->arena, t->impi);
	f->impus = scscf_arena_alloc(&e->arena, sizeof(*f->impus));
	if (f->impus)
		f->impus[f->impus_n++] = scscf_arena_text(&e->arena, w->impu);
}

void scscf_hss_end(struct scscf_model *m, struct scscf_hss_talk *t, struct scscf_effects *e)
{
	struct scscf_hss_talk **at;
	struct word *w;

	if (--t->under_way)
		return;
	while ((w = t->words)) {
		enum said so =
		    scscf_set_is_bound(m, t->impi, w->impu) ? SAID_REGISTERED : SAID_NOT_REGISTERED;

		t->words = w->next;
		if (w->said != so && !w->given_up)
			tell_difference(t, w, e);
		scscf_store_text_free(&m->store, &w->impu);
		scscf_store_free(&m->store, w, sizeof(*w));
	}
	at = find_talk(m, t->impi);
	*at = t->hash_next;
	scscf_store_text_free(&m->store, &t->impi);
	scscf_store_free(&m->store, t, sizeof(*t));
}
