/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a save: usrloc first (new contact in), then the model, then usrloc again (old contacts
 * out), the answer, and the cfg's route. Runs in a process of cdp, or in the SIP worker when no SAR
 * could be sent.
 */
#include "modules/ims_seamless_scscf/save.h"
#include "../../core/usr_avp.h"

#include <stdarg.h>

#define HEADERS_MAX 8192

struct text {
	char *buf;
	size_t size, len;
	bool full;
};

static void put(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->len, t->size - t->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->size - t->len)
		t->full = true;
	else
		t->len += (size_t)n;
}

static void put_slice(struct text *t, struct slice s)
{
	put(t, "%.*s", (int)s.len, s.p);
}

/* Contact parameters but expires, which is the registrar's to say. */
static void put_params(struct text *t, struct slice params)
{
	struct slice name, value;

	while (sip_param_next(&params, &name, &value) == 1) {
		if (slice_eq_nocase(name, SLICE_LIT("expires")))
			continue;
		put(t, ";%.*s", (int)name.len, name.p);
		if (value.p)
			put(t, "=%.*s", (int)value.len, value.p);
	}
}

/* All that is bound for this set now, over whatever connection. */
static void put_contacts(struct text *t, struct slice impi, struct slice impu)
{
	struct scscf_model *m = seamless_lock();
	struct scscf_implicit_set *set = scscf_model_set(m, impi, impu);
	uint64_t now = seamless_now_ms();

	for (struct scscf_connection *c = set ? set->subscriber->connections : NULL; c;
	     c = c->next) {
		for (struct scscf_binding *b = c->bindings; b; b = b->next) {
			if (b->set != set)
				continue;
			put(t, "Contact: <");
			put_slice(t, b->contact);
			put(t, ">;expires=%llu",
			    (unsigned long long)(b->expires_ms > now
						     ? (b->expires_ms - now + 500) / 1000
						     : 0));
			put_params(t, b->params);
			put(t, "\r\n");
		}
	}
	seamless_unlock();
}

static void put_set(struct text *t, const struct scscf_implicit_set *set, bool *first)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->impu[i].barred)
			continue;
		put(t, "%s<", *first ? "P-Associated-URI: " : ", ");
		put_slice(t, set->impu[i].impu);
		put(t, ">");
		*first = false;
	}
}

/*
 * All identities bound to the new contact: To's set first, so that the default identity stands
 * first, then those of other sets (imsglobreg moved them, or they were registered over this
 * connection before), because the P-CSCF takes this list for who may speak over the connection.
 */
static void put_associated(struct text *t, struct slice impi, struct slice impu,
			   struct slice contact)
{
	struct scscf_model *m = seamless_lock();
	struct scscf_implicit_set *to_set = scscf_model_set(m, impi, impu);
	struct scscf_connection *c = scscf_model_connection_by_contact(m, impi, contact);
	bool first = true;

	if (to_set)
		put_set(t, to_set, &first);
	for (struct scscf_implicit_set *set = to_set ? to_set->subscriber->sets : NULL; set;
	     set = set->next) {
		struct scscf_binding *b = c ? c->bindings : NULL;

		while (b && b->set != set)
			b = b->next;
		if (b && set != to_set)
			put_set(t, set, &first);
	}
	seamless_unlock();
	if (!first)
		put(t, "\r\n");
}

static void put_service_route(struct text *t)
{
	str name = seamless_params.scscf_name;

	/* orig: what the cfg knows the originating half by, as with stock save(). */
	if (name.len > 4 && !strncasecmp(name.s, "sip:", 4))
		put(t, "Service-Route: <sip:orig@%.*s;lr>\r\n", name.len - 4, name.s + 4);
	else
		put(t, "Service-Route: <sip:orig@%.*s;lr>\r\n", name.len, name.s);
}

static void answer(struct pending_save *p, int status, const char *reason)
{
	const struct scscf_saved_register *r = p->reg;
	const struct sip_contact *c = r->plan.contact;
	char buf[HEADERS_MAX];
	struct text t = {buf, sizeof(buf), 0, false};
	str headers, code = {(char *)reason, (int)strlen(reason)}, body = {0, 0};
	char tag_buf[64];
	str tag = {tag_buf, 0};
	struct cell *cell;

	if (status == 200) {
		put_contacts(&t, r->impi, r->plan.sets[0].impu);
		if (c) {
			put_associated(&t, r->impi, r->plan.sets[0].impu, c->uri);
			put_service_route(&t);
			if (r->path.len)
				put(&t, "Path: %.*s\r\n", (int)r->path.len, r->path.p);
			if (c->reg_id)
				put(&t, "Require: outbound\r\n");
		}
		if (t.full) {
			LM_INFO("200 of %.*s is larger than %d bytes\n", (int)r->impi.len,
				r->impi.p, HEADERS_MAX);
			status = 500;
			code = (str)str_init("Answer Too Large");
			t.len = 0;
		}
	} else if (status >= 500) {
		put(&t, "Retry-After: 5\r\n");
	}
	headers.s = buf;
	headers.len = (int)t.len;
	if (seamless_tm.t_lookup_ident(&cell, p->tindex, p->tlabel) < 0) {
		LM_INFO("the transaction of a REGISTER has gone\n");
		return;
	}
	tag.len = snprintf(tag_buf, sizeof(tag_buf), "%llx-%x",
			   (unsigned long long)seamless_now_ms(), p->tlabel);
	/* Releases the reference of t_lookup_ident(). */
	if (seamless_tm.t_reply_with_body(cell, (unsigned)status, &code, &body,
					  headers.len ? &headers : NULL, &tag) < 0)
		LM_ERR("REGISTER of %.*s not answered\n", (int)r->impi.len, r->impi.p);
}

