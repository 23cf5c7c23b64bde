/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing in clear is ever taken for a phone's. Three things see to it:
 *
 *  - Policies that block: nothing passes the protected ports without an SA, in neither direction,
 *    for no peer.
 *  - A policy of each protected socket itself: it takes nothing that did not come by ESP. Such a
 *    policy belongs to the socket and goes with it, so no other program can take it away. Behind a
 *    NAT ESP is in tunnel mode, for which a socket can have no policy besides; with nat there is none.
 *  - A look at what other programs do: policies that they have flushed or deleted are set again at
 *    once, and flow sets end whose SAs they have flushed.
 *
 * Two Kamailios with one mark in one network namespace would each delete the other's SAs, so the
 * second one does not start.
 */
#include "modules/ims_flow/guard.h"
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/core/flow_pairs.h"
#include "modules/ims_flow/core/kernel_map.h"
#include "modules/ims_flow/kernel.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../core/pt.h"
#include "modules/common/process.h"

/* How long a Kamailio that is ending may still be there. */
#define LOCK_STEPS   30
#define LOCK_STEP_US 100000

static int lock_fd = -1; /* for as long as a process of ours lives */
static int watch_fd = -1;

/* A name that exists once in this network namespace, and goes with those who hold it. */
int guard_lock(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int n = snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "ims_flow/%08x",
			 (unsigned)settings.mark);
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n);

	lock_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (int i = 0; lock_fd >= 0 && i < LOCK_STEPS; i++) {
		if (bind(lock_fd, (struct sockaddr *)&name, len) == 0)
			return 0;
		usleep(LOCK_STEP_US);
	}
	LM_ERR(
	    "another process in this network namespace has the lock \"@%s\" (ss -xlp names it): a "
	    "second Kamailio with ims_flow needs a mark of its own: "
	    "modparam(\"ims_flow\", \"mark\", ...)\n",
	    name.sun_path + 1);
	return -1;
}

typedef int (*each_socket_f)(struct socket_info *si);

/* All protected sockets; stops at the first that is not 0. */
static int each_protected(each_socket_f f)
{
	struct socket_info *lists[2] = {udp_listen, tcp_listen};
	int rc = 0;

	for (int l = 0; l < 2; l++)
		for (struct socket_info *si = lists[l]; si && rc == 0; si = si->next)
			if (port_is_protected(si->port_no))
				rc = f(si);
	return rc;
}

static int block(struct socket_info *si)
{
	struct netaddr local = netaddr_of_ip(&si->address);
	struct xfrm_policy p[2];
	int rc = 0;

	flow_map_guards(&local, si->port_no, settings.mark, settings.policy_priority + 1000, p);
	for (int i = 0; i < 2 && rc == 0; i++)
		rc = kernel_policy(&p[i]);
	if (rc)
		LM_ERR("cannot guard %.*s: %s\n", si->sock_str.len, si->sock_str.s,
		       xfrm_strerror(rc));
	return rc ? -1 : 0;
}

static int close_to_clear(struct socket_info *si)
{
	int rc = si->socket < 0 ? 0 : xfrm_socket_require(si->socket, si->address.af);

	if (rc)
		LM_ERR("%.*s cannot be closed to what is not ESP: %s\n", si->sock_str.len,
		       si->sock_str.s, strerror(errno));
	return rc;
}

int guard_start(void)
{
	if (each_protected(block) || (!settings.nat && each_protected(close_to_clear)))
		return -1;
	watch_fd = xfrm_watch_open();
	if (watch_fd < 0) {
		LM_ERR("no netlink socket to watch policies: %s\n", strerror(errno));
		return -1;
	}
	return 0;
}

