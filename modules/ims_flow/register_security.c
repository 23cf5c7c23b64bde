/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The security agreement of a REGISTER (RFC 3329, TS 33.203 7.2). */
#include "modules/ims_flow/register.h"
#include "modules/ims_flow/kernel.h"
#include "modules/ims_flow/nat.h"
#include "modules/ims_flow/core/kernel_map.h"

/* The Security-Server lines that say what we can do, before any SA is set up (RFC 3329 2.3.1). */
static void server_list(char *buf, size_t size)
{
	size_t at = snprintf(buf, size, "Security-Server: ");

	for (unsigned i = 0; i < settings.offer.n && at < size; i++)
		at += snprintf(buf + at, size - at, "%sipsec-3gpp;alg=%s;ealg=%s;q=0.%u",
			       i ? ", " : "", sec_agree_alg_name(settings.offer.pairs[i].alg),
			       sec_agree_ealg_name(settings.offer.pairs[i].ealg),
			       9 - (i < 9 ? i : 8));
	if (at < size)
		snprintf(buf + at, size - at, "\r\n");
}

int register_look_for_nat(sip_msg_t *msg, struct flow_reading *r, struct flow_attempt *a)
{
	struct netaddr inner;
	int rc = 0;

	sec_agree_digest(&r->client, a->sa.client);
	if (!a->protected_ && sec_agree_offers_mode(&r->client, true))
		rc = nat_found(msg, &inner);
	if (rc < 0) {
		COUNT(denied_inner);
		kam_reply(msg, 403, "Forbidden", NULL);
		return -1;
	}
	if (rc > 0) {
		a->sa.outer = a->ue;
		a->sa.encap_port = ENCAP_PORT;
		a->ue = inner;
		msg->msg_flags |= FL_FORCE_RPORT;
	}
	sec_agree_keep_mode(&r->client, netaddr_known(&a->sa.outer));
	return 0;
}

/* 421 where nothing was offered, 494 where something else was; both say what we can do. */
static int demand(sip_msg_t *msg, const struct flow_reading *r)
{
	char headers[SEC_AGREE_LINE_MAX];
	int n = 0;

	if (!r->client_hdr)
		n = snprintf(headers, sizeof(headers), "Require: sec-agree\r\n");
	else
		COUNT(no_mechanism);
	server_list(headers + n, sizeof(headers) - n);
	if (r->client_hdr)
		kam_reply(msg, 494, "Security Agreement Required", headers);
	else
		kam_reply(msg, 421, "Extension Required", headers);
	return -1;
}

int register_negotiate(sip_msg_t *msg, const struct flow_reading *r, struct flow_attempt *a)
{
	struct sec_agree_ipsec v;
	int rc;

	if (!ipsec_is_ours() || (!r->offers_ipsec && settings.ipsec == IPSEC_OFFERED))
		return 0;
	if (!r->offers_ipsec)
		return demand(msg, r);
	rc = sec_agree_choose(&r->client, &settings.offer, &v, NULL);
	/* The pairs could not be told apart at the UE. */
	if (rc == 0 && v.port_c == v.port_s)
		rc = SEC_AGREE_E_VALUE;
	if (rc == SEC_AGREE_E_VALUE) {
		COUNT(bad_header);
		kam_reply(msg, 400, "Bad Security-Client", NULL);
		return -1;
	}
	if (rc)
		return demand(msg, r);
	a->ipsec = true;
	a->sa.alg = v.alg;
	a->sa.ealg = v.ealg;
	a->sa.spi_uc = v.spi_c;
	a->sa.spi_us = v.spi_s;
	a->sa.port_uc = v.port_c;
	a->sa.port_us = v.port_s;
	a->sa.port_pc = settings.port_pc;
	a->sa.port_ps = settings.port_ps;
	return 1;
}

/* What find_set() found of the SA set. */
struct came_over {
	char impi[FLOW_IMPI_MAX];
	char server[512];   /* its Security-Server */
	uint8_t client[16]; /* of the Security-Client that asked for it */
	uint8_t media_sent;
	bool temporary; /* this REGISTER answers its challenge */
};

/*
 * Which SA set a protected REGISTER came over. Several may share the ports (a phone that lost its
 * state); the Security-Verify names the one. Fills a->set_id and over_spi.
 */
static bool find_set(sip_msg_t *msg, const struct flow_reading *r, struct flow_attempt *a,
		     struct came_over *over)
{
	struct sec_agree_ipsec v;
	struct flow_set *f = NULL;
	int slot = -1;
	bool found = false;

