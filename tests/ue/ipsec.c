/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ue/ipsec.h"

/* The label of our SAs in the kernel, so that others can tell them from theirs. */
enum { SA_MARK = 0x55450001 };

static uint32_t new_spi(void)
{
	char hex[9];

	tl_random(hex, 4);
	/* 1 to 255 are reserved (RFC 4303 2.1). */
	return (uint32_t)strtoul(hex, NULL, 16) | 0x1000;
}

int sa_propose(struct conn *c)
{
	struct sa_set *s;

	sa_discard(c);
	if (!c->us)
		c->us = port_open(c->access, PORT_US, c, 0);
	if (!c->us)
		return -1;
	s = ue_alloc(sizeof(*s));
	s->conn = c;
	s->spi_uc = new_spi();
	s->spi_us = new_spi();
	s->uc = port_open(c->access, PORT_UC, c, 0);
	if (!s->uc) {
		free(s);
		return -1;
	}
	c->fresh = s;
	return 0;
}

int sa_client_header(const struct conn *c, char *buf)
{
	struct sec_agree_ipsec v = {
	    .spi_c = c->fresh->spi_uc,
	    .spi_s = c->fresh->spi_us,
	    .port_c = c->fresh->uc->num,
	    .port_s = c->us->num,
	};

	size_t n;
	int err = sec_agree_build_client(&v, &c->offer, buf, SEC_AGREE_LINE_MAX, &n);

	if (err || !c->access->nat)
		return err;
	v.udp_enc_tun = true;
	memcpy(buf + n, ", ", 3);
	return sec_agree_build_client(&v, &c->offer, buf + n + 2, SEC_AGREE_LINE_MAX - n - 2, NULL);
}

static struct netaddr at_port(struct netaddr a, uint16_t port)
{
	a.port = port;
	return a;
}

/* The four SAs of a set; 0 and 1 go out, 2 and 3 come in. */
static void sas_of(const struct sa_set *s, struct xfrm_sa sa[4])
{
	const struct conn *c = s->conn;
	struct netaddr uc = at_port(c->access->local, s->uc->num);
	struct netaddr us = at_port(c->access->local, c->us->num);
	struct netaddr pc = at_port(c->pcscf, s->server.port_c);
	struct netaddr ps = at_port(c->pcscf, s->server.port_s);

	sa[0] = (struct xfrm_sa){.src = uc, .dst = ps, .spi = s->server.spi_s};
	sa[1] = (struct xfrm_sa){.src = us, .dst = pc, .spi = s->server.spi_c};
	sa[2] = (struct xfrm_sa){.src = ps, .dst = uc, .spi = s->spi_uc};
	sa[3] = (struct xfrm_sa){.src = pc, .dst = us, .spi = s->spi_us};
	for (int i = 0; i < 4; i++) {
		sa[i].reqid = sa[i].spi;
		sa[i].alg = s->server.alg;
		sa[i].ealg = s->server.ealg;
		sa[i].mark = SA_MARK;
		if (!s->server.udp_enc_tun)
			continue;
		/* Through a NAT the same addresses are outside; the NAT changes ours. */
		sa[i].outer_src = sa[i].src;
		sa[i].outer_dst = sa[i].dst;
		sa[i].encap_sport = sa[i].encap_dport = 4500;
	}
}

static struct xfrm_policy policy_of(const struct xfrm_sa *sa, bool out)
{
	return (struct xfrm_policy){.src = sa->src,
				    .dst = sa->dst,
				    .dir = out ? XFRM_OUT : XFRM_IN,
				    .spi = out ? sa->spi : 0,
				    .reqid = out ? sa->reqid : 0,
				    .mark = SA_MARK,
				    .priority = 1000,
				    .outer_src = sa->outer_src,
				    .outer_dst = sa->outer_dst};
}

/* Whether both sets use the same pair port_us - port_pc, and so the same policies. */
static bool shares_server_pair(const struct sa_set *a, const struct sa_set *b)
{
	return a && b && a->installed && b->installed && a->server.port_c == b->server.port_c;
}

static void log_sa(const struct conn *c, const struct xfrm_sa *sa, const char *op)
{
	char src[64], dst[64], spi[16];

	netaddr_ip_text(&c->access->local, src);
	netaddr_ip_text(&c->pcscf, dst);
	snprintf(spi, sizeof(spi), "%08x", sa->spi);
	bool from_us = netaddr_ip_eq(&c->access->local, &sa->src);

	elog_event("sa", "ue", c->ue->name, "conn", c->name, "access", c->access->name, "op", op,
		   "src", from_us ? src : dst, "dst", from_us ? dst : src, "spi", spi, "sport",
		   elog_num(sa->src.port), "dport", elog_num(sa->dst.port), "alg",
		   sec_agree_alg_name(sa->alg), "ealg", sec_agree_ealg_name(sa->ealg), NULL);
}