/* The IMPUs of a set that the HSS has just told us. */
static void learn_profile(struct pending_save *p, size_t i)
{
	struct scscf_plan_set *s = &p->reg->plan.sets[i];

	s->impus_n = user_data_identities(p->profile[i], s->impus, s->barred, SCSCF_SET_IMPUS_MAX);
}

/* Without change of anything until all is known that is needed. */
static bool profiles_complete(struct pending_save *p)
{
	for (size_t i = 0; i < p->reg->plan.sets_n; i++) {
		struct scscf_plan_set *s = &p->reg->plan.sets[i];
		bool found = false;

		if (p->profile[i] && !s->deregisters)
			learn_profile(p, i);
		if (s->deregisters || p->reg->plan.kind == SCSCF_REGISTER_DEREG)
			continue;
		for (size_t k = 0; k < s->impus_n; k++)
			found = found || slice_eq(s->impus[k], s->impu);
		if (!found)
			return false;
	}
	return true;
}

static int bind_contacts(struct pending_save *p, uint64_t *id)
{
	const struct scscf_saved_register *r = p->reg;
	struct usrloc_contact c = {
	    .uri = str_of(r->contact.uri),
	    .path = str_of(r->path),
	    .call_id = str_of(r->call_id),
	    .user_agent = p->user_agent,
	    .params = r->contact.params,
	    .cseq = (int)r->cseq,
	    .expires_s = r->plan.expires,
	    .q_milli = r->contact.q_milli,
	    .has_q = r->contact.has_q,
	    .sock = p->sock,
	    .cflags = p->cflags,
	};

	for (size_t i = 0; i < r->plan.sets_n; i++) {
		const struct scscf_plan_set *s = &r->plan.sets[i];

		if (p->profile[i] && usrloc_store_profile(p->profile[i], p->charging))
			return -1;
		if (usrloc_bind(s->impus, s->impus_n, &c, id)) {
			/* What was linked already is taken back. */
			for (size_t k = 0; k <= i; k++)
				usrloc_unbind(r->plan.sets[k].impus, r->plan.sets[k].impus_n,
					      r->contact.uri);
			return -1;
		}
	}
	return 0;
}

static void unbind_contacts(const struct scscf_saved_register *r)
{
	for (size_t i = 0; i < r->plan.unbinds_n; i++) {
		const struct scscf_plan_unbind *u = &r->plan.unbinds[i];
		const struct scscf_plan_set *s = &r->plan.sets[u->set];

		/* The contact may be the new one, bound anew for another instance. */
		if (r->plan.contact && slice_eq(u->contact, r->contact.uri))
			continue;
		usrloc_unbind(s->impus, s->impus_n, u->contact);
	}
}

/* Every old connection of a UE that uses the tag may linger, also one it made without the tag. */
static void mark_seamless(struct scscf_model *m, struct slice impi)
{
	struct scscf_subscriber *s = scscf_model_subscriber(m, impi);

	for (struct scscf_connection *c = s ? s->connections : NULL; c; c = c->next)
		c->seamless = true;
}

static int apply(struct pending_save *p)
{
	const struct scscf_saved_register *r = p->reg;
	struct scscf_effects e;
	uint64_t id = 0;
	struct scscf_model *m;
	int rc;

	if (!profiles_complete(p)) {
		LM_ERR("the profile from the HSS does not hold %.*s\n",
		       (int)r->plan.sets[0].impu.len, r->plan.sets[0].impu.p);
		return -1;
	}
	if (r->plan.contact && bind_contacts(p, &id))
		return -1;
	for (size_t i = 0; i < r->plan.sets_n; i++)
		if (r->plan.sets[i].deregisters)
			usrloc_no_sar(r->plan.sets[i].impus, r->plan.sets[i].impus_n);
	scscf_effects_init(&e);
	m = seamless_lock();
	mark_seamless(m, r->impi);
	rc = scscf_register_commit(m, r, id, seamless_now_ms(), &e);
	seamless_unlock();
	if (rc) {
		counter_inc(seamless_cnt.no_memory);
		LM_ERR("REGISTER of %.*s: %s\n", (int)r->impi.len, r->impi.p,
		       scscf_model_strerror(rc));
		scscf_effects_free(&e);
		return -1;
	}
	unbind_contacts(r);
	/* Before the 200: what the UE does next must not be told before this. */
	effects_later(&e);
	answer(p, 200, "OK");
	return 0;
}

