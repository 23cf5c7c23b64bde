/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to the kernel's XFRM_USER interface, and what it answers, as bytes. */
#include "xfrm/internal.h"

#include <arpa/inet.h>
#include <linux/udp.h>
#include <string.h>

#define REPLAY_WINDOW 32

/* The kernel's names; key and truncation lengths in bits. */
static const struct {
	const char *name;
	unsigned key, trunc;
} auth_algs[XFRM_ALG_COUNT] = {
    [XFRM_ALG_HMAC_MD5_96] = {"hmac(md5)", 128, 96},
    [XFRM_ALG_HMAC_SHA1_96] = {"hmac(sha1)", 160, 96},
    [XFRM_ALG_HMAC_SHA256_128] = {"hmac(sha256)", 256, 128},
    [XFRM_ALG_AES_GMAC] = {"rfc4543(gcm(aes))", 160, 128},
};
static const struct {
	const char *name;
	unsigned key;
} enc_algs[XFRM_EALG_COUNT] = {
    [XFRM_EALG_NULL] = {"ecb(cipher_null)", 0},
    [XFRM_EALG_AES_CBC] = {"cbc(aes)", 128},
    [XFRM_EALG_DES_EDE3_CBC] = {"cbc(des3_ede)", 192},
    [XFRM_EALG_AES_GCM] = {"rfc4106(gcm(aes))", 160},
};

static void put_addr(xfrm_address_t *out, const struct netaddr *a)
{
	memset(out, 0, sizeof(*out));
	memcpy(out, a->ip, netaddr_len(a));
}

/* af: the kernel's word; 0 for an end that may be any address. */
static void get_addr(const xfrm_address_t *in, uint16_t af, uint16_t port, struct netaddr *out)
{
	*out = netaddr_make(in, af == AF_INET ? 4 : af == AF_INET6 ? 16 : 0, ntohs(port));
	out->port = ntohs(port);
}

static bool families_fit(const struct netaddr *a, const struct netaddr *b)
{
	return a->family == b->family && netaddr_known(a);
}

static void put_selector(struct xfrm_selector *sel, const struct netaddr *src,
			 const struct netaddr *dst, uint32_t mark)
{
	const struct netaddr *known = netaddr_known(src) ? src : dst;
	uint8_t full = (uint8_t)(netaddr_len(known) * 8);

	put_addr(&sel->saddr, src);
	put_addr(&sel->daddr, dst);
	sel->prefixlen_s = src->family ? full : 0;
	sel->prefixlen_d = dst->family ? full : 0;
	sel->sport = htons(src->port);
	sel->dport = htons(dst->port);
	sel->sport_mask = src->port ? 0xffff : 0;
	sel->dport_mask = dst->port ? 0xffff : 0;
	sel->family = (uint16_t)netaddr_af(known);
	sel->user = mark;
}

static void no_limits(struct xfrm_lifetime_cfg *l)
{
	l->soft_byte_limit = XFRM_INF;
	l->hard_byte_limit = XFRM_INF;
	l->soft_packet_limit = XFRM_INF;
	l->hard_packet_limit = XFRM_INF;
}

static struct nlmsghdr *header(void *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	return nlh;
}

