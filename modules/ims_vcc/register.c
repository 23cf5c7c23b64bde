/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vcc_register(): a third-party REGISTER (TS 24.229 5.7.1.1). */
#include "modules/ims_vcc/vcc.h"

#include "../../core/dprint.h"

#include "base/netaddr.h"
#include "base/words.h"

#include <stdio.h>

enum { TRUSTED_MAX = 32, HEADERS_MAX = 512 };

struct networks {
	struct netaddr_net net[TRUSTED_MAX];
	unsigned n;
};

static struct networks trusted, peers;

static int read_networks(const char *name, str value, struct networks *out)
{
	struct slice text = slice_of(value), word;

	while (slice_next_word(&text, &word)) {
		if (out->n == TRUSTED_MAX || netaddr_net_parse(word, &out->net[out->n])) {
			LM_ERR("modparam %s: %.*s is no address and no network (at most %d)\n",
			       name, (int)word.len, word.p, TRUSTED_MAX);
			return -1;
		}
		out->n++;
	}
	return 0;
}

int vcc_trusted_init(void)
{
	if (read_networks("trusted", vcc_params.trusted, &trusted) ||
	    read_networks("peers", vcc_params.peers, &peers))
		return -1;
	if (trusted.n)
		return 0;
	LM_ERR("set modparam trusted to the addresses of your S-CSCFs: nobody else may tell of "
	       "registrations\n");
	return -1;
}

static bool is_from(const sip_msg_t *msg, const struct networks *list)
{
	struct netaddr a = netaddr_make(msg->rcv.src_ip.u.addr, (size_t)msg->rcv.src_ip.len, 0);

	for (unsigned i = 0; i < list->n; i++)
		if (netaddr_net_has(&list->net[i], &a))
			return true;
	return false;
}

bool vcc_is_trusted(const sip_msg_t *msg)
{
	return is_from(msg, &trusted);
}

bool vcc_may_call(const sip_msg_t *msg)
{
	return is_from(msg, &trusted) || is_from(msg, &peers);
}

static int refuse(sip_msg_t *msg, int code, const char *reason, counter_handle_t counter)
{
	counter_inc(counter);
	kam_reply(msg, code, reason, NULL);
	return -1;
}

static int say_accepted(sip_msg_t *msg, const struct vcc_report *r)
{
	char headers[HEADERS_MAX];
	int n = snprintf(headers, sizeof(headers), "Expires: %u\r\n", r->expires);

	if (r->contact.len && r->contact.len < HEADERS_MAX - 100)
		snprintf(headers + n, sizeof(headers) - (size_t)n, "Contact: <%.*s>;expires=%u\r\n",
			 (int)r->contact.len, r->contact.p, r->expires);
	counter_inc(vcc_counters.registers);
	return kam_reply(msg, 200, "OK", headers) ? -1 : 1;
}

/* What had no place; taken from the store with its lock. */
struct drops {
	size_t contacts, identities;
};

static struct drops take_drops(struct vcc_store *s)
{
	struct drops d = {s->contacts_dropped, s->identities_dropped};

	s->contacts_dropped = s->identities_dropped = 0;
	return d;
}

int ki_vcc_register(sip_msg_t *msg)
{
	static struct vcc_report r; /* one at a time in a process */
	struct vcc_store *s;
	struct drops drops;
	struct vcc_outcome out;
	int err;

	if (!vcc_is_trusted(msg)) {
		LM_INFO("a REGISTER from somebody who is no trusted S-CSCF\n");
		return refuse(msg, 403, "Forbidden", vcc_counters.registers_untrusted);
	}
	err = vcc_report_read(slice_make(msg->buf, msg->len), &r);
	if (err) {
		LM_INFO("a third-party REGISTER: %s\n", vcc_report_strerror(err));
		return refuse(msg, 400, "Bad Request", vcc_counters.registers_bad);
	}
	s = vcc_lock();
	err = vcc_registered(s, &r, vcc_policy(), vcc_now_ms(), &out);
	drops = take_drops(s);
	vcc_unlock();
	counter_add(vcc_counters.contacts_dropped, (int)drops.contacts);
	counter_add(vcc_counters.identities_dropped, (int)drops.identities);
	if (r.wish_error) {
		counter_inc(vcc_counters.wishes_ignored);
		LM_INFO("the domain preference of %.*s is ignored: %s\n", (int)r.identity.len,
			r.identity.p, vcc_wish_strerror(r.wish_error));
	}
	if (err == VCC_REGISTER_E_ORDER)
		return refuse(msg, 500, "Out of Order", vcc_counters.registers_old);
	if (err == VCC_REGISTER_E_IDENTITY)
		return refuse(msg, 400, "Bad Identity", vcc_counters.registers_bad);
	if (err)
		return refuse(msg, 503, "No Room", vcc_counters.registers_full);
	if (say_accepted(msg, &r) < 0)
		return -1;
	vcc_carry_out(&out);
	return 1;
}
