/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AuditValue and AuditCapability. */
#include "agw/control/events.h"
#include "agw/control/local_control.h"

void audit_number(struct h248_arena *a, struct h248_parm **list, const char *pkg, const char *item,
		  uint64_t v)
{
	h248_new_parm(a, list, pkg, item, h248_printf(a, "%llu", (unsigned long long)v), false);
}

void audit_packages(struct h248_arena *a, struct h248_command *reply)
{
	struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_PACKAGES);
	const struct h248_package_info *info;

	for (size_t n = 0; (info = h248_package_at(n)); n++)
		if (items_has_package(info))
			h248_new_package(a, d, info->name, info->version);
}

/* A descriptor with nothing in it: its name alone. */
static void put_token(struct h248_arena *a, struct h248_command *reply,
		      enum h248_descriptor_kind kind)
{
	struct h248_descriptor *d = h248_new_descriptor(a, reply, H248_D_TOKEN);

	if (d)
		d->u.token = kind;
}

static void put_media(const struct termination *t, struct h248_arena *a, struct h248_command *reply)
{
	struct h248_descriptor *d = t->streams ? h248_new_descriptor(a, reply, H248_D_MEDIA) : NULL;

	if (!t->streams)
		put_token(a, reply, H248_D_MEDIA);
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
		audit_stream_statistics(s, a, out, media_now_ms());
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
			events_print(t, a, reply);
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
		case H248_D_DIGIT_MAP:
			put_token(a, reply, i->kind);
			break;
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
			put_token(a, reply, i->kind);
		}
	}
	return 0;
}