static void put_algs(struct nlmsghdr *nlh, const struct xfrm_sa *sa, const struct xfrm_keys *keys)
{
	union {
		struct xfrm_algo alg;
		struct xfrm_algo_auth auth;
		struct xfrm_algo_aead aead;
		char room[sizeof(struct xfrm_algo_auth) + XFRM_KEY_MAX];
	} a;
	bool gcm = sa->ealg == XFRM_EALG_AES_GCM;

	memset(&a, 0, sizeof(a));
	if (gcm || sa->alg == XFRM_ALG_AES_GMAC) {
		strcpy(a.aead.alg_name, gcm ? enc_algs[sa->ealg].name : auth_algs[sa->alg].name);
		a.aead.alg_key_len = keys->enc_len * 8u;
		a.aead.alg_icv_len = 128;
		memcpy(a.aead.alg_key, keys->enc, keys->enc_len);
		mnl_attr_put(nlh, XFRMA_ALG_AEAD, sizeof(a.aead) + keys->enc_len, &a);
	} else {
		strcpy(a.auth.alg_name, auth_algs[sa->alg].name);
		a.auth.alg_key_len = keys->auth_len * 8u;
		a.auth.alg_trunc_len = auth_algs[sa->alg].trunc;
		memcpy(a.auth.alg_key, keys->auth, keys->auth_len);
		mnl_attr_put(nlh, XFRMA_ALG_AUTH_TRUNC, sizeof(a.auth) + keys->auth_len, &a);
		memset(&a, 0, sizeof(a));
		strcpy(a.alg.alg_name, enc_algs[sa->ealg].name);
		a.alg.alg_key_len = keys->enc_len * 8u;
		memcpy(a.alg.alg_key, keys->enc, keys->enc_len);
		mnl_attr_put(nlh, XFRMA_ALG_CRYPT, sizeof(a.alg) + keys->enc_len, &a);
	}
	explicit_bzero(&a, sizeof(a));
}

static bool keys_fit(const struct xfrm_sa *sa, const struct xfrm_keys *keys)
{
	if (sa->ealg == XFRM_EALG_AES_GCM)
		return sa->alg == XFRM_ALG_NONE && keys->enc_len * 8u == enc_algs[sa->ealg].key;
	if (sa->alg == XFRM_ALG_AES_GMAC)
		return sa->ealg == XFRM_EALG_NULL && keys->enc_len * 8u == auth_algs[sa->alg].key;
	return sa->alg > XFRM_ALG_NONE && sa->alg < XFRM_ALG_COUNT && sa->ealg < XFRM_EALG_COUNT &&
	       keys->auth_len * 8u == auth_algs[sa->alg].key &&
	       keys->enc_len * 8u == enc_algs[sa->ealg].key;
}

/* In a batch a message stands on a 4-octet boundary, these structures want 8: they are made aside
 * and copied. */
static void put_payload(struct nlmsghdr *nlh, const void *payload, size_t len)
{
	memcpy(mnl_nlmsg_put_extra_header(nlh, len), payload, len);
}

int xfrm_msg_sa_add(void *buf, const struct xfrm_sa *sa, const struct xfrm_keys *keys)
{
	struct nlmsghdr *nlh = header(buf, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL);
	bool tunnel = sa->outer_dst.family != 0;
	struct xfrm_usersa_info info;

	if (!families_fit(&sa->src, &sa->dst) || sa->spi < 256 || !keys_fit(sa, keys) ||
	    (tunnel && !families_fit(&sa->outer_src, &sa->outer_dst)))
		return XFRM_E_INVALID;
	memset(&info, 0, sizeof(info));
	put_selector(&info.sel, &sa->src, &sa->dst, sa->mark);
	put_addr(&info.saddr, tunnel ? &sa->outer_src : &sa->src);
	put_addr(&info.id.daddr, xfrm_sa_name(sa));
	info.id.spi = htonl(sa->spi);
	info.id.proto = IPPROTO_ESP;
	no_limits(&info.lft);
	info.lft.hard_add_expires_seconds = sa->lifetime_s;
	info.reqid = sa->reqid;
	info.family = (uint16_t)netaddr_af(xfrm_sa_name(sa));
	info.mode = tunnel ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT;
	info.replay_window = REPLAY_WINDOW;
	put_payload(nlh, &info, sizeof(info));
	put_algs(nlh, sa, keys);
	if (sa->encap_dport) {
		struct xfrm_encap_tmpl e = {.encap_type = UDP_ENCAP_ESPINUDP,
					    .encap_sport = htons(sa->encap_sport),
					    .encap_dport = htons(sa->encap_dport)};

		mnl_attr_put(nlh, XFRMA_ENCAP, sizeof(e), &e);
	}
	return XFRM_OK;
}

