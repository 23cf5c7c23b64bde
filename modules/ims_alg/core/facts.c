/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/facts.h"

#include "modules/ims_alg/core/attr.h"

/* The first word of *s, and *s behind it; blanks in front are passed over. */
static struct slice word(struct slice *s)
{
	struct slice w;
	size_t n = 0;

	while (s->len && (*s->p == ' ' || *s->p == '\t'))
		*s = slice_make(s->p + 1, s->len - 1);
	while (n < s->len && s->p[n] != ' ' && s->p[n] != '\t')
		n++;
	w = slice_make(s->p, n);
	*s = slice_make(s->p + n, s->len - n);
	return w;
}

static void read_setup(struct slice v, bool *has, bool *bad, enum sdp_setup *out)
{
	if (*has || *bad)
		return; /* the first counts */
	if (sdp_setup_parse(v, out))
		*bad = true;
	else
		*has = true;
}

static void read_fingerprint(struct slice v, bool *has, bool *bad, struct fingerprint_set *set)
{
	*has = true;
	if (fingerprint_set_add(set, v) < 0)
		*bad = true;
}

static enum alg_connection read_connection(struct slice v)
{
	if (slice_eq_nocase(v, SLICE_LIT("new")))
		return ALG_CONNECTION_NEW;
	return slice_eq_nocase(v, SLICE_LIT("existing")) ? ALG_CONNECTION_EXISTING
							 : ALG_CONNECTION_NONE;
}

/* The lines of a level: from *first to, not including, *end. */
static void level(const struct sdp_body *b, int m, int *first, int *end)
{
	*first = m < 0 ? 0 : b->start[m] + 1;
	*end = b->start[m + 1];
}

bool alg_is_peer(const struct netaddr *a)
{
	return netaddr_is_unicast(a) && !netaddr_is_loopback(a);
}

void alg_defaults_read(const struct sdp_body *b, struct alg_defaults *d)
{
	int first, end;

	memset(d, 0, offsetof(struct alg_defaults, fingerprints));
	d->fingerprints.n = 0;
	d->tls_id = SLICE_NULL;
	d->has_connection = sdp_body_connection(b, SDP_SESSION, &d->c);
	level(b, SDP_SESSION, &first, &end);
	for (int i = first; i < end; i++) {
		struct sdp_attr a;

		if (b->line[i].type != 'a')
			continue;
		a = sdp_attr_split(b->line[i].value);
		switch (alg_attr_of(a.name)) {
		case ALG_ATTR_SETUP:
			read_setup(a.value, &d->has_setup, &d->bad_setup, &d->setup);
			break;
		case ALG_ATTR_FINGERPRINT:
			read_fingerprint(a.value, &d->has_fingerprint, &d->bad_fingerprint,
					 &d->fingerprints);
			break;
		case ALG_ATTR_CONNECTION:
			d->connection = read_connection(a.value);
			break;
		case ALG_ATTR_TLS_ID:
			d->tls_id = a.value;
			break;
		case ALG_ATTR_DIRECTION:
			if (!d->has_direction)
				d->has_direction = sdp_direction_parse(a.name, &d->dir) == 0;
			break;
		case ALG_ATTR_CANDIDATE:
			d->ice |= slice_eq(a.name, SLICE_LIT("ice-ufrag"));
			break;
		default:
			break;
		}
	}
}

/* Two lines of one tag: an answer would not tell which of them it takes. */
static bool is_tag_new(struct alg_facts *f, uint32_t tag)
{
	unsigned n = f->cryptos < ALG_CRYPTOS_MAX ? f->cryptos : ALG_CRYPTOS_MAX;

	for (unsigned i = 0; i < n; i++)
		if (f->crypto_tags[i] == tag && tag)
			return false;
	if (n < ALG_CRYPTOS_MAX)
		f->crypto_tags[n] = tag;
	return n < ALG_CRYPTOS_MAX;
}

