/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/control.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/control.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "hss/counters.h"
#include "hss/cx/errands.h"
#include "hss/cx/withdraw.h"
#include "hss/diameter/client.h"
#include "hss/diameter/admission.h"
#include "hss/diameter/forward.h"
#include "hss/diameter/node.h"
#include "hss/diameter/visitor.h"
#include "hss/http/server.h"
#include "hss/migration/leave.h"
#include "hss/provision/bearer.h"
#include "hss/remember.h"
#include "hss/reseal.h"

enum { TICK_MS = 1000 };

static struct {
	const struct config *cfg;
	struct service *svc;
	struct control_path made;
	struct control control;
	struct metrics metrics;
	struct server *server[2]; /* control and metrics, or NULL */
	pthread_t thread;
	bool running;
	int stop_fd, news_fd;
	int64_t started_ms;
} hss = {.stop_fd = -1, .news_fd = -1};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void put_peer(const char *name, const char *state, void *arg)
{
	outbuf_printf(arg, "peer %s %s\n", name, state);
}

static void status(struct request *r)
{
	struct outbuf *out = request_out(r);
	struct store_totals t;

	outbuf_printf(out, "identity %s\nrealm %s\nuptime_seconds %llu\n", hss.cfg->identity,
		      hss.cfg->realm, (unsigned long long)hss_uptime());
	node_each_peer(put_peer, out);
	if (store_totals_now(hss.svc->store, &t) == 0)
		outbuf_printf(
		    out,
		    "subscriptions %llu\nprivate_identities %llu\npublic_identities %llu\n"
		    "registered %llu\nunregistered_served %llu\n",
		    (unsigned long long)t.subscriptions, (unsigned long long)t.impis,
		    (unsigned long long)t.impus, (unsigned long long)t.registered,
		    (unsigned long long)t.unregistered);
	remember_status(out);
	reseal_status(out);
	outbuf_printf(out, "requests_under_way %u\n", admission_under_way());
	outbuf_printf(out, "migrations_here %zu\nmigrations_away %zu\nvisitors_waiting %u\n",
		      registry_count(hss.svc->migration->registry, BINDING_HERE),
		      registry_count(hss.svc->migration->registry, BINDING_AWAY),
		      visitors_waiting());
	for (int c = 0; c < COUNTERS; c++)
		outbuf_printf(out, "%s %llu\n", counter_name((enum counter)c),
			      (unsigned long long)counter_get((enum counter)c));
	outbuf_printf(out, "log_lines_lost %llu\n", (unsigned long long)log_lost());
	control_ok(r);
}

static void on_pushed(void *arg, const char *error)
{
	if (error)
		control_error(arg, "%s", error);
	else
		control_ok(arg);
}

static void deregister(struct request *r, const struct words *w)
{
	struct slice impus[WORDS_MAX], v;
	char info[128] = "";
	struct push_order order = {.impi = w->w[1],
				   .impus = impus,
				   .reason = DEREG_PERMANENT_TERMINATION,
				   .info = info,
				   .seconds = hss.cfg->answer_seconds,
				   .out = request_out(r),
				   .done = on_pushed,
				   .arg = r};

	for (size_t i = 2; i < w->n; i++) {
		if (slice_eq(w->w[i], SLICE_LIT("force"))) {
			order.force = true;
		} else if (word_option(w->w[i], "info", &v)) {
			snprintf(info, sizeof(info), "%.*s", (int)v.len, v.p);
		} else if (word_option(w->w[i], "reason", &v)) {
			if (deregistration_reason_parse(v, &order.reason)) {
				control_error(r, "reason is " DEREGISTRATION_REASONS);
				return;
			}
		} else {
			impus[order.n_impus++] = w->w[i];
		}
	}
	push_deregister(hss.svc, &order);
}

static void push(struct request *r, const struct words *w)
{
	push_profile(hss.svc, &(struct push_order){.impi = w->w[1],
						   .seconds = hss.cfg->answer_seconds,
						   .out = request_out(r),
						   .done = on_pushed,
						   .arg = r});
}

