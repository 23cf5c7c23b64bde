/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/control.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/metrics.h"
#include "hss/cms/counters.h"
#include "hss/cms/doors.h"
#include "hss/cms/errands.h"
#include "hss/cms/feed.h"
#include "http/server.h"

enum { TICK_MS = 1000 };

static struct {
	struct cms *cms;
	struct control_path made;
	struct control control;
	struct metrics metrics;
	struct server *server[2]; /* control and metrics, or NULL */
	pthread_t thread;
	bool running;
	int stop_fd;
} ctl = {.stop_fd = -1};

static void on_command(struct request *r, const struct words *w, void *arg)
{
	(void)arg;
	cms_command(ctl.cms, r, w);
}

static void put_metrics(struct outbuf *out, void *arg)
{
	char name[64];

	(void)arg;
	for (int c = 0; c < CMS_COUNTS; c++) {
		snprintf(name, sizeof(name), "ims_cms_%s_total", count_name((enum cms_counter)c));
		metric(out, name, METRIC_COUNTER, count_text((enum cms_counter)c),
		       count_get((enum cms_counter)c));
	}
	metric(out, "ims_cms_away", METRIC_GAUGE, "users of ours who may be at partners",
	       (uint64_t)grants_live(ctl.cms, SIDE_PRIMARY));
	metric(out, "ims_cms_here", METRIC_GAUGE, "users of partners who may be here",
	       (uint64_t)grants_live(ctl.cms, SIDE_PARTNER));
	metric(out, "ims_cms_not_fed", METRIC_GAUGE, "migrations whose state our HSS does not know",
	       ctl.cms->cfg->hss[0] ? (uint64_t)grants_unfed_count(ctl.cms) : 0);
	metric(out, "ims_cms_log_lines_lost_total", METRIC_COUNTER,
	       "lines of the log for which stderr had no room", log_lost());
}

int cms_control_open(struct cms *cms, char *why, size_t size)
{
	int fd = control_open(cms->cfg->control, &ctl.made, why, size);

	if (fd < 0)
		return -1;
	ctl.cms = cms;
	ctl.control.handler = on_command;
	ctl.metrics.handler = put_metrics;
	ctl.server[0] = control_server(fd, &ctl.control);
	if (!ctl.server[0])
		snprintf(why, size, "no memory");
	fd =
	    ctl.server[0] && cms->cfg->metrics[0] ? metrics_open(cms->cfg->metrics, why, size) : -1;
	if (fd >= 0)
		ctl.server[1] = metrics_server(fd, &ctl.metrics);
	if (ctl.server[0] && (!cms->cfg->metrics[0] || ctl.server[1]))
		return 0;
	cms_control_close();
	return -1;
}

static void *run(void *arg)
{
	struct pollfd fds[2 * SERVER_POLL_MAX + 1];
	int64_t ticked = http_now_ms();
	size_t n[2];

	(void)arg;
	for (;;) {
		n[0] = server_poll(ctl.server[0], fds);
		n[1] = ctl.server[1] ? server_poll(ctl.server[1], fds + n[0]) : 0;
		fds[n[0] + n[1]] = (struct pollfd){.fd = ctl.stop_fd, .events = POLLIN};
		if (poll(fds, n[0] + n[1] + 1, feed_waited() ? FEED_SOON_MS : TICK_MS) < 0)
			continue;
		if (fds[n[0] + n[1]].revents)
			return NULL;
		server_handle(ctl.server[0], fds, n[0], http_now_ms());
		if (ctl.server[1])
			server_handle(ctl.server[1], fds + n[0], n[1], http_now_ms());
		if (feed_waited())
			feed_tick(time(NULL));
		if (http_now_ms() - ticked < TICK_MS)
			continue;
		ticked = http_now_ms();
		doors_tick();
		errands_tick(ctl.cms);
		feed_tick(time(NULL));
	}
}

int cms_control_start(void)
{
	int err;

	ctl.stop_fd = eventfd(0, EFD_CLOEXEC);
	if (ctl.stop_fd < 0)
		return errno;
	err = pthread_create(&ctl.thread, NULL, run, NULL);
	ctl.running = err == 0;
	return err;
}

void cms_control_close(void)
{
	if (ctl.running) {
		eventfd_write(ctl.stop_fd, 1);
		pthread_join(ctl.thread, NULL);
		ctl.running = false;
	}
	if (ctl.stop_fd >= 0)
		close(ctl.stop_fd);
	ctl.stop_fd = -1;
	for (int i = 0; i < 2; i++) {
		server_free(ctl.server[i]);
		ctl.server[i] = NULL;
	}
	control_remove(&ctl.made);
}