	TABLE_LOCK();
	if (r->verify.n && sec_agree_pick(&r->verify, NULL, &v, NULL) == 0)
		f = flow_by_spi(table, &a->ue, a->ue_port, v.spi_s, &slot);
	if (!f)
		f = set_of_received(msg, &slot);
	if (f && slot >= 0 && netaddr_ip_eq(&f->local, &a->local)) {
		a->over_set = true;
		a->set_id = f->id;
		a->over_spi = f->sa[slot].spi_ps;
		a->sa.outer = f->sa[slot].outer;
		a->sa.encap_port = f->sa[slot].encap_port;
		strcpy(over->impi, f->impi);
		memcpy(over->client, f->sa[slot].client, sizeof(over->client));
		over->temporary = f->sa[slot].state == SA_TEMPORARY;
		over->media_sent = f->sa[slot].media_sent;
		found = security_server(&f->sa[slot], over->server, sizeof(over->server)) == 0;
	}
	TABLE_UNLOCK();
	return found;
}

/* Somebody has changed a list on its way: what it was to protect does not begin. */
static int differs(sip_msg_t *msg, const struct came_over *over)
{
	char headers[600];

	snprintf(headers, sizeof(headers), "Security-Server: %s\r\n", over->server);
	kam_reply(msg, 494, "Security Agreement Required", headers);
	return -1;
}

int register_check_protected(sip_msg_t *msg, const struct flow_reading *r, struct flow_attempt *a)
{
	struct sec_agree_list sent = {.n = 0};
	struct came_over over;
	uint8_t client[SEC_AGREE_DIGEST_LEN];

	if (!find_set(msg, r, a, &over)) {
		LM_INFO("REGISTER on a protected port over no SA of ours: dropped\n");
		COUNT(unknown_sa);
		return 0;
	}
	if (strcmp(over.impi, a->impi) != 0) {
		LM_INFO("REGISTER of another private identity over an SA: refused\n");
		COUNT(denied_impi);
		kam_reply(msg, 403, "Forbidden", NULL);
		return -1;
	}
	sec_agree_parse(slice_str(over.server), &sent);
	if (!sec_agree_equal(&r->verify, &sent, true) ||
	    !register_media_verified(r, over.media_sent)) {
		COUNT(verify_differs);
		return differs(msg, &over);
	}
	/* Only the answer to a challenge repeats the first list; any other REGISTER is a new offer. */
	sec_agree_digest(&r->client, client);
	if (over.temporary && memcmp(client, over.client, sizeof(client)) != 0) {
		COUNT(client_differs);
		return differs(msg, &over);
	}
	return 1;
}

/* The set of this phone at this address, whatever SAs it has now. */
static struct flow_set *set_of_phone(const struct flow_attempt *a)
{
	struct flow_set *f = NULL;

	while ((f = flow_by_impi(table, slice_str(a->impi), f)) != NULL)
		if (flow_alive(f) && f->ipsec && netaddr_ip_eq(&f->ue, &a->ue) &&
		    f->reg_id == a->reg_id && strcmp(f->instance, a->instance) == 0)
			break;
	return f;
}

/* The set whose ports it came over, if it is this UE's. */
static bool known_others(struct flow_attempt *a)
{
	struct flow_set *f;
	int slot;

	TABLE_LOCK();
	f = flow_by_received(table, &a->ue, a->ue_port, &a->local, a->local_port, a->proto, &slot);
	if (f && slot >= 0 && strcmp(f->impi, a->impi) == 0) {
		a->over_set = true;
		a->set_id = f->id;
		a->over_spi = f->sa[slot].spi_ps;
	}
	TABLE_UNLOCK();
	return a->over_set;
}

/* What the headers say of SAs that we have not seen yet. */
static bool new_others(const struct flow_reading *r, struct flow_attempt *a)
{
	struct sec_agree_ipsec server, client;

	if (sec_agree_pick(&r->verify, NULL, &server, NULL) ||
	    sec_agree_pick(&r->client, NULL, &client, NULL) || server.port_s != a->local_port ||
	    client.port_c != a->ue_port || !local_socket(&a->local, server.port_c, a->proto))
		return false;
	a->sa.alg = server.alg;
	a->sa.ealg = server.ealg;
	a->sa.port_uc = client.port_c;
	a->sa.port_us = client.port_s;
	a->sa.spi_uc = client.spi_c;
	a->sa.spi_us = client.spi_s;
	a->sa.port_pc = server.port_c;
	a->sa.port_ps = server.port_s;
	a->sa.spi_pc = server.spi_c;
	a->sa.spi_ps = a->over_spi = server.spi_s;
	return true;
}

void register_find_others(const struct flow_reading *r, struct flow_attempt *a)
{
	bool known = known_others(a);
	struct flow_set *f;

	if (!known && !new_others(r, a))
		return;
	/* Anybody can write these headers, and in clear: the kernel says whether there are SAs. */
	if (!kernel_protects(a)) {
		LM_INFO(
		    "no SA for what a REGISTER says it came over: it counts as sent in clear\n");
		COUNT(unknown_sa);
		memset(&a->sa, 0, sizeof(a->sa));
		a->over_set = false;
		a->set_id = 0;
		a->over_spi = 0;
		return;
	}
	a->protected_ = true;
	if (known)
		return;
	a->ipsec = a->others = true;
	TABLE_LOCK();
	f = set_of_phone(a);
	a->over_set = f != NULL;
	a->set_id = f ? f->id : flow_new_id();
	TABLE_UNLOCK();
}
