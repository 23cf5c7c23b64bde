/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing two models in meaning. */
#include "h248/message.h"

/* Walks two lists in step; `same` decides on each pair. */
#define LISTS_EQUAL(a, b, same)                                                                    \
	do {                                                                                       \
		for (; (a) && (b); (a) = (a)->next, (b) = (b)->next) {                             \
			if (!(same))                                                               \
				return false;                                                      \
		}                                                                                  \
		return !(a) && !(b);                                                               \
	} while (0)

/* Both there and equal, or neither there. */
#define OPTIONAL_EQUAL(a, b, equal) ((a) && (b) ? equal(a, b) : !(a) && !(b))

static bool nc(struct slice a, struct slice b)
{
	return slice_eq_nocase(a, b);
}

static bool error_equal(const struct h248_error *a, const struct h248_error *b)
{
	return a->code == b->code && slice_eq(a->text, b->text) && !a->text.p == !b->text.p;
}

static bool name_equal(const struct h248_name *a, const struct h248_name *b)
{
	return nc(a->pkg, b->pkg) && nc(a->item, b->item);
}

static bool values_equal(const struct h248_value *a, const struct h248_value *b)
{
	LISTS_EQUAL(a, b,
		    a->quoted == b->quoted &&
			(a->quoted ? slice_eq(a->text, b->text) : nc(a->text, b->text)));
}

static bool parms_equal(const struct h248_parm *a, const struct h248_parm *b)
{
	LISTS_EQUAL(a, b,
		    name_equal(&a->name, &b->name) && a->relation == b->relation &&
			(!a->relation || values_equal(&a->value, &b->value)));
}

static bool tids_equal(const struct h248_tid *a, const struct h248_tid *b)
{
	LISTS_EQUAL(a, b, nc(a->id, b->id));
}

static bool control_equal(const struct h248_local_control *a, const struct h248_local_control *b)
{
	return a->mode == b->mode && (!a->mode || a->mode_relation == b->mode_relation) &&
	       a->reserved_value == b->reserved_value && a->reserved_group == b->reserved_group &&
	       a->ask == b->ask && parms_equal(a->properties, b->properties);
}

static bool stream_equal(const struct h248_stream *a, const struct h248_stream *b)
{
	return a->has_id == b->has_id && (!a->has_id || a->id == b->id) &&
	       OPTIONAL_EQUAL(a->control, b->control, control_equal) &&
	       a->has_local == b->has_local && a->has_remote == b->has_remote &&
	       slice_eq(slice_trim(a->local), slice_trim(b->local)) &&
	       slice_eq(slice_trim(a->remote), slice_trim(b->remote)) &&
	       a->has_statistics == b->has_statistics && parms_equal(a->statistics, b->statistics);
}

static bool streams_equal(const struct h248_stream *a, const struct h248_stream *b)
{
	LISTS_EQUAL(a, b, stream_equal(a, b));
}

static bool state_equal(const struct h248_termination_state *a,
			const struct h248_termination_state *b)
{
	return a->service_state == b->service_state &&
	       (!a->service_state || a->service_relation == b->service_relation) &&
	       a->event_buffer == b->event_buffer && a->ask == b->ask &&
	       parms_equal(a->properties, b->properties);
}

static bool media_equal(const struct h248_media *a, const struct h248_media *b)
{
	return streams_equal(a->streams, b->streams) &&
	       OPTIONAL_EQUAL(a->state, b->state, state_equal);
}

static bool request_id_equal(const struct h248_request_id *a, const struct h248_request_id *b)
{
	return a->present == b->present && a->all == b->all && a->id == b->id;
}

static bool digit_map_equal(const struct h248_digit_map *a, const struct h248_digit_map *b)
{
	return nc(a->name, b->name) && a->has_value == b->has_value && nc(a->value, b->value);
}

static bool signals_equal(const struct h248_signals *a, const struct h248_signals *b);
static bool events_equal(const struct h248_events *a, const struct h248_events *b);

static bool embed_equal(const struct h248_embed *a, const struct h248_embed *b)
{
	return OPTIONAL_EQUAL(a->signals, b->signals, signals_equal) &&
	       OPTIONAL_EQUAL(a->events, b->events, events_equal);
}

