/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /metrics in the Prometheus text format. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>
#include "agw/control/gateway.h"

static void put(struct client *c, const char *name, const char *type, const char *help, uint64_t v)
{
	client_printf(c, "# HELP ims_agw_%s %s\n# TYPE ims_agw_%s %s\nims_agw_%s %llu\n", name,
		      help, name, type, name, (unsigned long long)v);
}

static void put_h248(struct gateway *g, struct client *c)
{
	const struct h248_entity_counters *e = h248_entity_counters(g->entity);
	struct h248_peer *p = h248_peer_next(g->entity, NULL);

	put(c, "h248_associated", "gauge", "1 while a controller has accepted us",
	    h248_mg_state(g->entity) == H248_ACTIVE);
	put(c, "h248_strangers_total", "counter", "messages of those not allowed", e->strangers);
	put(c, "h248_unreadable_total", "counter", "messages that could not be decoded",
	    e->unreadable);
	put(c, "h248_lost_total", "counter", "associations lost", e->lost);
	put(c, "notifies_total", "counter", "Notify requests sent", g->notifies);
	put(c, "notifies_lost_total", "counter", "Notify requests without answer",
	    g->notifies_lost);
	put(c, "orphans_total", "counter", "terminations the controller had forgotten",
	    g->heartbeats_orphaned);
	client_printf(c, "# HELP ims_agw_commands_total commands received\n# TYPE "
			 "ims_agw_commands_total counter\n");
	for (int i = 1; i < H248_COMMANDS; i++)
		client_printf(c, "ims_agw_commands_total{command=\"%s\"} %llu\n",
			      h248_command_name((enum h248_command_kind)i),
			      (unsigned long long)g->commands[i]);
	client_printf(c, "# HELP ims_agw_errors_total error codes answered\n# TYPE "
			 "ims_agw_errors_total counter\n");
	for (int i = 0; i < CODES_MAX; i++)
		if (g->errors[i])
			client_printf(c, "ims_agw_errors_total{code=\"%d\"} %llu\n", i,
				      (unsigned long long)g->errors[i]);
	if (p && h248_peer_channel(p)) {
		const struct h248_counters *k = h248_channel_counters(h248_peer_channel(p));

		put(c, "h248_messages_in_total", "counter", "messages from the controller",
		    k->messages_in);
		put(c, "h248_messages_out_total", "counter", "messages to the controller",
		    k->messages_out);
		put(c, "h248_retransmissions_total", "counter", "own requests sent again",
		    k->retransmissions);
		put(c, "h248_duplicates_total", "counter", "requests that came again",
		    k->duplicates);
		put(c, "h248_timeouts_total", "counter", "own requests given up", k->timeouts);
	}
}

static void put_media(struct gateway *g, struct client *c)
{
	struct media_totals t;

	media_totals(g->media, &t);
	put(c, "contexts", "gauge", "contexts", g->model.n_contexts);
	put(c, "contexts_emergency", "gauge", "emergency contexts", g->model.n_emergency);
	put(c, "overloaded", "gauge", "1 from overload_percent on", g->overload.on);
	put(c, "cpu_percent", "gauge", "processing time of the workers' cores",
	    g->overload.use.cpu);
	put(c, "terminations", "gauge", "terminations", g->model.n_terminations);
	put(c, "legs", "gauge", "media legs", t.legs);
	put(c, "packets_in_total", "counter", "packets and reads from peers", t.packets_in);
	put(c, "packets_out_total", "counter", "packets and writes to peers", t.packets_out);
	put(c, "octets_in_total", "counter", "payload octets from peers", t.octets_in);
	put(c, "octets_out_total", "counter", "payload octets to peers", t.octets_out);
	put(c, "filtered_total", "counter", "packets from sources not allowed", t.filtered);
	put(c, "policed_total", "counter", "packets over the rate", t.policed);
	put(c, "overrun_total", "counter", "RTP left out because newer waited behind it",
	    t.overrun);
	put(c, "malformed_total", "counter", "packets and messages that are not what they claim",
	    t.malformed);
	put(c, "srtp_auth_failed_total", "counter", "SRTP packets that did not authenticate",
	    t.auth_failed);
	put(c, "srtp_replayed_total", "counter", "SRTP packets seen before", t.replayed);
	put(c, "tls_failed_total", "counter", "TLS and DTLS handshakes that failed", t.tls_failed);
	client_printf(c, "# HELP ims_agw_media_events_total events of the media plane\n"
			 "# TYPE ims_agw_media_events_total counter\n");
	for (int i = MEDIA_EV_LATCHED; i <= MEDIA_EV_PROTOCOL; i++)
		client_printf(c, "ims_agw_media_events_total{event=\"%s\"} %llu\n",
			      media_event_name((enum media_event_type)i),
			      (unsigned long long)g->media_events[i]);
	client_printf(c,
		      "# HELP ims_agw_ports_used ports taken\n# TYPE ims_agw_ports_used gauge\n");
	for (struct realm *r = g->realms.list; r; r = r->next)
		for (size_t i = 0; i < r->cfg.n_addresses; i++) {
			char ip[NETADDR_TEXT_MAX];

			client_printf(c, "ims_agw_ports_used{realm=\"%s\",address=\"%s\"} %zu\n",
				      r->cfg.name, netaddr_ip_text(&r->cfg.addresses[i], ip),
				      media_pool_in_use(r->pools[i]));
		}
}

void metrics_answer(struct gateway *g, struct client *c)
{
	static const char ok[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
				 "Connection: close\r\n\r\n";

	if (strncmp(c->in, "GET /metrics ", 13) != 0) {
		client_printf(
		    c, "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
		return;
	}
	client_printf(c, "%s", ok);
	put_media(g, c);
	put_h248(g, c);
}

int metrics_open(struct gateway *g)
{
	struct sockaddr_storage ss;
	struct netaddr a;
	socklen_t size;
	int one = 1;

	if (!g->cfg.metrics[0])
		return 0;
	if (netaddr_parse_port(slice_str(g->cfg.metrics), 9432, &a) < 0) {
		gateway_log(g, LOG_ERR, "metrics '%s' is not an address with port", g->cfg.metrics);
		return -1;
	}
	g->metrics_fd = socket(netaddr_af(&a), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	size = netaddr_to_sockaddr(&a, &ss);
	setsockopt(g->metrics_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (g->metrics_fd < 0 || bind(g->metrics_fd, (struct sockaddr *)&ss, size) < 0 ||
	    listen(g->metrics_fd, 8) < 0) {
		gateway_log(g, LOG_ERR, "metrics on %s: %s", g->cfg.metrics, strerror(errno));
		return -1;
	}
	return 0;
}
