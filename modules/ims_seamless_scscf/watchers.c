/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seamless_scscf_subscribe(): how many subscriptions to the reg event one identity may have, of all watchers and of one.
 * Stock's subscribe_to_reg() takes any number: whoever may watch could fill the memory with them.
 */
#include "modules/ims_seamless_scscf/glue.h"

#include "modules/common/headers.h"
#include "modules/common/reply.h"
#include "modules/ims_seamless_scscf/core/identity.h"

/* Subscriptions of an identity that count against this one. */
struct counted {
	int all, of_watcher;
};

/* Whoever is asserted watches; stock keeps From, which is the same for those who may. */
static struct slice watcher_of(struct sip_msg *msg, const struct dialog_ids *ids)
{
	struct hdr_field *h = kam_header_find(msg->headers, "P-Asserted-Identity");
	struct slice body = h ? kam_header_body(h) : SLICE_NULL;
	struct sip_name_addr na;

	return sip_name_addr_next(&body, &na) == 1 ? na.uri : ids->from_uri;
}

/* One that is about to be replaced by the same Contact does not count. */
static struct counted count(struct slice impu, struct slice watcher, struct slice from,
			    struct slice contact)
{
	str name = str_of(impu);
	struct counted c = {0, 0};
	time_t now = time(NULL);
	impurecord_t *r;

	seamless_ul.lock_udomain(seamless_domain, &name);
	if (seamless_ul.get_impurecord(seamless_domain, &name, &r) == 0)
		for (const reg_subscriber *s = r->shead; s; s = s->next) {
			if (s->expires <= now || slice_eq(slice_of(s->watcher_contact), contact))
				continue;
			c.all++;
			c.of_watcher += slice_eq(slice_of(s->watcher_uri), watcher) ||
					slice_eq(slice_of(s->watcher_uri), from);
		}
	seamless_ul.unlock_udomain(seamless_domain, &name);
	return c;
}

int seamless_subscribe(struct sip_msg *msg)
{
	struct slice impu = slice_of(msg->new_uri.s ? msg->new_uri : msg->first_line.u.request.uri);
	struct scscf_arena a = {0};
	struct dialog_ids ids;
	struct counted c;
	uint32_t expires = 1;

	if (msg->REQ_METHOD != METHOD_SUBSCRIBE || read_dialog_ids(msg, &ids) || ids.to_tag.len)
		return 1;
	if (msg->expires)
		(void)sip_delta_seconds(slice_trim(slice_of(msg->expires->body)), &expires);
	if (!expires)
		return 1;
	(void)scscf_lookup_identity(seamless_lock(), impu, &a, &impu);
	seamless_unlock();
	c = count(impu, watcher_of(msg, &ids), ids.from_uri, read_contact_uri(msg));
	scscf_arena_free(&a);
	if (c.all < seamless_params.max_watchers &&
	    c.of_watcher < seamless_params.max_subscriptions)
		return 1;
	counter_inc(seamless_counters.watchers_refused);
	LM_INFO(
	    "SUBSCRIBE of %.*s refused: it has %d subscriptions there, and all together have %d\n",
	    (int)ids.from_uri.len, ids.from_uri.p, c.of_watcher, c.all);
	(void)kam_reply(msg, 403, "Too Many Subscriptions", NULL);
	return 0;
}