static int named_sa(void *buf, uint16_t type, const struct netaddr *dst, uint32_t spi)
{
	struct nlmsghdr *nlh = header(buf, type, 0);
	struct xfrm_usersa_id *id = mnl_nlmsg_put_extra_header(nlh, sizeof(*id));

	if (!families_fit(dst, dst))
		return XFRM_E_INVALID;
	put_addr(&id->daddr, dst);
	id->spi = htonl(spi);
	id->family = (uint16_t)netaddr_af(dst);
	id->proto = IPPROTO_ESP;
	return XFRM_OK;
}

int xfrm_msg_sa_del(void *buf, const struct netaddr *dst, uint32_t spi)
{
	return named_sa(buf, XFRM_MSG_DELSA, dst, spi);
}

int xfrm_msg_sa_get(void *buf, const struct netaddr *dst, uint32_t spi)
{
	return named_sa(buf, XFRM_MSG_GETSA, dst, spi);
}

int xfrm_msg_policy(void *buf, const struct xfrm_policy *p, uint16_t type)
{
	const struct netaddr *known = netaddr_known(&p->src) ? &p->src : &p->dst;
	struct nlmsghdr *nlh =
	    header(buf, type, type == XFRM_MSG_NEWPOLICY ? NLM_F_CREATE | NLM_F_EXCL : 0);

	if (!netaddr_known(known) || (netaddr_known(&p->dst) && !families_fit(known, &p->dst)))
		return XFRM_E_INVALID;
	if (type == XFRM_MSG_DELPOLICY) {
		struct xfrm_userpolicy_id *id = mnl_nlmsg_put_extra_header(nlh, sizeof(*id));

		put_selector(&id->sel, &p->src, &p->dst, p->mark);
		id->dir = p->dir == XFRM_IN ? XFRM_POLICY_IN : XFRM_POLICY_OUT;
		return XFRM_OK;
	}
	struct xfrm_userpolicy_info info;

	memset(&info, 0, sizeof(info));
	put_selector(&info.sel, &p->src, &p->dst, p->mark);
	no_limits(&info.lft);
	info.priority = p->priority;
	info.dir = p->dir == XFRM_IN ? XFRM_POLICY_IN : XFRM_POLICY_OUT;
	info.action = p->block ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW;
	info.share = XFRM_SHARE_ANY;
	put_payload(nlh, &info, sizeof(info));
	if (!p->block) {
		bool tunnel = p->outer_dst.family != 0;
		struct xfrm_user_tmpl t;

		memset(&t, 0, sizeof(t));
		put_addr(&t.saddr, tunnel ? &p->outer_src : &p->src);
		put_addr(&t.id.daddr, tunnel ? &p->outer_dst : &p->dst);
		t.id.spi = htonl(p->spi);
		t.id.proto = IPPROTO_ESP;
		t.family = (uint16_t)netaddr_af(tunnel ? &p->outer_dst : known);
		t.reqid = p->reqid;
		t.mode = tunnel ? XFRM_MODE_TUNNEL : XFRM_MODE_TRANSPORT;
		t.share = XFRM_SHARE_ANY;
		t.aalgos = t.ealgos = t.calgos = ~0u;
		mnl_attr_put(nlh, XFRMA_TMPL, sizeof(t), &t);
	}
	return XFRM_OK;
}

static const void *attr(const struct nlmsghdr *nlh, size_t offset, uint16_t type, size_t least)
{
	const struct nlattr *a = mnl_nlmsg_get_payload_offset(nlh, offset);
	const char *end = mnl_nlmsg_get_payload_tail(nlh);

	for (; mnl_attr_ok(a, (int)(end - (const char *)a)); a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == type)
			return mnl_attr_get_payload_len(a) >= least ? mnl_attr_get_payload(a)
								    : NULL;
	return NULL;
}