/* Set all policies of phones again; the locks are not held for longer than one round. */
static void set_pairs_again(void)
{
	for (uint32_t place = 0; place < flow_table_max(table);) {
		struct flow_effects *fx = changes_begin();

		TABLE_LOCK();
		for (; place < flow_table_max(table) && flow_has_room(fx); place++) {
			struct flow_set *f = flow_at(table, place);

			for (int i = 0; f && i < FLOW_SA_SETS; i++)
				for (uint8_t pair = SA_PAIR_UC; pair <= SA_PAIR_US; pair++)
					if (f->sa[i].owns & pair)
						flow_fx(fx, FX_PAIR_SET, f, &f->sa[i], pair, 0);
		}
		TABLE_UNLOCK();
		changes_end(fx);
	}
}

static void policies_lost(void)
{
	COUNT(policies_lost);
	LM_ERR(
	    "another program has deleted IPsec policies of ims_flow; they are set again: look for "
	    "\"ip xfrm policy flush\", an IKE daemon, or ims_ipsec_pcscf on this machine\n");
	lock_get(&shared->kernel_lock);
	each_protected(block);
	lock_release(&shared->kernel_lock);
	set_pairs_again();
}

/* Flow sets whose SAs are no longer there end: their phones must register anew. */
static void sas_lost(void)
{
	unsigned ended = 0;

	for (uint32_t place = 0; place < flow_table_max(table); place++) {
		struct flow_effects *fx = changes_begin();
		struct flow_set copy, *f;
		bool there = true;

		TABLE_LOCK();
		f = flow_at(table, place);
		if (f)
			copy = *f;
		TABLE_UNLOCK();
		if (f && copy.ipsec && copy.state != FLOW_CLOSING)
			there = kernel_has(&copy);
		if (!there) {
			TABLE_LOCK();
			flow_drop(table, f, FLOW_REASON_KERNEL, &settings.timers, flow_now(), fx);
			TABLE_UNLOCK();
			ended++;
		}
		changes_end(fx);
	}
	if (!ended)
		return;
	COUNT_N(sas_lost, ended);
	LM_ERR("another program has deleted the SAs of %u flow sets: their phones are not reached "
	       "until they register anew\n",
	       ended);
}

static bool block_was_gone;

/* Add what blocks a socket; it is there, unless somebody has deleted it. */
static int look_for_block(struct socket_info *si)
{
	struct netaddr local = netaddr_of_ip(&si->address);
	struct xfrm_policy p[2];

	flow_map_guards(&local, si->port_no, settings.mark, settings.policy_priority + 1000, p);
	for (int i = 0; i < 2; i++)
		block_was_gone |= kernel_policy_add(&p[i]) == 0;
	return 0;
}

/* Many phones at once make more news than were read. A flush leaves nothing, so one of each tells. */
static void look(bool *policies, bool *sas)
{
	struct flow_set copy = {.state = FLOW_FREE};

	lock_get(&shared->kernel_lock);
	block_was_gone = false;
	each_protected(look_for_block);
	*policies |= block_was_gone;
	TABLE_LOCK();
	for (uint32_t place = 0; place < flow_table_max(table) && copy.state == FLOW_FREE;
	     place++) {
		struct flow_set *f = flow_at(table, place);

		if (f && f->ipsec && flow_alive(f))
			copy = *f;
	}
	TABLE_UNLOCK();
	*sas |= copy.state != FLOW_FREE && !kernel_has(&copy);
	lock_release(&shared->kernel_lock);
}

static void ready(int fd, short revents, void *arg)
{
	bool policies = false, sas = false, missed = false;
	enum xfrm_watch what;

	while ((what = xfrm_watch_next(fd)) != XFRM_WATCH_NOTHING) {
		policies |= what == XFRM_WATCH_POLICIES;
		sas |= what == XFRM_WATCH_SAS;
		missed |= what == XFRM_WATCH_MISSED;
	}
	if (missed)
		look(&policies, &sas);
	if (policies)
		policies_lost();
	if (sas)
		sas_lost();
}

int guard_watch(struct kam_process *p)
{
	return watch_fd < 0 ? 0 : kam_process_watch(p, watch_fd, POLLIN, ready, NULL);
}
