/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /metrics in the Prometheus text format. */
#include <stdio.h>
#include <string.h>
#include "agw/control/gateway.h"

static void put_h248(struct gateway *g, struct outbuf *out)
{
	const struct h248_entity_counters *e = h248_entity_counters(g->entity);
	struct h248_peer *p = h248_peer_next(g->entity, NULL);

	metric(out, "ims_agw_h248_associated", METRIC_GAUGE, "1 while a controller has accepted us",
	       h248_mg_state(g->entity) == H248_ACTIVE);
	metric(out, "ims_agw_h248_strangers_total", METRIC_COUNTER, "messages of those not allowed",
	       e->strangers);
	metric(out, "ims_agw_h248_unreadable_total", METRIC_COUNTER,
	       "messages that could not be decoded", e->unreadable);
	metric(out, "ims_agw_h248_lost_total", METRIC_COUNTER, "associations lost", e->lost);
	metric(out, "ims_agw_notifies_total", METRIC_COUNTER, "Notify requests sent", g->notifies);
	metric(out, "ims_agw_notifies_lost_total", METRIC_COUNTER, "Notify requests without answer",
	       g->notifies_lost);
	metric(out, "ims_agw_orphans_total", METRIC_COUNTER,
	       "terminations the controller had forgotten", g->heartbeats_orphaned);
	metric_family(out, "ims_agw_commands_total", METRIC_COUNTER, "commands received");
	for (int i = 1; i < H248_COMMANDS; i++)
		metric_series(out, "ims_agw_commands_total", "command",
			      h248_command_name((enum h248_command_kind)i), g->commands[i]);
	metric_family(out, "ims_agw_errors_total", METRIC_COUNTER, "error codes answered");
	for (int i = 0; i < CODES_MAX; i++) {
		char code[12];

		snprintf(code, sizeof(code), "%d", i);
		if (g->errors[i])
			metric_series(out, "ims_agw_errors_total", "code", code, g->errors[i]);
	}
	if (p && h248_peer_channel(p)) {
		const struct h248_counters *k = h248_channel_counters(h248_peer_channel(p));

		metric(out, "ims_agw_h248_messages_in_total", METRIC_COUNTER,
		       "messages from the controller", k->messages_in);
		metric(out, "ims_agw_h248_messages_out_total", METRIC_COUNTER,
		       "messages to the controller", k->messages_out);
		metric(out, "ims_agw_h248_retransmissions_total", METRIC_COUNTER,
		       "own requests sent again", k->retransmissions);
		metric(out, "ims_agw_h248_duplicates_total", METRIC_COUNTER,
		       "requests that came again", k->duplicates);
		metric(out, "ims_agw_h248_timeouts_total", METRIC_COUNTER, "own requests given up",
		       k->timeouts);
	}
}

/* One series a pool: the format wants its labels in one. */
static void put_ports(struct gateway *g, struct outbuf *out)
{
	metric_family(out, "ims_agw_ports_used", METRIC_GAUGE, "ports taken");
	for (struct realm *r = g->realms.list; r; r = r->next)
		for (size_t i = 0; i < r->cfg.n_addresses; i++) {
			char ip[NETADDR_TEXT_MAX];

			outbuf_printf(out, "ims_agw_ports_used{realm=\"%s\",address=\"%s\"} %zu\n",
				      r->cfg.name, netaddr_ip_text(&r->cfg.addresses[i], ip),
				      realm_ports_used(r, i));
		}
}

static void put_quality(struct gateway *g, struct outbuf *out)
{
	for (enum quality_kind k = 0; k < QUALITY_KINDS; k++) {
		char name[64];

		snprintf(name, sizeof(name), "ims_agw_%s", quality_name(k));
		metric_family(out, name, METRIC_HISTOGRAM, quality_help(k));
		for (const struct realm *r = g->realms.list; r; r = r->next)
			metric_histogram(out, name, "realm", r->cfg.name, &r->quality.of[k]);
	}
}