static void read_algs(const struct nlmsghdr *nlh, struct xfrm_sa *sa)
{
	const struct xfrm_algo_auth *au =
	    attr(nlh, sizeof(struct xfrm_usersa_info), XFRMA_ALG_AUTH_TRUNC, sizeof(*au));
	const struct xfrm_algo *en =
	    attr(nlh, sizeof(struct xfrm_usersa_info), XFRMA_ALG_CRYPT, sizeof(*en));
	const struct xfrm_algo_aead *ae =
	    attr(nlh, sizeof(struct xfrm_usersa_info), XFRMA_ALG_AEAD, sizeof(*ae));
	const char *auth = au ? au->alg_name : ae ? ae->alg_name : "";
	const char *enc = en ? en->alg_name : ae ? ae->alg_name : "";

	for (unsigned i = 1; i < XFRM_ALG_COUNT; i++)
		if (!strncmp(auth, auth_algs[i].name, 64))
			sa->alg = (enum xfrm_alg)i;
	for (unsigned i = 0; i < XFRM_EALG_COUNT; i++)
		if (!strncmp(enc, enc_algs[i].name, 64))
			sa->ealg = (enum xfrm_ealg)i;
}

/* A key of bits bits that begins at from and may not reach past the attribute's end. */
static int take_key(const void *from, size_t room, unsigned bits, uint8_t *out, uint8_t *len)
{
	if (bits / 8 > XFRM_KEY_MAX || bits / 8 > room)
		return XFRM_E_INVALID;
	memcpy(out, from, bits / 8);
	*len = (uint8_t)(bits / 8);
	return XFRM_OK;
}

/* The attribute with its whole length, in *room what follows the structure of head octets. */
static const void *attr_room(const struct nlmsghdr *nlh, uint16_t type, size_t head, size_t *room)
{
	const void *found = attr(nlh, sizeof(struct xfrm_usersa_info), type, head);

	if (found)
		*room = mnl_attr_get_payload_len(
			    (const void *)((const char *)found - MNL_ATTR_HDRLEN)) -
			head;
	return found;
}

int xfrm_msg_read_keys(const struct nlmsghdr *nlh, struct xfrm_keys *out)
{
	size_t room;
	const struct xfrm_algo_auth *au = attr_room(nlh, XFRMA_ALG_AUTH_TRUNC, sizeof(*au), &room);
	int rc = au ? XFRM_OK : XFRM_E_INVALID;

	memset(out, 0, sizeof(*out));
	if (au)
		rc = take_key(au->alg_key, room, au->alg_key_len, out->auth, &out->auth_len);
	const struct xfrm_algo *en = attr_room(nlh, XFRMA_ALG_CRYPT, sizeof(*en), &room);
	if (rc == XFRM_OK && en)
		rc = take_key(en->alg_key, room, en->alg_key_len, out->enc, &out->enc_len);
	const struct xfrm_algo_aead *ae = attr_room(nlh, XFRMA_ALG_AEAD, sizeof(*ae), &room);
	if (!au && ae)
		rc = take_key(ae->alg_key, room, ae->alg_key_len, out->enc, &out->enc_len);
	if (rc)
		xfrm_keys_wipe(out);
	return rc;
}

int xfrm_msg_read_sa(const struct nlmsghdr *nlh, struct xfrm_sa_state *out)
{
	struct xfrm_usersa_info info;
	const struct xfrm_encap_tmpl *e;

	memset(out, 0, sizeof(*out));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(info))
		return XFRM_E_INVALID;
	memcpy(&info, mnl_nlmsg_get_payload(nlh), sizeof(info));
	if (info.id.proto != IPPROTO_ESP || (info.family != AF_INET && info.family != AF_INET6))
		return XFRM_E_INVALID;
	if (info.mode == XFRM_MODE_TUNNEL) {
		get_addr(&info.saddr, info.family, 0, &out->sa.outer_src);
		get_addr(&info.id.daddr, info.family, 0, &out->sa.outer_dst);
		get_addr(&info.sel.saddr, info.sel.family, info.sel.sport, &out->sa.src);
		get_addr(&info.sel.daddr, info.sel.family, info.sel.dport, &out->sa.dst);
	} else {
		get_addr(&info.saddr, info.family, info.sel.sport, &out->sa.src);
		get_addr(&info.id.daddr, info.family, info.sel.dport, &out->sa.dst);
	}
	out->sa.spi = ntohl(info.id.spi);
	out->sa.reqid = info.reqid;
	out->sa.mark = (uint32_t)info.sel.user;
	out->sa.lifetime_s = (uint32_t)info.lft.hard_add_expires_seconds;
	out->bytes = info.curlft.bytes;
	out->packets = info.curlft.packets;
	out->added = info.curlft.add_time;
	out->used = info.curlft.use_time;
	out->replay_drops =
	    info.stats.replay_window + info.stats.replay + info.stats.integrity_failed;
	read_algs(nlh, &out->sa);
	e = attr(nlh, sizeof(info), XFRMA_ENCAP, sizeof(*e));
	if (e) {
		out->sa.encap_sport = ntohs(e->encap_sport);
		out->sa.encap_dport = ntohs(e->encap_dport);
	}
	return XFRM_OK;
}

