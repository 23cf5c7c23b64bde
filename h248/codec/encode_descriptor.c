/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h248/codec/scan.h"
#include "h248/codec/write.h"

static const enum h248_token token_of_kind[H248_D_KINDS] = {
    [H248_D_MEDIA] = T_MEDIA,
    [H248_D_MODEM] = T_MODEM,
    [H248_D_MUX] = T_MUX,
    [H248_D_EVENTS] = T_EVENTS,
    [H248_D_SIGNALS] = T_SIGNALS,
    [H248_D_DIGIT_MAP] = T_DIGIT_MAP,
    [H248_D_EVENT_BUFFER] = T_EVENT_BUFFER,
    [H248_D_AUDIT] = T_AUDIT,
    [H248_D_OBSERVED_EVENTS] = T_OBSERVED_EVENTS,
    [H248_D_STATISTICS] = T_STATISTICS,
    [H248_D_PACKAGES] = T_PACKAGES,
    [H248_D_SERVICES] = T_SERVICES,
    [H248_D_ERROR] = T_ERROR,
};

const char *h248_descriptor_name(enum h248_descriptor_kind kind)
{
	return kind > 0 && kind < H248_D_KINDS ? h248_token_text(token_of_kind[kind], false).p
					       : "?";
}

void encode_statistics(struct writer *w, const struct h248_parm *list)
{
	bool first = true;

	put_must(w, list && (!w->in_audit || !list->next));
	put_open(w);
	for (; list; list = list->next) {
		put_comma(w, &first);
		put_must(w, list->relation == H248_NO_VALUE ||
				(!w->in_audit &&
				 (list->relation == H248_EQ || list->relation == H248_AND)));
		put_parm(w, list);
	}
	put_close(w);
}

static void encode_packages(struct writer *w, const struct h248_package *list)
{
	bool first = true;

	put_must(w, list && (!w->in_audit || !list->next));
	put_open(w);
	for (; list; list = list->next) {
		put_comma(w, &first);
		if (!scan_is_name(list->name))
			put_fail(w, H248_E_VALUE);
		put_slice(w, list->name);
		put_char(w, '-');
		put_number(w, list->version);
	}
	put_close(w);
}

static void encode_modem(struct writer *w, const struct h248_modem *modem)
{
	const struct h248_parm *p = modem->properties;
	bool first = true;

	if (!modem->types || (modem->types->next && !modem->bracketed))
		put_fail(w, H248_E_VALUE);
	if (modem->bracketed)
		put_char(w, '[');
	else
		put_equal(w);
	for (const struct h248_value *v = modem->types; v; v = v->next) {
		put_safe(w, v->text);
		if (v->next)
			put_char(w, ',');
	}
	if (modem->bracketed)
		put_char(w, ']');
	if (!p)
		return;
	put_open(w);
	for (; p; p = p->next) {
		put_comma(w, &first);
		put_parm(w, p);
	}
	put_close(w);
}

static void encode_audit_items(struct writer *w, const struct h248_audit_item *list, bool *first)
{
	for (; list; list = list->next) {
		bool was = w->in_audit;

		put_comma(w, first);
		if (!list->part) {
			if (list->kind <= 0 || list->kind >= H248_D_KINDS)
				put_fail(w, H248_E_VALUE);
			else
				put_token(w, token_of_kind[list->kind]);
			continue;
		}
		put_since(w, 2);
		w->in_audit = true;
		encode_descriptor(w, list->part);
		w->in_audit = was;
	}
}

static void encode_audit(struct writer *w, const struct h248_audit_item *list)
{
	bool first = true;

	if (!list) {
		put_slice(w, SLICE_LIT("{}"));
		return;
	}
	put_open(w);
	encode_audit_items(w, list, &first);
	put_close(w);
}

static void put_item(struct writer *w, enum h248_token token, bool *first)
{
	put_comma(w, first);
	put_token(w, token);
	put_equal(w);
}