static void put_media(struct gateway *g, struct outbuf *out)
{
	struct media_totals t;

	media_totals(g->media, &t);
	metric(out, "ims_agw_contexts", METRIC_GAUGE, "contexts", g->model.n_contexts);
	metric(out, "ims_agw_contexts_emergency", METRIC_GAUGE, "emergency contexts",
	       g->model.n_emergency);
	metric(out, "ims_agw_overloaded", METRIC_GAUGE, "1 from overload_percent on",
	       g->overload.on);
	metric(out, "ims_agw_cpu_percent", METRIC_GAUGE, "processing time of the workers' cores",
	       g->overload.use.cpu);
	metric(out, "ims_agw_terminations", METRIC_GAUGE, "terminations", g->model.n_terminations);
	metric(out, "ims_agw_legs", METRIC_GAUGE, "media legs", t.legs);
	metric(out, "ims_agw_packets_in_total", METRIC_COUNTER, "packets and reads from peers",
	       t.packets_in);
	metric(out, "ims_agw_packets_out_total", METRIC_COUNTER, "packets and writes to peers",
	       t.packets_out);
	metric(out, "ims_agw_octets_in_total", METRIC_COUNTER, "payload octets from peers",
	       t.octets_in);
	metric(out, "ims_agw_octets_out_total", METRIC_COUNTER, "payload octets to peers",
	       t.octets_out);
	metric(out, "ims_agw_filtered_total", METRIC_COUNTER, "packets from sources not allowed",
	       t.filtered);
	metric(out, "ims_agw_policed_total", METRIC_COUNTER, "packets over the rate", t.policed);
	metric(out, "ims_agw_overrun_total", METRIC_COUNTER,
	       "RTP left out because newer waited behind it", t.overrun);
	metric(out, "ims_agw_malformed_total", METRIC_COUNTER,
	       "packets and messages that are not what they claim", t.malformed);
	metric(out, "ims_agw_srtp_auth_failed_total", METRIC_COUNTER,
	       "SRTP packets that did not authenticate", t.auth_failed);
	metric(out, "ims_agw_srtp_replayed_total", METRIC_COUNTER, "SRTP packets seen before",
	       t.replayed);
	metric(out, "ims_agw_strangers_total", METRIC_COUNTER,
	       "TLS newcomers from elsewhere that failed", t.strangers);
	metric(out, "ims_agw_refused_total", METRIC_COUNTER, "connections refused", t.refused);
	metric(out, "ims_agw_accept_failed_total", METRIC_COUNTER,
	       "connections lost for want of a descriptor", t.accept_failed);
	metric(out, "ims_agw_tls_failed_total", METRIC_COUNTER,
	       "TLS and DTLS handshakes that failed", t.tls_failed);
	metric_family(out, "ims_agw_media_events_total", METRIC_COUNTER,
		      "events of the media plane");
	for (int i = MEDIA_EV_LATCHED; i < MEDIA_EVENTS_MAX; i++)
		if (strcmp(media_event_name((enum media_event_type)i), "?") != 0)
			metric_series(out, "ims_agw_media_events_total", "event",
				      media_event_name((enum media_event_type)i),
				      g->media_events[i]);
	put_ports(g, out);
	put_quality(g, out);
}

static void put_control(struct gateway *g, struct outbuf *out)
{
	metric(out, "ims_agw_descriptors_used", METRIC_GAUGE, "descriptors that streams may use",
	       g->limits.used);
	metric(out, "ims_agw_descriptors_max", METRIC_GAUGE, "of so many", g->limits.descriptors);
	metric(out, "ims_agw_h248_floods_total", METRIC_COUNTER,
	       "floods of strangers that were answered with a filter", g->strangers.floods);
	metric(out, "ims_agw_reloads_total", METRIC_COUNTER, "configurations taken over",
	       g->reloads);
	metric(out, "ims_agw_reloads_refused_total", METRIC_COUNTER, "configurations refused",
	       g->reloads_refused);
	metric(out, "ims_agw_log_lost_total", METRIC_COUNTER,
	       "lines of the log that found no room in stderr", log_lost());
}

static void put_all(struct outbuf *out, void *gateway)
{
	put_media(gateway, out);
	put_h248(gateway, out);
	put_control(gateway, out);
}

int metrics_start(struct gateway *g)
{
	char why[300];
	int fd;

	if (!g->cfg.metrics[0])
		return 0;
	fd = metrics_open(g->cfg.metrics, why, sizeof(why));
	if (fd < 0) {
		log_line(LOG_ERR, "metrics: %s", why);
		return -1;
	}
	g->metrics = (struct metrics){.handler = put_all, .arg = g};
	g->metrics_server = metrics_server(fd, &g->metrics);
	if (!g->metrics_server)
		log_line(LOG_ERR, "metrics: no memory");
	return g->metrics_server ? 0 : -1;
}