int xfrm_msg_set_encap(struct nlmsghdr *nlh, uint16_t sport, uint16_t dport)
{
	const struct xfrm_encap_tmpl *found =
	    attr(nlh, sizeof(struct xfrm_usersa_info), XFRMA_ENCAP, sizeof(*found));
	struct xfrm_encap_tmpl *e = (struct xfrm_encap_tmpl *)found;

	if (!e)
		return XFRM_E_INVALID;
	e->encap_sport = htons(sport);
	e->encap_dport = htons(dport);
	return XFRM_OK;
}

int xfrm_msg_read_mapping(const struct nlmsghdr *nlh, struct xfrm_mapping *out)
{
	struct xfrm_user_mapping m;

	memset(out, 0, sizeof(*out));
	if (nlh->nlmsg_type != XFRM_MSG_MAPPING || mnl_nlmsg_get_payload_len(nlh) < sizeof(m))
		return XFRM_E_INVALID;
	memcpy(&m, mnl_nlmsg_get_payload(nlh), sizeof(m));
	if (m.id.family != AF_INET && m.id.family != AF_INET6)
		return XFRM_E_INVALID;
	get_addr(&m.id.daddr, m.id.family, 0, &out->dst);
	get_addr(&m.new_saddr, m.id.family, m.new_sport, &out->src);
	out->spi = ntohl(m.id.spi);
	return XFRM_OK;
}

int xfrm_msg_read_policy(const struct nlmsghdr *nlh, struct xfrm_policy *out)
{
	struct xfrm_userpolicy_info info;
	const struct xfrm_user_tmpl *t;

	memset(out, 0, sizeof(*out));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(info))
		return XFRM_E_INVALID;
	memcpy(&info, mnl_nlmsg_get_payload(nlh), sizeof(info));
	if (info.dir > XFRM_POLICY_OUT)
		return XFRM_E_INVALID;
	get_addr(&info.sel.saddr, info.sel.prefixlen_s ? info.sel.family : 0, info.sel.sport,
		 &out->src);
	get_addr(&info.sel.daddr, info.sel.prefixlen_d ? info.sel.family : 0, info.sel.dport,
		 &out->dst);
	if (!netaddr_known(&out->src) && !netaddr_known(&out->dst))
		get_addr(&info.sel.daddr, info.sel.family, info.sel.dport, &out->dst);
	out->dir = info.dir == XFRM_POLICY_IN ? XFRM_IN : XFRM_OUT;
	out->mark = (uint32_t)info.sel.user;
	out->priority = info.priority;
	out->block = info.action == XFRM_POLICY_BLOCK;
	t = attr(nlh, sizeof(info), XFRMA_TMPL, sizeof(*t));
	if (t) {
		out->spi = ntohl(t->id.spi);
		out->reqid = t->reqid;
		if (t->mode == XFRM_MODE_TUNNEL) {
			get_addr(&t->saddr, t->family, 0, &out->outer_src);
			get_addr(&t->id.daddr, t->family, 0, &out->outer_dst);
		}
	}
	return XFRM_OK;
}