static void withdraw(struct request *r, const struct words *w)
{
	push_withdraw(hss.svc, &(struct push_order){.impi = w->w[1],
						    .force = w->n == 3,
						    .seconds = hss.cfg->answer_seconds,
						    .out = request_out(r),
						    .done = on_pushed,
						    .arg = r});
}

static void on_ended(void *arg, const struct leave_outcome *o)
{
	struct request *r = arg;

	outbuf_printf(request_out(r), "ended %u\ngone %u\nnot_confirmed %u\n", o->ended, o->left,
		      o->unconfirmed);
	if (o->error)
		control_error(r, "not all are gone yet, which is tried again: %s", o->error);
	else
		control_ok(r);
}

/* migration withdraw ID | partner=NAME | all */
static void end_migrations(struct request *r, const struct words *w)
{
	char name[BINDING_ID_SIZE];
	struct migration_selection which = {.id = name};
	struct slice v = w->w[2];

	if (slice_eq(v, SLICE_LIT("all")))
		which.id = NULL;
	else if (word_option(w->w[2], "partner", &v))
		which = (struct migration_selection){.partner = name};
	if (slice_copy(v, name, sizeof(name)) || !name[0])
		control_error(r, "migration withdraw ID, partner=NAME or all");
	else
		leave_end(&which, "operator", "withdrawn", on_ended, r);
}

static void rotate(struct request *r)
{
	char why[512];

	if (reseal_kick(why, sizeof(why)))
		control_error(r, "%s", why);
	else
		control_ok(r);
}

static void on_command(struct request *r, const struct words *w, void *arg)
{
	(void)arg;
	if (w->n == 1 && slice_eq(w->w[0], SLICE_LIT("status")))
		status(r);
	else if (w->n >= 2 && slice_eq(w->w[0], SLICE_LIT("deregister")))
		deregister(r, w);
	else if (w->n == 2 && slice_eq(w->w[0], SLICE_LIT("push")))
		push(r, w);
	else if ((w->n == 2 || (w->n == 3 && slice_eq(w->w[2], SLICE_LIT("force")))) &&
		 slice_eq(w->w[0], SLICE_LIT("withdraw")))
		withdraw(r, w);
	else if (w->n == 3 && slice_eq(w->w[0], SLICE_LIT("migration")) &&
		 slice_eq(w->w[1], SLICE_LIT("withdraw")))
		end_migrations(r, w);
	else if (w->n == 2 && slice_eq(w->w[0], SLICE_LIT("master-key")) &&
		 slice_eq(w->w[1], SLICE_LIT("rotate")))
		rotate(r);
	else
		control_error(r, "no such command");
}

static void put_peer_metric(const char *name, const char *state, void *arg)
{
	metric_series(arg, "ims_hss_peer_open", "peer", name, strcmp(state, "OPEN") == 0);
}

void hss_metrics(struct outbuf *out)
{
	struct store_totals t;
	char name[64];

	for (int c = 0; c < COUNTERS; c++) {
		snprintf(name, sizeof(name), "ims_hss_%s_total", counter_name((enum counter)c));
		metric(out, name, METRIC_COUNTER, counter_text((enum counter)c),
		       counter_get((enum counter)c));
	}
	metric(out, "ims_hss_requests_under_way", METRIC_GAUGE,
	       "requests that have come and are not answered yet", admission_under_way());
	metric(out, "ims_hss_migrations_here", METRIC_GAUGE, "users of partners who are here",
	       registry_count(hss.svc->migration->registry, BINDING_HERE));
	metric(out, "ims_hss_migrations_away", METRIC_GAUGE, "users of ours who may be at partners",
	       registry_count(hss.svc->migration->registry, BINDING_AWAY));
	metric(out, "ims_hss_visitors_waiting", METRIC_GAUGE, "MARs that wait for a partner's HSS",
	       visitors_waiting());
	metric(out, "ims_hss_log_lines_lost_total", METRIC_COUNTER,
	       "lines of the log for which stderr had no room", log_lost());
	if (store_totals_now(hss.svc->store, &t) == 0) {
		metric(out, "ims_hss_subscriptions", METRIC_GAUGE, "subscriptions",
		       t.subscriptions);
		metric(out, "ims_hss_private_identities", METRIC_GAUGE, "private identities",
		       t.impis);
		metric(out, "ims_hss_public_identities", METRIC_GAUGE, "public identities",
		       t.impus);
		metric(out, "ims_hss_registered", METRIC_GAUGE, "public identities registered",
		       t.registered);
		metric(out, "ims_hss_unregistered_served", METRIC_GAUGE,
		       "public identities served unregistered", t.unregistered);
	}
	remember_metrics(out);
	reseal_metrics(out);
	metric_family(out, "ims_hss_peer_open", METRIC_GAUGE, "1 where the peer is connected");
	node_each_peer(put_peer_metric, out);
}

