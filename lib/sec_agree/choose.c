/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choosing a mechanism, and writing headers. */
#include "sec_agree/sec_agree.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const alg_names[XFRM_ALG_COUNT] = {
    [XFRM_ALG_NONE] = "null",
    [XFRM_ALG_HMAC_MD5_96] = "hmac-md5-96",
    [XFRM_ALG_HMAC_SHA1_96] = "hmac-sha-1-96",
    [XFRM_ALG_HMAC_SHA256_128] = "hmac-sha-256-128",
    [XFRM_ALG_AES_GMAC] = "aes-gmac",
};
static const char *const ealg_names[XFRM_EALG_COUNT] = {
    [XFRM_EALG_NULL] = "null",
    [XFRM_EALG_AES_CBC] = "aes-cbc",
    [XFRM_EALG_DES_EDE3_CBC] = "des-ede3-cbc",
    [XFRM_EALG_AES_GCM] = "aes-gcm",
};

const char *sec_agree_alg_name(enum xfrm_alg alg)
{
	return alg >= 0 && alg < XFRM_ALG_COUNT ? alg_names[alg] : "unknown";
}

const char *sec_agree_ealg_name(enum xfrm_ealg ealg)
{
	return ealg >= 0 && ealg < XFRM_EALG_COUNT ? ealg_names[ealg] : "unknown";
}

int sec_agree_offer_parse(struct slice text, struct sec_agree_offer *out)
{
	struct sec_agree_offer o = {.n = 0};

	while (text.len) {
		size_t n = 0;
		struct slice pair, alg;
		bool alg_known = false, ealg_known = false;

		while (n < text.len && !strchr(" ,\t\r\n", text.p[n]))
			n++;
		pair = slice_make(text.p, n);
		text.p += n < text.len ? n + 1 : n;
		text.len -= n < text.len ? n + 1 : n;
		if (!pair.len)
			continue;
		if (o.n == sizeof(o.pairs) / sizeof(o.pairs[0]))
			return SEC_AGREE_E_TOO_MANY;
		alg = slice_cut(&pair, '/');
		for (unsigned i = 0; i < XFRM_ALG_COUNT; i++)
			if (slice_eq_nocase(alg, slice_str(alg_names[i]))) {
				o.pairs[o.n].alg = (enum xfrm_alg)i;
				alg_known = true;
			}
		for (unsigned i = 0; i < XFRM_EALG_COUNT; i++)
			if (slice_eq_nocase(pair, slice_str(ealg_names[i]))) {
				o.pairs[o.n].ealg = (enum xfrm_ealg)i;
				ealg_known = true;
			}
		if (!alg_known || !ealg_known)
			return SEC_AGREE_E_SYNTAX;
		o.n++;
	}
	if (!o.n)
		return SEC_AGREE_E_SYNTAX;
	*out = o;
	return SEC_AGREE_OK;
}

int sec_agree_choose(const struct sec_agree_list *client, const struct sec_agree_offer *ours,
		     struct sec_agree_ipsec *out, unsigned *at)
{
	int rc = SEC_AGREE_E_NONE;

	for (unsigned i = 0; i < ours->n; i++)
		for (unsigned j = 0; j < client->n; j++) {
			struct sec_agree_ipsec v;
			int r = sec_agree_ipsec(&client->mechs[j], &v);

			if (r == SEC_AGREE_E_VALUE)
				rc = r;
			if (r || v.alg != ours->pairs[i].alg || v.ealg != ours->pairs[i].ealg)
				continue;
			*out = v;
			if (at)
				*at = j;
			return SEC_AGREE_OK;
		}
	return rc;
}

int sec_agree_pick(const struct sec_agree_list *server, const struct sec_agree_offer *mine,
		   struct sec_agree_ipsec *out, unsigned *at)
{
	int rc = SEC_AGREE_E_NONE;
	bool found = false;

	for (unsigned j = 0; j < server->n; j++) {
		struct sec_agree_ipsec v;
		int r = sec_agree_ipsec(&server->mechs[j], &v);
		bool known = !mine;

		if (r == SEC_AGREE_E_VALUE)
			rc = r;
		if (r)
			continue;
		for (unsigned i = 0; mine && i < mine->n; i++)
			known |= v.alg == mine->pairs[i].alg && v.ealg == mine->pairs[i].ealg;
		if (!known || (found && v.q <= out->q))
			continue;
		*out = v;
		if (at)
			*at = j;
		found = true;
	}
	return found ? SEC_AGREE_OK : rc;
}