static void hex_text(struct text *t, const uint8_t *p, size_t n)
{
	text_put(t, SLICE_LIT("0x"));
	for (size_t i = 0; i < n; i++)
		text_add(t, "%02x", p[i]);
}

/* What tshark's esp_sa table calls the algorithms; keys as it wants them. */
static void log_key(const struct conn *c, const struct xfrm_sa *sa, bool out,
		    const struct xfrm_keys *k)
{
	static const char *const auth[XFRM_ALG_COUNT] = {
	    [XFRM_ALG_NONE] = "NULL",
	    [XFRM_ALG_HMAC_MD5_96] = "HMAC-MD5-96 [RFC2403]",
	    [XFRM_ALG_HMAC_SHA1_96] = "HMAC-SHA-1-96 [RFC2404]",
	    [XFRM_ALG_HMAC_SHA256_128] = "HMAC-SHA-256-128 [RFC4868]",
	    [XFRM_ALG_AES_GMAC] = "NULL",
	};
	static const char *const enc[XFRM_EALG_COUNT] = {
	    [XFRM_EALG_NULL] = "NULL",
	    [XFRM_EALG_AES_CBC] = "AES-CBC [RFC3602]",
	    [XFRM_EALG_DES_EDE3_CBC] = "TripleDES-CBC [RFC2451]",
	    [XFRM_EALG_AES_GCM] = "AES-GCM with 16 octet ICV [RFC4106]",
	};
	char local[64], peer[64];
	struct text t = {0};

	netaddr_ip_text(&c->access->local, local);
	netaddr_ip_text(&c->pcscf, peer);
	text_add(&t, "\"%s\",\"%s\",\"%s\",\"0x%08x\",\"%s\",\"",
		 c->pcscf.family == 6 ? "IPv6" : "IPv4", out ? local : peer, out ? peer : local,
		 sa->spi, enc[sa->ealg]);
	if (k->enc_len)
		hex_text(&t, k->enc, k->enc_len);
	text_add(&t, "\",\"%s\",\"", auth[sa->alg]);
	if (k->auth_len)
		hex_text(&t, k->auth, k->auth_len);
	text_put(&t, SLICE_LIT("\""));
	elog_key(t.p);
	explicit_bzero(t.p, t.len);
	text_free(&t);
}

static int choose(struct sa_set *s, const struct ue_sip_msg *challenge, const char **why)
{
	struct sec_agree_list list = {0};
	struct text line = {0};
	int err;

	for (unsigned i = 0;; i++) {
		struct slice v = ue_sip_header(challenge, "Security-Server", i);

		if (!v.p)
			break;
		text_add(&line, "%s%.*s", i ? ", " : "", (int)v.len, v.p);
	}
	if (!line.p) {
		*why = "the 401 has no Security-Server";
		return -1;
	}
	s->verify = line.p;
	err = sec_agree_parse(text_slice(&line), &list);
	if (!err)
		err = sec_agree_pick(&list, &s->conn->offer, &s->server, NULL);
	if (err)
		*why = sec_agree_strerror(err);
	return err ? -1 : 0;
}

static int put_into_kernel(struct sa_set *s, const struct xfrm_keys *keys)
{
	struct conn *c = s->conn;
	struct xfrm *x = access_xfrm(c->access);
	struct xfrm_batch *b = x ? xfrm_batch_new(x) : NULL;
	struct xfrm_sa sa[4];
	int err = 0;

	if (!b)
		return XFRM_E_SYS;
	s->installed = true;
	bool shared = shares_server_pair(s, c->current);

	s->installed = false;
	sas_of(s, sa);
	for (int i = 0; i < 4 && !err; i++)
		err = xfrm_batch_sa_add(b, &sa[i], keys);
	/* The pair port_us - port_pc of the current set stays in use until this set is confirmed.
	 */
	for (int i = 0; i < 4 && !err; i++) {
		struct xfrm_policy p = policy_of(&sa[i], i < 2);

		if ((i == 1 || i == 3) && shared)
			continue;
		err = xfrm_batch_policy_update(b, &p);
	}
	if (!err)
		err = xfrm_batch_commit(b, true, NULL);
	xfrm_batch_free(b);
	return err;
}

int sa_install(struct conn *c, const struct ue_sip_msg *challenge, const uint8_t ck[16],
	       const uint8_t ik[16], const char **why)
{
	struct sa_set *s = c->fresh;
	struct xfrm_keys keys = {0};
	struct xfrm_sa sa[4];
	int err;

	if (choose(s, challenge, why) != 0)
		return -1;
	if (s->server.udp_enc_tun && access_encap(c->access) != 0) {
		*why = "UDP port 4500 for ESP in UDP cannot be opened";
		return -1;
	}
	err = xfrm_keys_from_aka(s->server.alg, s->server.ealg, ck, ik, &keys);
	if (!err)
		err = put_into_kernel(s, &keys);
	if (err) {
		xfrm_keys_wipe(&keys);
		*why = xfrm_strerror(err);
		return -1;
	}
	s->installed = true;
	c->access->sa_count += 4;
	sas_of(s, sa);
	for (int i = 0; i < 4; i++) {
		log_sa(c, &sa[i], "add");
		log_key(c, &sa[i], i < 2, &keys);
	}
	xfrm_keys_wipe(&keys);
	s->uc->spi_out = s->server.spi_s;
	s->uc->spi_in = s->spi_uc;
	if (!c->current) {
		c->us->spi_out = s->server.spi_c;
		c->us->spi_in = s->spi_us;
	}
	return 0;
}

