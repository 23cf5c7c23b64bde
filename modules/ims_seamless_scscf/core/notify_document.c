/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/notify_document.h"
#include "modules/ims_seamless_scscf/core/reginfo_ids.h"

#include "reginfo/writer.h"
#include "sip/name_addr.h"

#define PARAMS_MAX 24

static const enum reginfo_event events[] = {
    [SCSCF_CONTACT_REGISTERED] = REGINFO_EV_REGISTERED,
    [SCSCF_CONTACT_REFRESHED] = REGINFO_EV_REFRESHED,
    [SCSCF_CONTACT_EXPIRED] = REGINFO_EV_EXPIRED,
    [SCSCF_CONTACT_UNREGISTERED] = REGINFO_EV_UNREGISTERED,
    [SCSCF_CONTACT_DEACTIVATED] = REGINFO_EV_DEACTIVATED,
    [SCSCF_CONTACT_REJECTED] = REGINFO_EV_REJECTED,
};

/* ---- what concerns whom ---- */

static bool row_has(const struct scscf_told *t, const struct scscf_effect *f, struct slice impu)
{
	if (f->kind != SCSCF_EFFECT_CONTACT || !slice_eq(f->impi, t->impi))
		return false;
	for (size_t i = 0; i < f->impus_n; i++)
		if (slice_eq(f->impus[i], impu))
			return true;
	return false;
}

static bool is_relevant(const struct scscf_told *t, const struct scscf_told_aor *a)
{
	if (!a->told)
		return false;
	if (t->all || (t->final && slice_eq(a->impu, t->watched)))
		return true;
	/* An AS learns of the set of the AOR it watches: rows that name both. */
	for (const struct scscf_effect *f = t->first; f; f = f->next)
		if (row_has(t, f, a->impu) && row_has(t, f, t->watched))
			return true;
	return false;
}

bool scscf_document_next(const struct scscf_told *t, struct scscf_document_place *at)
{
	while (!at->row && at->aor < t->aors_n && !is_relevant(t, &t->aors[at->aor]))
		at->aor++;
	return at->aor < t->aors_n;
}

/* ---- rows ---- */

static void put_params(struct reginfo_contact *c, struct reginfo_param params[PARAMS_MAX],
		       struct slice rest)
{
	struct slice name, value;

	while (c->params_n < PARAMS_MAX && sip_param_next(&rest, &name, &value) == 1) {
		/* What RFC 3261 defines has a place of its own. */
		if (slice_eq_nocase(name, SLICE_LIT("expires")) ||
		    slice_eq_nocase(name, SLICE_LIT("q")))
			continue;
		params[c->params_n].name = name;
		params[c->params_n++].value = sip_unquote(value);
	}
	c->params = params;
}

static void write_row(struct reginfo_writer *w, const struct scscf_told *t, struct slice impu,
		      const struct scscf_effect *f, bool with_params)
{
	struct scscf_reginfo_id id = scscf_contact_id(t->id_key, impu, f->contact);
	struct reginfo_contact c = {0};
	struct reginfo_param params[PARAMS_MAX];

	if (with_params)
		put_params(&c, params, f->params);
	c.id = slice_str(id.text);
	c.state = f->contact_active ? REGINFO_CONTACT_ACTIVE : REGINFO_CONTACT_TERMINATED;
	c.event = events[f->event];
	c.uri = f->contact;
	c.callid = f->call_id;
	c.has_cseq = true;
	c.cseq = f->cseq;
	c.has_expires = f->contact_active;
	c.expires = f->expires_s;
	if (f->connection_inactive)
		c.connection = REGINFO_CONN_INACTIVE;
	else if (f->connection_terminated)
		c.connection = REGINFO_CONN_TERMINATED;
	c.linger = f->linger_s;
	reginfo_contact_write(w, &c);
}

/* ---- documents ---- */

struct writing {
	const struct scscf_told *t;
	struct scscf_document_place *at;
	struct reginfo_writer out;
	size_t good, max;
	size_t told; /* rows and registrations that stand in it */
};

static bool too_large(const struct writing *w, size_t bound)
{
	return w->out.err || w->out.len > bound;
}

/* False: it is left to the next document. */
static bool put_row(struct writing *w, struct slice impu, const struct scscf_effect *f)
{
	const struct reginfo_writer before = w->out;

	write_row(&w->out, w->t, impu, f, true);
	if (!too_large(w, w->told ? w->good : w->max))
		return true;
	w->out = before;
	if (w->told)
		return false;
	write_row(&w->out, w->t, impu, f, false);
	w->at->shortened++;
	if (too_large(w, w->max))
		w->out.err = REGINFO_E_NOSPACE;
	return true;
}

/* False: what is left of it is told by the next document. */
static bool put_registration(struct writing *w)
{
	const struct scscf_told_aor *a = &w->t->aors[w->at->aor];
	struct scscf_reginfo_id id = scscf_registration_id(w->t->id_key, a->impu);
	const struct scscf_effect *f = w->at->row ? w->at->row : w->t->first;
	const struct reginfo_writer before = w->out;
	size_t rows = 0;

	reginfo_registration_begin(&w->out, a->impu, slice_str(id.text),
				   a->active ? REGINFO_REG_ACTIVE : REGINFO_REG_TERMINATED);
	for (; f; f = f->next) {
		if (!row_has(w->t, f, a->impu))
			continue;
		if (!put_row(w, a->impu, f))
			break;
		rows++;
		w->told++;
	}
	if (f && !rows) {
		w->out = before;
		return false;
	}
	reginfo_registration_end(&w->out);
	w->told++;
	w->at->row = f;
	return !f;
}

int scscf_document_write(const struct scscf_told *t, struct scscf_document_place *at,
			 uint32_t version, size_t good, size_t max, char *buf, size_t *len)
{
	struct writing w = {.t = t, .at = at, .good = good, .max = max};

	reginfo_begin(&w.out, buf, max + SCSCF_DOCUMENT_SLACK, version, false);
	while (scscf_document_next(t, at)) {
		if (w.told && too_large(&w, good))
			break;
		if (!put_registration(&w))
			break;
		at->aor++;
	}
	return reginfo_end(&w.out, len);
}