static bool is_mode(const struct sec_agree_mech *m, bool udp_enc_tun)
{
	return slice_eq_nocase(sec_agree_param(m, "mod"), SLICE_LIT("UDP-enc-tun")) == udp_enc_tun;
}

bool sec_agree_offers_mode(const struct sec_agree_list *list, bool udp_enc_tun)
{
	for (unsigned i = 0; i < list->n; i++)
		if (sec_agree_is_ipsec(&list->mechs[i]) && is_mode(&list->mechs[i], udp_enc_tun))
			return true;
	return false;
}

void sec_agree_keep_mode(struct sec_agree_list *list, bool udp_enc_tun)
{
	unsigned n = 0;

	for (unsigned i = 0; i < list->n; i++)
		if (!sec_agree_is_ipsec(&list->mechs[i]) || is_mode(&list->mechs[i], udp_enc_tun))
			list->mechs[n++] = list->mechs[i];
	list->n = n;
}

/* Text appended to a buffer; once it does not fit, it stays failed. */
struct text {
	char *buf;
	size_t size, len;
	bool failed;
};

static void __attribute__((format(printf, 2, 3))) put(struct text *t, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = t->failed ? -1 : vsnprintf(t->buf + t->len, t->size - t->len, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->size - t->len)
		t->failed = true;
	else
		t->len += (size_t)n;
}

static int done(struct text *t, size_t *len)
{
	if (t->failed) {
		if (t->size)
			t->buf[0] = '\0';
		return SEC_AGREE_E_SPACE;
	}
	if (len)
		*len = t->len;
	return SEC_AGREE_OK;
}

/* SPIs with ten digits: the grammar of TS 33.203 annex H says so. */
static void put_ipsec(struct text *t, const struct sec_agree_ipsec *v)
{
	put(t,
	    "ipsec-3gpp;prot=esp;mod=%s;spi-c=%010u;spi-s=%010u;port-c=%u;port-s=%u;alg=%s;ealg=%s",
	    v->udp_enc_tun ? "UDP-enc-tun" : "trans", v->spi_c, v->spi_s, v->port_c, v->port_s,
	    sec_agree_alg_name(v->alg), sec_agree_ealg_name(v->ealg));
}

int sec_agree_build(const struct sec_agree_ipsec *v, bool with_q, char *buf, size_t size,
		    size_t *len)
{
	struct text t = {buf, size, 0, size == 0};

	put_ipsec(&t, v);
	if (with_q && v->q >= 1000)
		put(&t, ";q=1.0");
	else if (with_q)
		put(&t, ";q=0.%03u", v->q);
	return done(&t, len);
}

int sec_agree_build_client(const struct sec_agree_ipsec *v, const struct sec_agree_offer *offer,
			   char *buf, size_t size, size_t *len)
{
	struct text t = {buf, size, 0, size == 0};
	struct sec_agree_ipsec one = *v;

	for (unsigned i = 0; i < offer->n; i++) {
		one.alg = offer->pairs[i].alg;
		one.ealg = offer->pairs[i].ealg;
		if (i)
			put(&t, ", ");
		put_ipsec(&t, &one);
	}
	return done(&t, len);
}

static bool needs_quotes(struct slice v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!strchr(
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~",
			v.p[i]))
			return true;
	return v.len == 0;
}

int sec_agree_build_list(const struct sec_agree_list *list, char *buf, size_t size, size_t *len)
{
	struct text t = {buf, size, 0, size == 0};

	for (unsigned i = 0; i < list->n; i++) {
		const struct sec_agree_mech *m = &list->mechs[i];

		put(&t, "%s%.*s", i ? ", " : "", (int)m->name.len, m->name.p);
		for (unsigned j = 0; j < m->nparams; j++) {
			const struct sec_agree_param *p = &m->params[j];
			const char *quote = p->value.p && needs_quotes(p->value) ? "\"" : "";

			put(&t, ";%.*s", (int)p->name.len, p->name.p);
			if (p->value.p)
				put(&t, "=%s%.*s%s", quote, (int)p->value.len, p->value.p, quote);
		}
	}
	return done(&t, len);
}
