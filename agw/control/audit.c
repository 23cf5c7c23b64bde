/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AuditValue, AuditCapability and statistics. */
#include <string.h>
#include "agw/control/gateway.h"
#include "agw/control/local_control.h"
#include "h248/packages.h"

void audit_number(struct h248_arena *a, struct h248_parm **list, const char *pkg, const char *item,
		  uint64_t v)
{
	h248_new_parm(a, list, pkg, item, h248_printf(a, "%llu", (unsigned long long)v), false);
}

void audit_packages(struct h248_arena *a, struct h248_command *reply)
{
	struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_PACKAGES);

	for (const char *const *p = gateway_packages; *p; p++) {
		const struct h248_package_info *info = h248_package_find(slice_str(*p));

		if (info)
			h248_new_package(a, d, info->name, info->version);
	}
}

void audit_statistics(const struct termination *t, struct h248_arena *a, struct h248_command *reply,
		      int64_t now_ms)
{
	struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_STATISTICS);
	struct media_leg_stats sum = {0};
	int64_t since = now_ms;
	bool rtp = false;

	if (!d)
		return;
	for (const struct stream *s = t->streams; s; s = s->next) {
		struct media_leg_stats one;

		if (!s->leg)
			continue;
		media_leg_stats(s->leg, &one);
		sum.packets_in += one.packets_in;
		sum.packets_out += one.packets_out;
		sum.octets_in += one.octets_in;
		sum.octets_out += one.octets_out;
		sum.rtp_lost += one.rtp_lost;
		if (media_proto_is_rtp(s->proto)) {
			rtp = true;
			sum.rtp_jitter_us = one.rtp_jitter_us;
		}
		if (s->opened_ms < since)
			since = s->opened_ms;
	}
	audit_number(a, &d->u.statistics, "nt", "dur", (uint64_t)(now_ms - since));
	audit_number(a, &d->u.statistics, "nt", "os", sum.octets_out);
	audit_number(a, &d->u.statistics, "nt", "or", sum.octets_in);
	if (!rtp)
		return;
	audit_number(a, &d->u.statistics, "rtp", "ps", sum.packets_out);
	audit_number(a, &d->u.statistics, "rtp", "pr", sum.packets_in);
	h248_new_parm(
	    a, &d->u.statistics, "rtp", "pl",
	    h248_printf(a, "%.2f",
			sum.packets_in + sum.rtp_lost
			    ? 100.0 * (double)sum.rtp_lost / (double)(sum.packets_in + sum.rtp_lost)
			    : 0.0),
	    false);
	audit_number(a, &d->u.statistics, "rtp", "jit", sum.rtp_jitter_us / 1000);
}

static void put_media(const struct termination *t, struct h248_arena *a, struct h248_command *reply)
{
	struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_MEDIA);

	for (const struct stream *s = t->streams; s; s = s->next) {
		struct h248_stream *out = h248_new_stream(a, d, s->id);

		if (!out)
			return;
		local_control_print(s, a, out);
		if (s->local) {
			out->has_local = true;
			out->local = slice_str(s->local);
		}
		if (s->remote) {
			out->has_remote = true;
			out->remote = slice_str(s->remote);
		}
	}
}

static void put_events(const struct termination *t, struct h248_arena *a,
		       struct h248_command *reply)
{
	struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_EVENTS);

	if (!d || !t->events_given)
		return;
	d->u.events.request = (struct h248_request_id){.present = true, .id = t->request_id};
	for (size_t i = 0; i < t->n_events; i++) {
		const struct armed_event *x = &t->events[i];
		struct h248_event *e = h248_new_event(a, &d->u.events.list, x->package, x->item);

		if (!e)
			return;
		e->has_stream = x->has_stream;
		e->stream = x->stream;
		e->keep_active = x->keep_active;
		if (strcmp(x->package, "hangterm") == 0)
			audit_number(a, &e->parms, "", "timerx", x->seconds);
		if (strcmp(x->package, "adid") == 0) {
			audit_number(a, &e->parms, "", "dt", x->seconds);
			h248_new_parm(a, &e->parms, "", "dir",
				      x->direction == 1	  ? SLICE_LIT("IN")
				      : x->direction == 2 ? SLICE_LIT("OUT")
							  : SLICE_LIT("BOTH"),
				      false);
		}
	}
}

unsigned audit_termination(struct gateway *g, const struct termination *t,
			   const struct h248_audit_item *items, struct h248_arena *a,
			   struct h248_command *reply)
{
	(void)g;
	for (const struct h248_audit_item *i = items; i; i = i->next)
		switch (i->kind) {
		case H248_D_MEDIA:
			put_media(t, a, reply);
			break;
		case H248_D_EVENTS:
			put_events(t, a, reply);
			break;
		case H248_D_STATISTICS:
			audit_statistics(t, a, reply, media_now_ms());
			break;
		case H248_D_PACKAGES:
			audit_packages(a, reply);
			break;
		case H248_D_SIGNALS: /* all of ours are brief: none is ever running */
		case H248_D_OBSERVED_EVENTS:
		case H248_D_EVENT_BUFFER:
		case H248_D_MODEM:
		case H248_D_MUX:
		case H248_D_DIGIT_MAP: {
			struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_TOKEN);

			if (d)
				d->u.token = i->kind;
			break;
		}
		default:
			return 447;
		}
	return 0;
}

unsigned audit_capability(const struct h248_audit_item *items, struct h248_arena *a,
			  struct h248_command *reply)
{
	for (const struct h248_audit_item *i = items; i; i = i->next) {
		struct h248_descriptor *d;

		if (i->kind == H248_D_PACKAGES) {
			audit_packages(a, reply);
		} else if (i->kind == H248_D_MEDIA) {
			struct h248_local_control *lc;
			struct h248_stream *s;

			d = h248_new_descriptor(a, reply, H248_D_MEDIA);
			s = h248_new_stream(a, d, 1);
			lc = s ? h248_new_control(a, s) : NULL;
			if (lc) {
				lc->mode = H248_SEND_RECEIVE;
				lc->mode_relation = H248_EQ;
			}
		} else {
			d = h248_new_descriptor(a, reply, H248_D_TOKEN);
			if (d)
				d->u.token = i->kind;
		}
	}
	return 0;
}
