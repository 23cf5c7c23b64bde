/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One entity on one transport, and the loop that drives both. */
#include <poll.h>
#include <time.h>

#include "h248/run.h"

int64_t h248_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void on_receive(void *user, const struct h248_addr *from, struct slice text, int64_t now_ms)
{
	h248_entity_receive(user, from, text, now_ms);
}

static void on_link_lost(void *user, const struct h248_addr *from, int64_t now_ms)
{
	h248_entity_link_lost(user, from, now_ms);
}

int h248_run(struct h248_entity *entity, struct h248_transport *transport, int wait_ms)
{
	int64_t due = h248_entity_timeout(entity, h248_now_ms());
	struct pollfd p = {.fd = h248_transport_fd(transport), .events = POLLIN};

	if (due >= 0 && (wait_ms < 0 || due < wait_ms))
		wait_ms = due > INT32_MAX ? INT32_MAX : (int)due;
	if (poll(&p, 1, wait_ms) < 0)
		return -1;
	if (p.revents)
		h248_transport_ready(transport, h248_now_ms());
	h248_entity_tick(entity, h248_now_ms());
	return 0;
}

int h248_open(struct h248_entity_config *config, enum h248_transport_kind kind, const char *local,
	      struct h248_entity **entity, struct h248_transport **transport)
{
	struct h248_transport_config t = {
	    .kind = kind, .receive = on_receive, .link_lost = on_link_lost};
	static const struct h248_timers none;
	struct h248_transport *opened;
	int rc;

	if (h248_addr_parse(local, H248_PORT_TEXT, &t.local) ||
	    (config->device && slice_copy(slice_str(config->device), t.device, sizeof(t.device))))
		return H248_E_ARGUMENT;
	t.listen = config->role == H248_ROLE_MGC;
	rc = h248_transport_open(&t, &opened);
	if (rc)
		return rc;
	if (!memcmp(&config->timers, &none, sizeof(none)))
		h248_timers_default(&config->timers, kind != H248_UDP);
	config->transport = opened;
	rc = h248_entity_new(config, entity);
	if (rc) {
		h248_transport_close(opened);
		return rc;
	}
	h248_transport_set_user(opened, *entity);
	*transport = opened;
	return H248_OK;
}
