/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The header lines of the 200 to a REGISTER. */
#include "modules/ims_seamless_scscf/save.h"

#include <stdarg.h>

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
	uint64_t now = kam_now_ms();

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

/* mark: behind the first identity. */
static void put_set(struct text *t, const struct scscf_implicit_set *set, const char *mark,
		    bool *first)
{
	for (size_t i = 0; i < set->n; i++) {
		if (set->impu[i].barred)
			continue;
		put(t, "%s<", *first ? "P-Associated-URI: " : ", ");
		put_slice(t, set->impu[i].impu);
		put(t, ">%s", mark);
		mark = "";
		*first = false;
	}
}

/*
 * All identities bound to the new contact: To's set first, so that the default identity stands
 * first, then those of other sets (imsglobreg moved them, or they were registered over this
 * connection before), because the P-CSCF takes this list for who may speak over the connection. The
 * first identity of each further set is marked: our P-CSCF subscribes to each set by it.
 */
static void put_associated(struct text *t, struct slice impi, struct slice impu,
			   uint64_t connection)
{
	struct scscf_model *m = seamless_lock();
	struct scscf_implicit_set *to_set = scscf_model_set(m, impi, impu);
	struct scscf_connection *c = scscf_model_connection_by_id(m, connection);
	bool first = true;

	if (to_set)
		put_set(t, to_set, "", &first);
	for (struct scscf_implicit_set *set = to_set ? to_set->subscriber->sets : NULL; set;
	     set = set->next) {
		struct scscf_binding *b = c ? c->bindings : NULL;

		while (b && b->set != set)
			b = b->next;
		if (b && set != to_set)
			put_set(t, set, ";seamless-set", &first);
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

int save_write_headers(const struct save *p, char *buf, size_t size)
{
	const struct scscf_register_request *rq = &p->reg->rq;
	const struct sip_contact *c = p->reg->contact;
	struct text t = {buf, size, 0, false};

	put_contacts(&t, rq->impi, p->reg->sets[0].impu);
	if (c) {
		put_associated(&t, rq->impi, p->reg->sets[0].impu, p->result.connection);
		put_service_route(&t);
		if (rq->path.len)
			put(&t, "Path: %.*s\r\n", (int)rq->path.len, rq->path.p);
		if (c->reg_id)
			put(&t, "Require: outbound\r\n");
	}
	return t.full ? -1 : (int)t.len;
}