static void read_crypto(struct slice v, uint32_t suites, struct alg_facts *f)
{
	struct slice rest = slice_trim(v);
	struct sdes_key key;
	uint64_t tag = 0;
	bool is_new;

	(void)slice_u64(slice_cut(&rest, ' '), 999999999, &tag);
	is_new = is_tag_new(f, (uint32_t)tag);
	f->cryptos++;
	if (f->has_key && !is_new && f->key.tag == tag) {
		f->has_key = false;
		sdes_key_wipe(&f->key);
	}
	if (f->has_key || !is_new || sdes_parse(v, &key) != SDES_OK)
		return;
	if (suites & 1u << key.suite) {
		f->key = key;
		f->has_key = true;
	}
	sdes_key_wipe(&key);
}

/* "43211", "43211 IN IP4 192.0.2.1" (RFC 3605 2.1). */
static void read_rtcp(struct slice v, struct alg_facts *f)
{
	struct slice port = word(&v);
	uint64_t n;

	if (slice_u64(port, 65535, &n) || !n)
		return;
	f->rtcp = f->address;
	(void)word(&v);
	(void)word(&v);
	v = slice_trim(v);
	if (v.len && (netaddr_parse(v, &f->rtcp) || !alg_is_peer(&f->rtcp)))
		f->rtcp.family = 0;
	f->rtcp.port = (uint16_t)n;
}

static void read_path(struct slice v, struct alg_facts *f)
{
	if (f->has_path)
		return;
	f->has_path = true;
	f->path = slice_trim(v);
	v = f->path;
	f->first_uri = f->last_uri = word(&v);
	for (struct slice w = word(&v); w.len; w = word(&v))
		f->last_uri = w;
}

/* "qos mandatory local sendrecv": is it "sec mandatory .."? */
static bool is_sec_mandatory(struct slice v)
{
	struct slice type = word(&v), strength = word(&v);

	return slice_eq_nocase(type, SLICE_LIT("sec")) &&
	       slice_eq_nocase(strength, SLICE_LIT("mandatory"));
}

/* ---- potential configurations (RFC 5939) ---- */

/* a=tcap:n proto proto ..: the proto of number want, or OTHER. */
static enum alg_proto tcap_proto(struct slice v, uint64_t want)
{
	uint64_t n;

	if (slice_u64(word(&v), 1u << 31, &n) || want < n)
		return ALG_PROTO_OTHER;
	for (struct slice w = word(&v); w.len; w = word(&v), n++)
		if (n == want)
			return alg_proto_parse(w);
	return ALG_PROTO_OTHER;
}

static bool acap_key(struct slice v, uint64_t want, uint32_t suites, struct sdes_key *out)
{
	uint64_t n;
	struct sdp_attr a;

	if (slice_u64(word(&v), 1u << 31, &n) || n != want)
		return false;
	a = sdp_attr_split(slice_trim(v));
	return alg_attr_of(a.name) == ALG_ATTR_CRYPTO && sdes_parse(a.value, out) == SDES_OK &&
	       (suites & 1u << out->suite);
}

/* Call f for each a= of a kind at one level until it says yes. */
static bool find_tcap(const struct sdp_body *b, int m, uint64_t want, enum alg_proto *out)
{
	struct slice v;

	for (int at = SDP_SESSION; at <= m; at += m + 1)
		for (int pos = -1; sdp_body_attr_next(b, at, SLICE_LIT("tcap"), &pos, &v);)
			if ((*out = tcap_proto(v, want)) != ALG_PROTO_OTHER)
				return true;
	return false;
}

static bool find_acap(const struct sdp_body *b, int m, uint64_t want, uint32_t suites,
		      struct sdes_key *out)
{
	struct slice v;

	for (int at = SDP_SESSION; at <= m; at += m + 1)
		for (int pos = -1; sdp_body_attr_next(b, at, SLICE_LIT("acap"), &pos, &v);)
			if (acap_key(v, want, suites, out))
				return true;
	return false;
}