static bool event_equal(const struct h248_event *a, const struct h248_event *b)
{
	return name_equal(&a->name, &b->name) && nc(a->time, b->time) &&
	       a->has_stream == b->has_stream && a->stream == b->stream &&
	       a->keep_active == b->keep_active && a->reset_events == b->reset_events &&
	       a->behaviour == b->behaviour &&
	       OPTIONAL_EQUAL(a->regulated, b->regulated, embed_equal) &&
	       OPTIONAL_EQUAL(a->digit_map, b->digit_map, digit_map_equal) &&
	       OPTIONAL_EQUAL(a->embed, b->embed, embed_equal) && parms_equal(a->parms, b->parms);
}

static bool event_list_equal(const struct h248_event *a, const struct h248_event *b)
{
	LISTS_EQUAL(a, b, event_equal(a, b));
}

static bool events_equal(const struct h248_events *a, const struct h248_events *b)
{
	return request_id_equal(&a->request, &b->request) && event_list_equal(a->list, b->list);
}

static bool signal_list_equal(const struct h248_signal *a, const struct h248_signal *b);

static bool signal_equal(const struct h248_signal *a, const struct h248_signal *b)
{
	if (a->is_list || b->is_list)
		return a->is_list && b->is_list && a->list_id == b->list_id &&
		       signal_list_equal(a->list, b->list);
	return name_equal(&a->name, &b->name) && a->has_stream == b->has_stream &&
	       a->stream == b->stream && a->type == b->type && a->has_duration == b->has_duration &&
	       a->duration == b->duration && a->notify_completion == b->notify_completion &&
	       a->keep_active == b->keep_active && a->direction == b->direction &&
	       request_id_equal(&a->request, &b->request) &&
	       a->has_intersignal == b->has_intersignal && a->intersignal == b->intersignal &&
	       parms_equal(a->parms, b->parms);
}

static bool signal_list_equal(const struct h248_signal *a, const struct h248_signal *b)
{
	LISTS_EQUAL(a, b, signal_equal(a, b));
}

static bool signals_equal(const struct h248_signals *a, const struct h248_signals *b)
{
	return signal_list_equal(a->list, b->list);
}

static bool modem_equal(const struct h248_modem *a, const struct h248_modem *b)
{
	return values_equal(a->types, b->types) && a->bracketed == b->bracketed &&
	       parms_equal(a->properties, b->properties);
}

static bool packages_equal(const struct h248_package *a, const struct h248_package *b)
{
	LISTS_EQUAL(a, b, nc(a->name, b->name) && a->version == b->version);
}

static bool descriptor_equal(const struct h248_descriptor *a, const struct h248_descriptor *b);

static bool audit_equal(const struct h248_audit_item *a, const struct h248_audit_item *b)
{
	LISTS_EQUAL(a, b, a->kind == b->kind && OPTIONAL_EQUAL(a->part, b->part, descriptor_equal));
}

static bool services_equal(const struct h248_services *a, const struct h248_services *b)
{
	return a->method == b->method && nc(a->method_extension, b->method_extension) &&
	       a->reason == b->reason && slice_eq(a->reason_text, b->reason_text) &&
	       a->has_delay == b->has_delay && a->delay == b->delay &&
	       h248_mid_equal(&a->address, &b->address) &&
	       h248_mid_equal(&a->mgc_to_try, &b->mgc_to_try) && nc(a->profile, b->profile) &&
	       a->profile_version == b->profile_version && a->version == b->version &&
	       nc(a->timestamp, b->timestamp) && a->incomplete == b->incomplete &&
	       audit_equal(a->audit, b->audit) && parms_equal(a->extensions, b->extensions);
}

