/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading Security-Client, Security-Server and Security-Verify (RFC 3329 2.2). */
#include "sec_agree/sec_agree.h"

const char *sec_agree_strerror(int err)
{
	switch (err) {
	case SEC_AGREE_OK:
		return "no error";
	case SEC_AGREE_E_SYNTAX:
		return "not a list of security mechanisms";
	case SEC_AGREE_E_TOO_MANY:
		return "too many mechanisms or parameters";
	case SEC_AGREE_E_VALUE:
		return "ipsec-3gpp with a parameter missing, double or out of range";
	case SEC_AGREE_E_SPACE:
		return "too long";
	case SEC_AGREE_E_NONE:
		return "no mechanism in common";
	default:
		return "unknown error";
	}
}

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-.!%*_+`'~", c));
}

static void skip_blanks(struct slice *s)
{
	while (s->len && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n')) {
		s->p++;
		s->len--;
	}
}

static bool skip_char(struct slice *s, char c)
{
	skip_blanks(s);
	if (!s->len || *s->p != c)
		return false;
	s->p++;
	s->len--;
	skip_blanks(s);
	return true;
}

static bool take_token(struct slice *s, struct slice *out)
{
	size_t n = 0;

	while (n < s->len && is_token_char(s->p[n]))
		n++;
	*out = slice_make(s->p, n);
	s->p += n;
	s->len -= n;
	return n > 0;
}

/* A token or a quoted string; the quotes are left out, escapes stay as they are. */
static bool take_value(struct slice *s, struct slice *out)
{
	size_t n = 1;

	if (!s->len || *s->p != '"')
		return take_token(s, out);
	while (n < s->len && s->p[n] != '"')
		n += s->p[n] == '\\' ? 2 : 1;
	if (n >= s->len || memchr(s->p, '\0', n))
		return false;
	*out = slice_make(s->p + 1, n - 1);
	s->p += n + 1;
	s->len -= n + 1;
	return true;
}

/* "mediasec=bfcp-tls", the form of TR 29.828 5.2.1.3.1, means "bfcp-tls;mediasec". */
static int take_mediasec(struct slice *s, struct sec_agree_mech *m)
{
	if (!slice_eq_nocase(m->name, SLICE_LIT("mediasec")) || !skip_char(s, '='))
		return SEC_AGREE_OK;
	m->params[0].name = m->name;
	if (!take_token(s, &m->params[0].value))
		return SEC_AGREE_E_SYNTAX;
	m->name = m->params[0].value;
	m->nparams = 1;
	return SEC_AGREE_OK;
}

static int parse_mech(struct slice *s, struct sec_agree_mech *m)
{
	m->nparams = 0;
	if (!take_token(s, &m->name) || take_mediasec(s, m))
		return SEC_AGREE_E_SYNTAX;
	while (skip_char(s, ';')) {
		struct sec_agree_param *p = &m->params[m->nparams];

		/* Some phones write one too many. */
		if (!s->len || *s->p == ';' || *s->p == ',')
			continue;
		if (m->nparams == SEC_AGREE_PARAMS_MAX)
			return SEC_AGREE_E_TOO_MANY;
		if (!take_token(s, &p->name))
			return SEC_AGREE_E_SYNTAX;
		p->value = SLICE_NULL;
		if (skip_char(s, '=') && !take_value(s, &p->value))
			return SEC_AGREE_E_SYNTAX;
		m->nparams++;
	}
	return SEC_AGREE_OK;
}

int sec_agree_parse(struct slice body, struct sec_agree_list *list)
{
	unsigned n = list->n;

	skip_blanks(&body);
	do {
		int rc;

		if (n == SEC_AGREE_MECHS_MAX)
			return SEC_AGREE_E_TOO_MANY;
		rc = parse_mech(&body, &list->mechs[n]);
		if (rc)
			return rc;
		n++;
	} while (skip_char(&body, ','));
	skip_blanks(&body);
	if (body.len)
		return SEC_AGREE_E_SYNTAX;
	list->n = n;
	return SEC_AGREE_OK;
}

struct slice sec_agree_param(const struct sec_agree_mech *m, const char *name)
{
	for (unsigned i = 0; i < m->nparams; i++)
		if (slice_eq_nocase(m->params[i].name, slice_str(name)))
			return m->params[i].value;
	return SLICE_NULL;
}

/* q in thousandths: 0, 1, 0.5, 0.25, 1.000 (RFC 3261 qvalue). */
static int read_q(struct slice v, uint16_t *out)
{
	struct slice whole = slice_cut(&v, '.');
	unsigned q, unit = 100;

	if (whole.len != 1 || (*whole.p != '0' && *whole.p != '1') || v.len > 3)
		return SEC_AGREE_E_VALUE;
	q = *whole.p == '1' ? 1000 : 0;
	for (size_t i = 0; i < v.len; i++, unit /= 10) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return SEC_AGREE_E_VALUE;
		q += (unsigned)(v.p[i] - '0') * unit;
	}
	if (q > 1000)
		return SEC_AGREE_E_VALUE;
	*out = (uint16_t)q;
	return SEC_AGREE_OK;
}

static bool has_double(const struct sec_agree_mech *m)
{
	for (unsigned i = 0; i < m->nparams; i++)
		for (unsigned j = i + 1; j < m->nparams; j++)
			if (slice_eq_nocase(m->params[i].name, m->params[j].name))
				return true;
	return false;
}

static int read_number(const struct sec_agree_mech *m, const char *name, uint64_t least,
		       uint64_t most, uint64_t *out)
{
	struct slice v = sec_agree_param(m, name);

	if (!v.p || slice_u64(v, most, out) || *out < least)
		return SEC_AGREE_E_VALUE;
	return SEC_AGREE_OK;
}

static bool read_alg(struct slice v, enum xfrm_alg *out)
{
	for (unsigned i = 0; i < XFRM_ALG_COUNT; i++)
		if (slice_eq_nocase(v, slice_str(sec_agree_alg_name((enum xfrm_alg)i)))) {
			*out = (enum xfrm_alg)i;
			return true;
		}
	return false;
}

static bool read_ealg(struct slice v, enum xfrm_ealg *out)
{
	for (unsigned i = 0; i < XFRM_EALG_COUNT; i++)
		if (slice_eq_nocase(v, slice_str(sec_agree_ealg_name((enum xfrm_ealg)i)))) {
			*out = (enum xfrm_ealg)i;
			return true;
		}
	return false;
}

int sec_agree_ipsec(const struct sec_agree_mech *m, struct sec_agree_ipsec *out)
{
	struct sec_agree_ipsec v = {.q = 1000};
	struct slice prot, mod, alg, ealg, q;
	uint64_t spi_c, spi_s, port_c, port_s;

	if (!slice_eq_nocase(m->name, SLICE_LIT("ipsec-3gpp")))
		return SEC_AGREE_E_NONE;
	prot = sec_agree_param(m, "prot");
	mod = sec_agree_param(m, "mod");
	alg = sec_agree_param(m, "alg");
	ealg = sec_agree_param(m, "ealg");
	q = sec_agree_param(m, "q");
	if (has_double(m) || !alg.p || (q.p && read_q(q, &v.q)))
		return SEC_AGREE_E_VALUE;
	/* SPIs of 0 to 255 are reserved (RFC 4303 2.1). */
	if (read_number(m, "spi-c", 256, UINT32_MAX, &spi_c) ||
	    read_number(m, "spi-s", 256, UINT32_MAX, &spi_s) ||
	    read_number(m, "port-c", 1, 65535, &port_c) ||
	    read_number(m, "port-s", 1, 65535, &port_s) || spi_c == spi_s)
		return SEC_AGREE_E_VALUE;
	if (prot.p && !slice_eq_nocase(prot, SLICE_LIT("esp")))
		return SEC_AGREE_E_NONE;
	if (mod.p && slice_eq_nocase(mod, SLICE_LIT("UDP-enc-tun")))
		v.udp_enc_tun = true;
	else if (mod.p && !slice_eq_nocase(mod, SLICE_LIT("trans")))
		return SEC_AGREE_E_NONE;
	if (!read_alg(alg, &v.alg) || (ealg.p && !read_ealg(ealg, &v.ealg)))
		return SEC_AGREE_E_NONE;
	v.spi_c = (uint32_t)spi_c;
	v.spi_s = (uint32_t)spi_s;
	v.port_c = (uint16_t)port_c;
	v.port_s = (uint16_t)port_s;
	*out = v;
	return SEC_AGREE_OK;
}