/* a=pcfg:1 t=2 a=1: take it if it is SDES and its key is there. Alternatives ("t=1|2") are not
 * understood. */
static void read_pcfg(const struct sdp_body *b, int m, struct slice v, uint32_t suites,
		      struct alg_facts *f)
{
	uint64_t number, t = 0, a = 0;
	enum alg_proto proto = ALG_PROTO_OTHER;

	if (f->pcfg.number || slice_u64(word(&v), 1u << 31, &number) || !number)
		return;
	for (struct slice w = word(&v); w.len; w = word(&v)) {
		struct slice name = slice_cut(&w, '=');

		if (slice_eq(name, SLICE_LIT("t")) && slice_u64(w, 1u << 31, &t))
			return;
		if (slice_eq(name, SLICE_LIT("a")) && slice_u64(w, 1u << 31, &a))
			return;
	}
	if (!t || !find_tcap(b, m, t, &proto) || alg_proto_info(proto)->security != ALG_SDES)
		return;
	if (a ? !find_acap(b, m, a, suites, &f->pcfg.key) : !f->has_key)
		return;
	if (!a)
		f->pcfg.key = f->key;
	f->pcfg.number = (uint32_t)number;
	f->pcfg.transport = (uint32_t)t;
	f->pcfg.attribute = (uint32_t)a;
	f->pcfg.proto = proto;
}

/* ---- an m-line ---- */

static void read_address(const struct sdp_body *b, int m, const struct alg_defaults *d,
			 struct alg_facts *f)
{
	struct sdp_connection c;
	int n = sdp_body_find(b, m, 'c', -1);

	if (n >= 0) {
		if (sdp_connection_parse(b->line[n].value, SLICE_NULL, &c))
			return;
	} else if (d->has_connection) {
		c = d->c;
	} else {
		return;
	}
	f->has_connection = true;
	f->address = c.ip;
	f->address.port = f->m.port_number;
	f->hold = netaddr_known(&c.ip) && netaddr_is_any(&c.ip);
}

static void read_attr(const struct sdp_attr *a, enum alg_attr attr, uint32_t suites,
		      struct alg_facts *f)
{
	switch (attr) {
	case ALG_ATTR_3GE2AE:
		f->e2ae = slice_eq_nocase(a->value, SLICE_LIT("requested")) ? ALG_E2AE_REQUESTED
									    : ALG_E2AE_OTHER;
		break;
	case ALG_ATTR_FINGERPRINT:
		read_fingerprint(a->value, &f->has_fingerprint, &f->bad_fingerprint,
				 &f->fingerprints);
		break;
	case ALG_ATTR_SETUP:
		read_setup(a->value, &f->has_setup, &f->bad_setup, &f->setup);
		break;
	case ALG_ATTR_CONNECTION:
		if (!f->connection)
			f->connection = read_connection(a->value);
		break;
	case ALG_ATTR_TLS_ID:
		if (!f->tls_id.p)
			f->tls_id = a->value;
		break;
	case ALG_ATTR_CRYPTO:
		read_crypto(a->value, suites, f);
		break;
	case ALG_ATTR_PATH:
		read_path(a->value, f);
		break;
	case ALG_ATTR_CEMA:
		f->cema = true;
		break;
	case ALG_ATTR_RTCP:
		read_rtcp(a->value, f);
		break;
	case ALG_ATTR_RTCP_MUX:
		f->rtcp_mux |= slice_eq(a->name, SLICE_LIT("rtcp-mux"));
		break;
	case ALG_ATTR_CANDIDATE:
		f->ice |= slice_eq(a->name, SLICE_LIT("candidate")) ||
			  slice_eq(a->name, SLICE_LIT("ice-ufrag"));
		break;
	case ALG_ATTR_DES:
		f->sec_mandatory |= is_sec_mandatory(a->value);
		break;
	default:
		break;
	}
}

