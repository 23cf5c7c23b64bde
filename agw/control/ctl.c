/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket: one command line in, text out. agwctl is its client. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>
#include "agw/control/items.h"

static void one_line(struct context *c, void *arg)
{
	struct client *out = arg;

	client_printf(out, "%-10u %s%s priority %-2u", c->id, c->emergency ? "emergency " : "",
		      c->isolated ? "isolated " : "", c->priority);
	for (struct termination *t = c->terminations; t; t = t->next_in_context)
		client_printf(out, " %s", t->id);
	client_printf(out, "\n");
}

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

static void show_stream(const struct stream *s, struct client *out)
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
	client_printf(out, "    stream %u %s %s local %s remote %s state %s%s%s\n", s->id,
		      proto_name(s->proto), modes[s->config.mode & 3], local,
		      netaddr_text(&s->config.remote, remote),
		      s->leg ? media_leg_state(s->leg) : "-", s->partner ? "" : " unlinked",
		      !s->leg || media_leg_settled(s->leg) ? "" : " settling");
	client_printf(out,
		      "      in %llu packets %llu octets, out %llu packets %llu octets, rtcp "
		      "%llu/%llu, messages %llu\n",
		      (unsigned long long)st.packets_in, (unsigned long long)st.octets_in,
		      (unsigned long long)st.packets_out, (unsigned long long)st.octets_out,
		      (unsigned long long)st.rtcp_in, (unsigned long long)st.rtcp_out,
		      (unsigned long long)st.messages_in);
	client_printf(out,
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
}

static void show_context(struct context *c, void *arg)
{
	struct client *out = arg;

	client_printf(out, "context %u priority %u%s%s%s\n", c->id, c->priority,
		      c->emergency ? " emergency" : "", c->ieps ? " ieps" : "",
		      c->isolated ? " isolated" : "");
	for (struct termination *t = c->terminations; t; t = t->next_in_context) {
		client_printf(out, "  %s realm %s%s events", t->id, t->realm->cfg.name,
			      t->out_of_service ? " out-of-service" : "");
		for (size_t i = 0; i < t->n_events; i++)
			client_printf(out, " %s/%s", event_items[t->events[i].kind].package,
				      event_items[t->events[i].kind].name);
		client_printf(out, "\n");
		for (struct stream *s = t->streams; s; s = s->next)
			show_stream(s, out);
	}
}

static void show_status(struct gateway *g, struct client *out)
{
	struct h248_peer *p = h248_peer_next(g->entity, NULL);
	char addr[NETADDR_TEXT_MAX] = "-";

	if (p)
		netaddr_text(&h248_peer_address(p)->at, addr);
	client_printf(out, "association %s controller %s version %u\n",
		      h248_state_name(h248_mg_state(g->entity)), addr,
		      p ? h248_peer_version(p) : 0);
	client_printf(out, "contexts %zu of %u, emergency %zu, terminations %zu%s\n",
		      g->model.n_contexts, g->cfg.contexts_max, g->model.n_emergency,
		      g->model.n_terminations, g->draining ? ", draining" : "");
	client_printf(out, "load contexts %u%% ports %u%% cpu %u%%%s\n", g->overload.use.contexts,
		      g->overload.use.ports, g->overload.use.cpu,
		      g->overload.on ? ", overloaded" : "");
	for (struct realm *r = g->realms.list; r; r = r->next)
		for (size_t i = 0; i < r->cfg.n_addresses; i++) {
			char ip[NETADDR_TEXT_MAX];

			client_printf(out, "realm %s %s ports %zu of %zu%s\n", r->cfg.name,
				      netaddr_ip_text(&r->cfg.addresses[i], ip),
				      media_pool_in_use(r->pools[i]), media_pool_size(r->pools[i]),
				      r->retired ? " retired" : "");
		}
}

static void drain(struct gateway *g, struct client *out)
{
	g->draining = true;
	if (h248_mg_state(g->entity) == H248_ACTIVE)
		h248_mg_leave(g->entity, H248_GRACEFUL, 0, h248_now_ms());
	gateway_log(g, LOG_NOTICE, "draining: %zu contexts left", g->model.n_contexts);
	if (out)
		client_printf(out, "draining, %zu contexts left\n", g->model.n_contexts);
}

static void stay(struct gateway *g, struct client *out)
{
	g->draining = false;
	h248_mg_stay(g->entity, h248_now_ms());
	client_printf(out, "in service\n");
}