/* keeper: a set that stays and may share policies with s. */
static void set_free(struct sa_set *s, const struct sa_set *keeper, const struct sa_set *keeper2)
{
	struct conn *c = s->conn;
	struct xfrm_batch *b;
	struct xfrm_sa sa[4];

	tl_port_gone(s->uc);
	port_release(s->uc);
	b = s->installed && c->access->xfrm ? xfrm_batch_new(c->access->xfrm) : NULL;
	if (b) {
		bool shared = shares_server_pair(s, keeper) || shares_server_pair(s, keeper2);

		sas_of(s, sa);
		for (int i = 0; i < 4; i++) {
			struct xfrm_policy p = policy_of(&sa[i], i < 2);

			if (!((i == 1 || i == 3) && shared))
				xfrm_batch_policy_del(b, &p);
			xfrm_batch_sa_del(b, &sa[i].dst, sa[i].spi);
			log_sa(c, &sa[i], "del");
		}
		/* What is gone already is no trouble. */
		xfrm_batch_commit(b, false, NULL);
		xfrm_batch_free(b);
		c->access->sa_count -= 4;
	}
	free(s->verify);
	free(s);
}

void sa_discard(struct conn *c)
{
	struct sa_set *s = c->fresh;

	c->fresh = NULL;
	if (s)
		set_free(s, c->current, c->old);
}

static void old_over(struct timer *t)
{
	struct conn *c = t->owner;
	struct sa_set *s = c->old;

	c->old = NULL;
	if (s)
		set_free(s, c->current, c->fresh);
}

/* First the end of its TCP connections, then its own. */
static void old_closes(struct timer *t)
{
	struct conn *c = t->owner;

	if (c->old && port_shutdown(c->old->uc))
		loop_start(&c->old_ends, loop_now_ms() + 500, old_over, c);
	else
		old_over(t);
}

void sa_activate(struct conn *c)
{
	struct xfrm_sa sa[4];

	if (!c->fresh || !c->fresh->installed)
		return;
	loop_stop(&c->old_ends);
	if (c->old)
		old_over(&(struct timer){.owner = c});
	c->old = c->current;
	c->current = c->fresh;
	c->fresh = NULL;
	c->us->spi_out = c->current->server.spi_c;
	c->us->spi_in = c->current->spi_us;
	if (!c->old)
		return;
	loop_start(&c->old_ends, loop_now_ms() + 64 * tl_timers.t1, old_closes, c);
	if (shares_server_pair(c->current, c->old)) {
		struct xfrm_policy p;

		sas_of(c->current, sa);
		p = policy_of(&sa[1], true);
		xfrm_policy_update(c->access->xfrm, &p);
	}
}

void sa_drop_all(struct conn *c)
{
	struct sa_set *sets[3] = {c->fresh, c->old, c->current};

	loop_stop(&c->old_ends);
	c->fresh = c->old = c->current = NULL;
	for (int i = 0; i < 3; i++)
		if (sets[i]) /* the last one that shares a policy takes it along */
			set_free(sets[i], i < 2 ? sets[2] : NULL, i < 1 ? sets[1] : NULL);
}

int sa_count(struct conn *c)
{
	struct sa_set *sets[3] = {c->fresh, c->old, c->current};
	struct xfrm_sa_state state;
	struct xfrm_sa sa[4];
	int n = 0;

	for (int i = 0; i < 3; i++) {
		if (!sets[i] || !sets[i]->installed)
			continue;
		sas_of(sets[i], sa);
		for (int k = 0; k < 4; k++)
			n += xfrm_sa_get(c->access->xfrm, &sa[k].dst, sa[k].spi, &state) == 0;
	}
	return n;
}

int sa_packets(struct conn *c, uint64_t *out, uint64_t *in)
{
	struct xfrm_sa_state state;
	struct xfrm_sa sa[4];

	*out = *in = 0;
	if (!c->current)
		return -1;
	sas_of(c->current, sa);
	for (int k = 0; k < 4; k++) {
		if (xfrm_sa_get(c->access->xfrm, &sa[k].dst, sa[k].spi, &state) != 0)
			return -1;
		*(k < 2 ? out : in) += state.packets;
	}
	return 0;
}