static bool descriptor_equal(const struct h248_descriptor *a, const struct h248_descriptor *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case H248_D_MEDIA:
		return media_equal(&a->u.media, &b->u.media);
	case H248_D_MODEM:
		return modem_equal(&a->u.modem, &b->u.modem);
	case H248_D_MUX:
		return nc(a->u.mux.type, b->u.mux.type) &&
		       tids_equal(a->u.mux.terminations, b->u.mux.terminations);
	case H248_D_EVENTS:
	case H248_D_OBSERVED_EVENTS:
		return events_equal(&a->u.events, &b->u.events);
	case H248_D_SIGNALS:
		return signals_equal(&a->u.signals, &b->u.signals);
	case H248_D_DIGIT_MAP:
		return digit_map_equal(&a->u.digit_map, &b->u.digit_map);
	case H248_D_EVENT_BUFFER:
		return event_list_equal(a->u.event_buffer, b->u.event_buffer);
	case H248_D_AUDIT:
		return audit_equal(a->u.audit, b->u.audit);
	case H248_D_STATISTICS:
		return parms_equal(a->u.statistics, b->u.statistics);
	case H248_D_PACKAGES:
		return packages_equal(a->u.packages, b->u.packages);
	case H248_D_SERVICES:
		return services_equal(&a->u.services, &b->u.services);
	case H248_D_ERROR:
		return error_equal(&a->u.error, &b->u.error);
	default:
		return a->u.token == b->u.token;
	}
}

static bool descriptors_equal(const struct h248_descriptor *a, const struct h248_descriptor *b)
{
	LISTS_EQUAL(a, b, descriptor_equal(a, b));
}

static bool commands_equal(const struct h248_command *a, const struct h248_command *b)
{
	LISTS_EQUAL(a, b,
		    a->kind == b->kind && a->optional == b->optional &&
			a->wildcard_response == b->wildcard_response &&
			a->context_list == b->context_list && tids_equal(&a->tid, &b->tid) &&
			descriptors_equal(a->descriptors, b->descriptors) &&
			error_equal(&a->error, &b->error));
}

static bool topology_equal(const struct h248_topology *a, const struct h248_topology *b)
{
	LISTS_EQUAL(a, b,
		    nc(a->a, b->a) && nc(a->b, b->b) && a->direction == b->direction &&
			a->has_stream == b->has_stream && a->stream == b->stream);
}

static bool context_ids_equal(const struct h248_context_id *a, const struct h248_context_id *b)
{
	LISTS_EQUAL(a, b, a->id == b->id);
}

static bool properties_equal(const struct h248_context_properties *a,
			     const struct h248_context_properties *b)
{
	return topology_equal(a->topology, b->topology) && a->has_priority == b->has_priority &&
	       a->priority == b->priority && a->emergency == b->emergency && a->ieps == b->ieps &&
	       parms_equal(a->attributes, b->attributes) && context_ids_equal(a->list, b->list);
}

static bool context_audit_equal(const struct h248_context_audit *a,
				const struct h248_context_audit *b)
{
	return a->what == b->what && parms_equal(a->attributes, b->attributes) &&
	       a->logic == b->logic && a->in_context_attr == b->in_context_attr &&
	       OPTIONAL_EQUAL(a->select, b->select, properties_equal);
}

bool h248_actions_equal(const struct h248_action *a, const struct h248_action *b)
{
	LISTS_EQUAL(a, b,
		    a->context == b->context &&
			OPTIONAL_EQUAL(a->properties, b->properties, properties_equal) &&
			OPTIONAL_EQUAL(a->audit, b->audit, context_audit_equal) &&
			commands_equal(a->commands, b->commands) &&
			error_equal(&a->error, &b->error));
}

static bool acks_equal(const struct h248_ack_range *a, const struct h248_ack_range *b)
{
	LISTS_EQUAL(a, b, a->first == b->first && a->last == b->last);
}

static bool transactions_equal(const struct h248_transaction *a, const struct h248_transaction *b)
{
	LISTS_EQUAL(a, b,
		    a->kind == b->kind && a->id == b->id && a->imm_ack == b->imm_ack &&
			a->segmented == b->segmented && a->segment == b->segment &&
			a->segment_end == b->segment_end &&
			h248_actions_equal(a->actions, b->actions) &&
			acks_equal(a->acks, b->acks) && error_equal(&a->error, &b->error) &&
			a->malformed == b->malformed);
}

bool h248_message_equal(const struct h248_message *a, const struct h248_message *b)
{
	return a->has_auth == b->has_auth && nc(a->auth_spi, b->auth_spi) &&
	       nc(a->auth_sequence, b->auth_sequence) && nc(a->auth_data, b->auth_data) &&
	       a->version == b->version && h248_mid_equal(&a->mid, &b->mid) &&
	       error_equal(&a->error, &b->error) &&
	       transactions_equal(a->transactions, b->transactions);
}