static void put_metrics(struct outbuf *out, void *arg)
{
	(void)arg;
	hss_metrics(out);
}

uint64_t hss_uptime(void)
{
	return (uint64_t)(now_ms() - hss.started_ms) / 1000;
}

int hss_control_open(const struct config *cfg, char *why, size_t size)
{
	int fd = control_open(cfg->control, &hss.made, why, size);

	if (fd < 0)
		return -1;
	hss.cfg = cfg;
	hss.control.handler = on_command;
	hss.metrics.handler = put_metrics;
	hss.server[0] = control_server(fd, &hss.control);
	if (!hss.server[0])
		snprintf(why, size, "no memory");
	fd = hss.server[0] && cfg->metrics[0] ? metrics_open(cfg->metrics, why, size) : -1;
	if (fd >= 0)
		hss.server[1] = metrics_server(fd, &hss.metrics);
	if (hss.server[0] && (!cfg->metrics[0] || hss.server[1]))
		return 0;
	hss_control_close();
	return -1;
}

static void *run(void *arg)
{
	struct pollfd fds[2 * SERVER_POLL_MAX + 2];
	eventfd_t news;
	size_t n[2];

	(void)arg;
	for (;;) {
		n[0] = server_poll(hss.server[0], fds);
		n[1] = hss.server[1] ? server_poll(hss.server[1], fds + n[0]) : 0;
		fds[n[0] + n[1]] = (struct pollfd){.fd = hss.stop_fd, .events = POLLIN};
		fds[n[0] + n[1] + 1] = (struct pollfd){.fd = hss.news_fd, .events = POLLIN};
		if (poll(fds, n[0] + n[1] + 2, TICK_MS) < 0)
			continue;
		if (fds[n[0] + n[1] + 1].revents)
			eventfd_read(hss.news_fd, &news);
		if (fds[n[0] + n[1]].revents)
			return NULL;
		server_handle(hss.server[0], fds, n[0], now_ms());
		if (hss.server[1])
			server_handle(hss.server[1], fds + n[0], n[1], now_ms());
		client_tick(now_ms());
		forward_work();
		if (hss.cfg->giba && provision_bearers_sweep(hss.svc->store, time(NULL)) > 0)
			service_changed(hss.svc);
		leave_tick(time(NULL));
		errands_tick(hss.svc, hss.cfg->answer_seconds, hss.cfg->push_changes);
		http_tick(now_ms());
	}
}

/* Another process has left something: on a thread of the store. */
static void on_news(void *arg)
{
	(void)arg;
	eventfd_write(hss.news_fd, 1);
	service_changed(hss.svc);
}

int hss_control_start(struct service *svc)
{
	int err;

	hss.svc = svc;
	hss.started_ms = now_ms();
	hss.stop_fd = eventfd(0, EFD_CLOEXEC);
	hss.news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (hss.stop_fd < 0 || hss.news_fd < 0)
		return errno;
	forward_start(svc->store);
	store_on_news(svc->store, on_news, NULL);
	err = pthread_create(&hss.thread, NULL, run, NULL);
	hss.running = err == 0;
	return err;
}

void hss_control_close(void)
{
	if (hss.running) {
		eventfd_write(hss.stop_fd, 1);
		pthread_join(hss.thread, NULL);
		hss.running = false;
	}
	if (hss.stop_fd >= 0)
		close(hss.stop_fd);
	hss.stop_fd = -1;
	if (hss.svc && hss.news_fd >= 0)
		store_on_news(hss.svc->store, NULL, NULL);
	for (int i = 0; i < 2; i++) {
		server_free(hss.server[i]);
		hss.server[i] = NULL;
	}
	control_remove(&hss.made);
}