/* $avp(saa_return_code), as stock save() leaves it for the route. */
static void set_return_code(struct pending_save *p, int code)
{
	struct cell *t;
	int_str name, value;

	if (seamless_tm.t_lookup_ident(&t, p->tindex, p->tlabel) < 0)
		return;
	set_avp_list(AVP_TRACK_FROM | AVP_CLASS_URI, &t->uri_avps_from);
	set_avp_list(AVP_TRACK_TO | AVP_CLASS_URI, &t->uri_avps_to);
	set_avp_list(AVP_TRACK_FROM | AVP_CLASS_USER, &t->user_avps_from);
	set_avp_list(AVP_TRACK_TO | AVP_CLASS_USER, &t->user_avps_to);
	set_avp_list(AVP_TRACK_FROM | AVP_CLASS_DOMAIN, &t->domain_avps_from);
	set_avp_list(AVP_TRACK_TO | AVP_CLASS_DOMAIN, &t->domain_avps_to);
	name.s.s = "saa_return_code";
	name.s.len = 15;
	value.n = code;
	if (add_avp(AVP_NAME_STR, name, value) < 0)
		LM_ERR("no memory for $avp(saa_return_code)\n");
	seamless_tm.unref_cell(t);
}

static void remember(const struct pending_save *p)
{
	seamless_last.kind = scscf_register_kind_name(p->reg->plan.kind);
	(void)slice_copy(p->reg->impi, seamless_last.impi, sizeof(seamless_last.impi));
	seamless_last.sets = (int)p->reg->plan.sets_n;
	seamless_last.moved = (int)p->reg->plan.unbinds_n;
	seamless_last.linger = seamless_cfg_linger_seconds();
}

static bool apply_and_answer(struct pending_save *p)
{
	if (atomic_get(&p->failed)) {
		counter_inc(seamless_cnt.hss_failures);
		if (atomic_get(&p->refused))
			answer(p, 403, "Refused By HSS");
		else
			answer(p, 504, "HSS Does Not Answer");
	} else if (apply(p)) {
		answer(p, 500, "Server Error");
	} else {
		switch (p->reg->plan.kind) {
		case SCSCF_REGISTER_ADD:
			counter_inc(seamless_cnt.adds);
			break;
		case SCSCF_REGISTER_MOVE:
			counter_inc(seamless_cnt.moves);
			break;
		case SCSCF_REGISTER_GLOBAL:
			counter_inc(seamless_cnt.globals);
			break;
		case SCSCF_REGISTER_DEREG:
			counter_inc(seamless_cnt.deregs);
			break;
		}
		return true;
	}
	return false;
}

void pending_apply(struct pending_save *p)
{
	apply_and_answer(p);
	remember(p);
}

static void finish(struct pending_save *p)
{
	bool ok = apply_and_answer(p);

	remember(p);
	set_return_code(p, ok ? 1 : -2);
	/* Also without a route: the transaction must not stay suspended. */
	seamless_tm.t_continue_skip_timer(p->tindex, p->tlabel, p->route);
	pending_free(p);
}

void pending_answered(struct pending_save *p)
{
	if (mb_atomic_dec_and_test(&p->outstanding))
		finish(p);
}

/* Charging functions of the first answer that names any. Only one answer at a time carries them for
 * set 0. */
static void keep_charging(struct pending_save *p, AAAMessage *saa)
{
	str cf[4];
	size_t at = 0;

	cx_charging(saa, cf);
	for (int i = 0; i < 4; i++) {
		if (cf[i].len <= 0 || at + (size_t)cf[i].len > sizeof(p->charging_text))
			continue;
		memcpy(p->charging_text + at, cf[i].s, (size_t)cf[i].len);
		p->charging[i].s = p->charging_text + at;
		p->charging[i].len = cf[i].len;
		at += (size_t)cf[i].len;
	}
}

void cx_saa_arrived(void *arg, int result, AAAMessage *saa)
{
	struct pending_sar *sar = arg;
	struct pending_save *p = sar->save;
	struct scscf_plan_set *s = &p->reg->plan.sets[sar->set];
	str xml = saa ? cx_user_data(saa) : (str){0, 0};

	if (result) {
		LM_INFO("SAR for %.*s: %s (%d)\n", (int)s->impu.len, s->impu.p,
			result == SAA_NO_ANSWER ? "no answer" : "refused", result);
		mb_atomic_inc(&p->failed);
		if (result > 0)
			mb_atomic_inc(&p->refused);
	} else if (xml.s && xml.len > 0 && !s->deregisters) {
		p->profile[sar->set] = user_data_parse(xml);
		if (!p->profile[sar->set] && !s->known)
			mb_atomic_inc(&p->failed);
		if (sar->set == 0)
			keep_charging(p, saa);
	}
	pending_answered(p);
}