void alg_facts_read(const struct sdp_body *b, int m, const struct alg_defaults *d, uint32_t suites,
		    struct alg_facts *f)
{
	int first, end;
	bool has_dir = false, has_pcfg = false;

	memset(f, 0, offsetof(struct alg_facts, fingerprints));
	f->fingerprints.n = 0;
	memset((char *)f + offsetof(struct alg_facts, cryptos), 0,
	       sizeof(*f) - offsetof(struct alg_facts, cryptos));
	f->m = sdp_body_mline(b, m);
	f->proto = alg_proto_parse(f->m.proto);
	f->dead = f->m.port_number == 0;
	f->dir = SDP_DIR_SENDRECV;
	f->ice = d->ice;
	read_address(b, m, d, f);
	level(b, m, &first, &end);
	for (int i = first; i < end; i++) {
		enum alg_attr attr;
		struct sdp_attr a;

		if (b->line[i].type != 'a')
			continue;
		a = sdp_attr_split(b->line[i].value);
		attr = alg_attr_of(a.name);
		if (!has_dir && attr == ALG_ATTR_DIRECTION)
			has_dir = sdp_direction_parse(a.name, &f->dir) == 0;
		has_pcfg |= attr == ALG_ATTR_PCFG;
		read_attr(&a, attr, suites, f);
	}
	for (int pos = -1; has_pcfg;) {
		struct slice v;

		if (!sdp_body_attr_next(b, m, SLICE_LIT("pcfg"), &pos, &v))
			break;
		read_pcfg(b, m, v, suites, f);
	}
	/* What the media level does not say, the session level does. */
	if (!has_dir && d->has_direction)
		f->dir = d->dir;
	if (!f->has_setup && !f->bad_setup) {
		f->has_setup = d->has_setup;
		f->bad_setup = d->bad_setup;
		f->setup = d->setup;
	}
	if (!f->has_fingerprint) {
		f->has_fingerprint = d->has_fingerprint;
		f->bad_fingerprint = d->bad_fingerprint;
		f->fingerprints.n = d->fingerprints.n;
		memcpy(f->fingerprints.items, d->fingerprints.items,
		       d->fingerprints.n * sizeof(f->fingerprints.items[0]));
	}
	if (!f->connection)
		f->connection = d->connection;
	if (!f->tls_id.p)
		f->tls_id = d->tls_id;
}

int alg_msrp_uri_parse(struct slice text, struct alg_msrp_uri *out)
{
	struct alg_msrp_uri u = {.secure = false};
	struct slice scheme, authority, user;
	const char *slash;
	uint64_t port;
	size_t n;

	scheme = slice_cut(&text, ':');
	u.secure = slice_eq_nocase(scheme, SLICE_LIT("msrps"));
	if ((!u.secure && !slice_eq_nocase(scheme, SLICE_LIT("msrp"))) || text.len < 3 ||
	    memcmp(text.p, "//", 2))
		return -1;
	text = slice_make(text.p + 2, text.len - 2);
	slash = memchr(text.p, '/', text.len);
	if (!slash)
		return -1;
	authority = slice_make(text.p, (size_t)(slash - text.p));
	u.rest = slice_make(slash, text.len - authority.len);
	user = authority;
	(void)slice_cut(&user, '@');
	if (user.p)
		authority = user;
	/* The port is explicit (RFC 4975 8.1); the host may be an IPv6 address in brackets. */
	for (n = authority.len; n && authority.p[n - 1] != ':' && authority.p[n - 1] != ']';)
		n--;
	if (n < 2 || authority.p[n - 1] != ':' ||
	    slice_u64(slice_make(authority.p + n, authority.len - n), 65535, &port) || !port)
		return -1;
	u.host = slice_make(authority.p, n - 1);
	u.port = (uint16_t)port;
	*out = u;
	return 0;
}