/* One pcap per leg: context-<id>-<termination>-<stream>.pcap */
static void trace(struct gateway *g, struct context *c, bool on, struct client *out)
{
	for (struct termination *t = c->terminations; t; t = t->next_in_context)
		for (struct stream *s = t->streams; s; s = s->next) {
			char path[CONFIG_TEXT_MAX + 128], name[H248_TID_MAX];
			int fd = -1;

			if (!s->leg)
				continue;
			if (on) {
				strcpy(name, t->id);
				for (char *p = name; *p; p++)
					*p = *p == '/' ? '-' : *p;
				snprintf(path, sizeof(path), "%s/context-%u-%s-%u.pcap",
					 g->cfg.trace_dir, c->id, name, s->id);
				fd = open(path,
					  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
					  0600);
				if (fd < 0) {
					client_printf(out, "error: %s: %s\n", path,
						      strerror(errno));
					return;
				}
				client_printf(out, "%s\n", path);
			}
			media_leg_trace(s->leg, fd);
		}
	if (!on)
		client_printf(out, "off\n");
}

static const char usage[] = "status | list | show CONTEXT | dump | trace CONTEXT on|off | drain | "
			    "undrain | reload | stop\n";

void ctl_command(struct gateway *g, const char *line, struct client *out)
{
	struct slice rest = slice_trim(slice_str(line)), verb = slice_cut(&rest, ' '),
		     id = slice_cut(&rest, ' ');
	uint64_t n = 0;
	struct context *c = NULL;

	if (slice_u64(id, UINT32_MAX, &n) == 0)
		c = context_find(&g->model, (uint32_t)n);
	if (slice_eq(verb, SLICE_LIT("drain"))) {
		drain(g, out);
	} else if (!out) {
		return;
	} else if (slice_eq(verb, SLICE_LIT("status"))) {
		show_status(g, out);
	} else if (slice_eq(verb, SLICE_LIT("list"))) {
		client_printf(out, "%zu contexts\n", g->model.n_contexts);
		model_each_context(&g->model, one_line, out);
	} else if (slice_eq(verb, SLICE_LIT("dump"))) {
		client_printf(out, "%zu contexts\n", g->model.n_contexts);
		model_each_context(&g->model, show_context, out);
	} else if (slice_eq(verb, SLICE_LIT("show")) || slice_eq(verb, SLICE_LIT("trace"))) {
		if (!c)
			client_printf(out, "error: no such context\n");
		else if (slice_eq(verb, SLICE_LIT("show")))
			show_context(c, out);
		else
			trace(g, c, slice_eq(slice_trim(rest), SLICE_LIT("on")), out);
	} else if (slice_eq(verb, SLICE_LIT("undrain"))) {
		stay(g, out);
	} else if (slice_eq(verb, SLICE_LIT("reload"))) {
		client_printf(out, "%s\n",
			      kill(getpid(), SIGHUP) == 0 ? "reloading; see the log"
							  : strerror(errno));
	} else if (slice_eq(verb, SLICE_LIT("stop"))) {
		g->stop = true;
		client_printf(out, "stopping\n");
	} else {
		client_printf(out, "error: %s", usage);
	}
}

int ctl_open(struct gateway *g)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char dir[CONFIG_TEXT_MAX], *slash;

	if (!g->cfg.control_socket[0])
		return 0;
	if (strlen(g->cfg.control_socket) >= sizeof(a.sun_path)) {
		gateway_log(g, LOG_ERR, "control_socket: path too long");
		return -1;
	}
	strcpy(dir, g->cfg.control_socket);
	slash = strrchr(dir, '/');
	if (slash && slash != dir) {
		*slash = 0;
		if (mkdir(dir, 0755) < 0 && errno != EEXIST)
			gateway_log(g, LOG_WARNING, "%s: %s", dir, strerror(errno));
	}
	strcpy(a.sun_path, g->cfg.control_socket);
	unlink(a.sun_path);
	g->ctl_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (g->ctl_fd < 0 || bind(g->ctl_fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    chmod(a.sun_path, 0600) < 0 || listen(g->ctl_fd, 8) < 0) {
		gateway_log(g, LOG_ERR, "control socket %s: %s", a.sun_path, strerror(errno));
		return -1;
	}
	return 0;
}
