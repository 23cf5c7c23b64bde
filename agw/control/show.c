/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contexts as text, for agwctl: one, or all of them in pieces so that H.248 is never kept waiting. */
#include "agw/control/show.h"
#include "agw/control/items.h"
#include <stdlib.h>

static const char *proto_name(enum media_proto p)
{
	static const char *const names[] = {
	    [MEDIA_UDP] = "UDP",	   [MEDIA_RTP] = "RTP/AVP",
	    [MEDIA_SRTP] = "RTP/SAVP",	   [MEDIA_DTLS_SRTP] = "UDP/TLS/RTP/SAVP",
	    [MEDIA_TCP] = "TCP",	   [MEDIA_TCP_TLS] = "TCP/TLS",
	    [MEDIA_TCP_MSRP] = "TCP/MSRP", [MEDIA_TCP_TLS_MSRP] = "TCP/TLS/MSRP",
	    [MEDIA_TCP_BFCP] = "TCP/BFCP", [MEDIA_TCP_TLS_BFCP] = "TCP/TLS/BFCP",
	};

	return p < sizeof(names) / sizeof(names[0]) ? names[p] : "?";
}

static void show_stream(const struct stream *s, struct outbuf *out)
{
	static const char *const modes[] = {"inactive", "recvonly", "sendonly", "sendrecv"};
	char local[NETADDR_TEXT_MAX] = "-", remote[NETADDR_TEXT_MAX];
	struct media_leg_stats st = {0};
	struct netaddr a;

	if (s->leg) {
		media_leg_local(s->leg, &a);
		netaddr_text(&a, local);
		media_leg_stats(s->leg, &st);
	}
	outbuf_printf(out, "    stream %u %s %s local %s remote %s state %s%s%s\n", s->id,
		      proto_name(s->proto), modes[s->config.mode & 3], local,
		      netaddr_text(&s->config.remote, remote),
		      s->leg ? media_leg_state(s->leg) : "-", s->partner ? "" : " unlinked",
		      !s->leg || media_leg_settled(s->leg) ? "" : " settling");
	outbuf_printf(out,
		      "      in %llu packets %llu octets, out %llu packets %llu octets, rtcp "
		      "%llu/%llu, messages %llu\n",
		      (unsigned long long)st.packets_in, (unsigned long long)st.octets_in,
		      (unsigned long long)st.packets_out, (unsigned long long)st.octets_out,
		      (unsigned long long)st.rtcp_in, (unsigned long long)st.rtcp_out,
		      (unsigned long long)st.messages_in);
	outbuf_printf(out,
		      "      filtered %llu policed %llu overrun %llu gated %llu malformed %llu "
		      "auth-failed %llu "
		      "replayed %llu "
		      "lost %llu connects %llu refused %llu tls-failed %llu\n",
		      (unsigned long long)st.filtered, (unsigned long long)st.policed,
		      (unsigned long long)st.overrun, (unsigned long long)st.gated,
		      (unsigned long long)st.malformed, (unsigned long long)st.auth_failed,
		      (unsigned long long)st.replayed, (unsigned long long)st.rtp_lost,
		      (unsigned long long)st.connects, (unsigned long long)st.refused,
		      (unsigned long long)st.tls_failed);
	if (media_proto_is_rtp(s->proto))
		outbuf_printf(out,
			      "      rtp lost %u%% jitter %llu us, peer reports lost %llu (now "
			      "%llu%%) jitter %llu us, round trip %llu us\n",
			      quality_lost_percent(&st), (unsigned long long)st.rtp_jitter_us,
			      (unsigned long long)st.rtp_peer_lost,
			      (unsigned long long)st.rtp_peer_fraction * 100 / 256,
			      (unsigned long long)st.rtp_peer_jitter_us,
			      (unsigned long long)st.rtp_delay_us);
}

void show_line(const struct context *c, struct outbuf *out)
{
	outbuf_printf(out, "%-10u %s%s priority %-2u", c->id, c->emergency ? "emergency " : "",
		      c->isolated ? "isolated " : "", c->priority);
	for (const struct termination *t = c->terminations; t; t = t->next_in_context)
		outbuf_printf(out, " %s", t->id);
	outbuf_printf(out, "\n");
}

void show_context(const struct context *c, struct outbuf *out)
{
	outbuf_printf(out, "context %u priority %u%s%s%s\n", c->id, c->priority,
		      c->emergency ? " emergency" : "", c->ieps ? " ieps" : "",
		      c->isolated ? " isolated" : "");
	for (const struct termination *t = c->terminations; t; t = t->next_in_context) {
		outbuf_printf(out, "  %s realm %s%s events", t->id, t->realm->cfg.name,
			      t->out_of_service ? " out-of-service" : "");
		for (size_t i = 0; i < t->n_events; i++)
			outbuf_printf(out, " %s/%s", event_items[t->events[i].kind].package,
				      event_items[t->events[i].kind].name);
		outbuf_printf(out, "\n");
		for (const struct stream *s = t->streams; s; s = s->next)
			show_stream(s, out);
	}
}

/* ---- all of them ---- */

enum { CONTEXTS_A_TURN = 100 };

/* An answer under way: the buckets of the context table before `bucket` are in it. */
struct listing {
	struct listing *next;
	struct request *request;
	show_h *show;
	size_t bucket;
};

int show_all(struct gateway *g, struct request *r, show_h *show)
{
	struct listing *l = calloc(1, sizeof(*l));

	if (!l)
		return -1;
	outbuf_printf(request_out(r), "%zu contexts\n", g->model.n_contexts);
	l->request = r;
	l->show = show;
	l->next = g->listings;
	g->listings = l;
	return 0;
}

/* Whole buckets, so that what comes and goes meanwhile is there once or not at all. */
static bool go_on(struct gateway *g, struct listing *l)
{
	struct outbuf *out = request_out(l->request);
	unsigned n = 0;

	while (l->bucket < MODEL_BUCKETS && n < CONTEXTS_A_TURN && !out->failed) {
		for (const struct context *c = g->model.contexts[l->bucket]; c;
		     c = c->next_in_bucket, n++)
			l->show(c, out);
		l->bucket++;
	}
	return l->bucket < MODEL_BUCKETS && !out->failed;
}

void listings_go_on(struct gateway *g)
{
	for (struct listing **p = &g->listings; *p;) {
		struct listing *l = *p;

		if (go_on(g, l)) {
			p = &l->next;
			continue;
		}
		*p = l->next;
		control_ok(l->request);
		free(l);
	}
}

void listings_drop(struct gateway *g)
{
	while (g->listings) {
		struct listing *l = g->listings;

		g->listings = l->next;
		control_error(l->request, "the gateway ends");
		free(l);
	}
}