static void encode_services(struct writer *w, const struct h248_services *s)
{
	static const enum h248_token methods[] = {T_NONE,    T_FAILOVER,     T_FORCED, T_GRACEFUL,
						  T_RESTART, T_DISCONNECTED, T_HANDOFF};
	bool first = true;

	if (w->in_reply)
		put_must(w, !s->method && !s->reason_text.p && !s->has_delay && !s->incomplete &&
				!s->extensions && !s->audit);
	else
		put_must(w, s->method);
	put_must(w, !s->address.kind || !s->mgc_to_try.kind);
	put_open(w);
	if (s->method) {
		put_item(w, T_METHOD, &first);
		if (s->method == H248_METHOD_EXTENSION)
			put_safe(w, s->method_extension);
		else
			put_token(w, methods[s->method]);
	}
	if (s->reason_text.p) {
		put_item(w, T_REASON, &first);
		put_quoted(w, s->reason_text);
	}
	if (s->has_delay) {
		put_item(w, T_DELAY, &first);
		put_number(w, s->delay);
	}
	if (s->address.kind) {
		put_item(w, T_SERVICE_CHANGE_ADDRESS, &first);
		put_mid(w, &s->address);
	}
	if (s->mgc_to_try.kind) {
		put_item(w, T_MGC_ID, &first);
		put_mid(w, &s->mgc_to_try);
	}
	if (s->profile.len) {
		put_item(w, T_PROFILE, &first);
		if (!scan_is_name(s->profile))
			put_fail(w, H248_E_VALUE);
		put_slice(w, s->profile);
		put_char(w, '/');
		put_number(w, s->profile_version);
	}
	if (s->version) {
		put_item(w, T_VERSION, &first);
		put_number(w, s->version);
	}
	if (s->timestamp.len) {
		put_comma(w, &first);
		if (!scan_is_timestamp(s->timestamp))
			put_fail(w, H248_E_VALUE);
		put_slice(w, s->timestamp);
	}
	if (s->incomplete) {
		put_comma(w, &first);
		put_since(w, 3);
		put_token(w, T_SERVICE_CHANGE_INC);
	}
	for (const struct h248_parm *p = s->extensions; p; p = p->next) {
		put_comma(w, &first);
		put_parm(w, p);
	}
	if (s->audit)
		put_since(w, 2);
	encode_audit_items(w, s->audit, &first);
	if (first)
		put_fail(w, H248_E_VALUE);
	put_close(w);
}

void encode_descriptor(struct writer *w, const struct h248_descriptor *d)
{
	if (d->kind == H248_D_ERROR) {
		put_error(w, &d->u.error);
		return;
	}
	if (d->kind == H248_D_TOKEN) {
		put_token(w, token_of_kind[d->u.token < H248_D_KINDS ? d->u.token : 0]);
		return;
	}
	if (d->kind <= 0 || d->kind >= H248_D_KINDS) {
		put_fail(w, H248_E_VALUE);
		return;
	}
	put_token(w, token_of_kind[d->kind]);
	switch (d->kind) {
	case H248_D_MEDIA:
		encode_media(w, &d->u.media);
		break;
	case H248_D_MODEM:
		encode_modem(w, &d->u.modem);
		break;
	case H248_D_MUX:
		put_equal(w);
		put_safe(w, d->u.mux.type);
		put_tids(w, d->u.mux.terminations, '{', '}');
		break;
	case H248_D_EVENTS:
		encode_events(w, &d->u.events, false);
		break;
	case H248_D_OBSERVED_EVENTS:
		encode_events(w, &d->u.events, true);
		break;
	case H248_D_SIGNALS:
		encode_signals(w, &d->u.signals);
		break;
	case H248_D_DIGIT_MAP:
		encode_digit_map(w, &d->u.digit_map);
		break;
	case H248_D_EVENT_BUFFER:
		if (d->u.event_buffer)
			encode_event_buffer(w, d->u.event_buffer);
		break;
	case H248_D_AUDIT:
		encode_audit(w, d->u.audit);
		break;
	case H248_D_STATISTICS:
		encode_statistics(w, d->u.statistics);
		break;
	case H248_D_PACKAGES:
		encode_packages(w, d->u.packages);
		break;
	default: /* H248_D_SERVICES */
		encode_services(w, &d->u.services);
		break;
	}
}
