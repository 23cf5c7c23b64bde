/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main loop of the gateway. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/sysinfo.h>
#include <unistd.h>
#include "agw/control/gateway.h"

/* ---- overload ---- */

static int64_t micros(const struct timeval *tv)
{
	return (int64_t)tv->tv_sec * 1000000 + tv->tv_usec;
}

void gateway_measure(struct gateway *g)
{
	struct overload *o = &g->overload;
	struct rusage used;

	o->use.contexts = overload_percent(g->model.n_contexts,
					   g->cfg.contexts_max > g->cfg.contexts_reserved
					       ? g->cfg.contexts_max - g->cfg.contexts_reserved
					       : 0);
	o->use.ports = 0;
	for (const struct realm *r = g->realms.list; r; r = r->next)
		for (size_t i = 0; i < r->cfg.n_addresses && !r->retired; i++) {
			unsigned now =
			    overload_percent(realm_ports_used(r, i), media_pool_size(r->pools[i]));

			o->use.ports = now > o->use.ports ? now : o->use.ports;
		}
	if (getrusage(RUSAGE_SELF, &used) == 0)
		overload_cpu(o, h248_now_ms() * 1000,
			     micros(&used.ru_utime) + micros(&used.ru_stime),
			     g->cfg.workers ? g->cfg.workers : (unsigned)get_nprocs());
	if (overload_decide(o, g->cfg.overload_percent))
		log_line(o->on ? LOG_WARNING : LOG_NOTICE,
			 "%s: contexts %u %%, ports %u %%, processors %u %%",
			 o->on ? "overloaded" : "not overloaded any more", o->use.contexts,
			 o->use.ports, o->use.cpu);
}

void gateway_drain(struct gateway *g)
{
	g->draining = true;
	if (h248_mg_state(g->entity) == H248_ACTIVE)
		h248_mg_leave(g->entity, H248_GRACEFUL, 0, h248_now_ms());
	log_line(LOG_NOTICE, "draining: %zu contexts left", g->model.n_contexts);
}

/* ---- the loop ---- */

static void once_a_second(struct gateway *g, int64_t now)
{
	gateway_measure(g);
	notify_second(g, now);
	realms_reap(&g->realms);
	if (g->draining && !g->model.n_contexts)
		g->stop = true;
}

static void take_signals(struct gateway *g, int fd)
{
	struct signalfd_siginfo si;
	char text[400];

	while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGHUP) {
			gateway_reload(g, text, sizeof(text));
		} else if (si.ssi_signo == SIGUSR1) {
			gateway_drain(g);
		} else {
			log_line(LOG_NOTICE, "stopping on signal %u", si.ssi_signo);
			g->stop = true;
		}
	}
}

/* Descriptors that the loop waits for. */
enum { POLL_H248, POLL_MEDIA, POLL_SIGNALS, POLL_FIXED };
struct waits {
	struct pollfd p[POLL_FIXED + 2 * SERVER_POLL_MAX];
	size_t control, metrics; /* how many each server has lent, behind the fixed ones */
};

static void collect(struct gateway *g, int signal_fd, struct waits *w)
{
	struct pollfd *next = w->p + POLL_FIXED;

	w->p[POLL_H248] = (struct pollfd){h248_transport_fd(g->transport), POLLIN, 0};
	w->p[POLL_MEDIA] = (struct pollfd){media_event_fd(g->media), POLLIN, 0};
	w->p[POLL_SIGNALS] = (struct pollfd){signal_fd, POLLIN, 0};
	w->control = g->control_server ? server_poll(g->control_server, next) : 0;
	w->metrics = g->metrics_server ? server_poll(g->metrics_server, next + w->control) : 0;
}

static int wait_ms(const struct gateway *g, int64_t now)
{
	int64_t wait = h248_entity_timeout(g->entity, now), second = g->next_second_ms - now;

	if (g->listings)
		return 0;
	if (wait < 0 || wait > second)
		wait = second > 0 ? second : 0;
	return (int)wait;
}

static void serve(struct gateway *g, int signal_fd, const struct waits *w, int64_t now)
{
	if (w->p[POLL_H248].revents) {
		h248_transport_ready(g->transport, now);
		strangers_look(g, now);
	}
	if (w->p[POLL_MEDIA].revents)
		media_dispatch(g->media);
	if (g->replies_wait)
		gateway_release_replies(g, now);
	if (w->p[POLL_SIGNALS].revents)
		take_signals(g, signal_fd);
	if (g->control_server)
		server_handle(g->control_server, w->p + POLL_FIXED, w->control, now);
	if (g->metrics_server)
		server_handle(g->metrics_server, w->p + POLL_FIXED + w->control, w->metrics, now);
	if (g->listings)
		listings_go_on(g);
	h248_entity_tick(g->entity, now);
	if (now >= g->next_second_ms) {
		g->next_second_ms = now + 1000;
		strangers_look(g, now);
		once_a_second(g, now);
	}
}

static void loop(struct gateway *g, int signal_fd)
{
	while (!g->stop) {
		struct waits w;

		collect(g, signal_fd, &w);
		if (poll(w.p, POLL_FIXED + w.control + w.metrics, wait_ms(g, h248_now_ms())) < 0) {
			if (errno != EINTR)
				break;
			continue;
		}
		serve(g, signal_fd, &w, h248_now_ms());
	}
}

/* What was carried out before the end is answered. */
static void finish_replies(struct gateway *g)
{
	struct pollfd p = {media_event_fd(g->media), POLLIN, 0};
	int64_t until = h248_now_ms() + 200;

	while (g->replies_wait && h248_now_ms() < until) {
		poll(&p, 1, 10);
		media_dispatch(g->media);
		gateway_release_replies(g, h248_now_ms());
	}
}

/* Tell the controller, best effort: the answer may come while we wait a moment for it. */
static void say_goodbye(struct gateway *g)
{
	int64_t until = h248_now_ms() + 500;

	finish_replies(g);
	if (h248_mg_state(g->entity) != H248_ACTIVE ||
	    h248_mg_leave(g->entity, H248_FORCED, 0, h248_now_ms()) != H248_OK)
		return;
	while (h248_now_ms() < until && h248_mg_state(g->entity) != H248_IDLE)
		if (h248_run(g->entity, g->transport, 50) < 0 && errno != EINTR)
			return;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int gateway_run(struct gateway *g)
{
	int signal_fd = open_signals(), rc = -1;

	if (signal_fd < 0) {
		log_line(LOG_ERR, "no descriptor for signals");
		return -1;
	}
	if (gateway_start(g) == 0) {
		g->next_second_ms = h248_now_ms() + 1000;
		h248_entity_start(g->entity, h248_now_ms());
		log_line(LOG_NOTICE, "ims-agw %s: up on %s %s", g->cfg.mid, g->cfg.transport,
			 g->cfg.local);
		loop(g, signal_fd);
		say_goodbye(g);
		rc = 0;
	}
	gateway_end(g);
	close(signal_fd);
	return rc;
}
