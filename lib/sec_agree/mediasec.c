/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sec_agree/mediasec.h"
#include "base/words.h"

static const struct {
	uint32_t bit;
	const char *name;
} names[] = {
    {MEDIASEC_SDES, "sdes-srtp"},
    {MEDIASEC_MSRP, "msrp-tls"},
    {MEDIASEC_BFCP, "bfcp-tls"},
    {MEDIASEC_DTLS, "dtls-srtp"},
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

const char *mediasec_name(uint32_t bit)
{
	for (unsigned i = 0; i < NAMES; i++)
		if (names[i].bit == bit)
			return names[i].name;
	return NULL;
}

static uint32_t bit_of(struct slice name)
{
	for (unsigned i = 0; i < NAMES; i++)
		if (slice_eq_nocase(name, slice_str(names[i].name)))
			return names[i].bit;
	return 0;
}

int mediasec_parse(struct slice text, uint32_t *out)
{
	uint32_t bits = 0;
	bool none = false;
	struct slice word;

	while (slice_next_word(&text, &word)) {
		if (slice_eq_nocase(word, SLICE_LIT("none")))
			none = true;
		else if (bit_of(word))
			bits |= bit_of(word);
		else
			return -1;
	}
	if (none == (bits != 0))
		return -1;
	*out = bits;
	return 0;
}

static const struct sec_agree_param *mediasec_param(const struct sec_agree_mech *m)
{
	for (unsigned i = 0; i < m->nparams; i++)
		if (slice_eq_nocase(m->params[i].name, SLICE_LIT("mediasec")))
			return &m->params[i];
	return NULL;
}

bool mediasec_is(const struct sec_agree_mech *m)
{
	/* "ipsec-3gpp;..;mediasec=bfcp-tls" is a signalling mechanism for all that. */
	return mediasec_param(m) && !sec_agree_is_ipsec(m);
}

uint32_t mediasec_of(const struct sec_agree_mech *m)
{
	const struct sec_agree_param *p = mediasec_param(m);
	uint32_t bit;

	if (!p)
		return 0;
	bit = bit_of(m->name);
	return bit ? bit : bit_of(p->value);
}

uint32_t mediasec_announced(const struct sec_agree_list *list)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < list->n; i++)
		bits |= mediasec_of(&list->mechs[i]);
	return bits;
}

int mediasec_build(uint32_t bits, char *buf, size_t size, size_t *len)
{
	size_t n = 0;

	for (unsigned i = 0; i < NAMES; i++) {
		const struct slice part[3] = {n ? SLICE_LIT(", ") : SLICE_NULL,
					      slice_str(names[i].name), SLICE_LIT(";mediasec")};

		if (!(bits & names[i].bit))
			continue;
		for (unsigned j = 0; j < 3; j++) {
			if (part[j].len >= size - n)
				return SEC_AGREE_E_SPACE;
			if (part[j].len)
				memcpy(buf + n, part[j].p, part[j].len);
			n += part[j].len;
		}
	}
	if (n >= size)
		return SEC_AGREE_E_SPACE;
	buf[n] = '\0';
	if (len)
		*len = n;
	return SEC_AGREE_OK;
}

bool mediasec_verified(uint32_t sent, const struct sec_agree_list *verify)
{
	unsigned next = 0;

	for (unsigned i = 0; i < verify->n; i++) {
		uint32_t bit;

		if (!mediasec_is(&verify->mechs[i]))
			continue;
		bit = mediasec_of(&verify->mechs[i]);
		while (next < NAMES && !(sent & names[next].bit))
			next++;
		if (!bit || next == NAMES || bit != names[next].bit)
			return false;
		next++;
	}
	while (next < NAMES && !(sent & names[next].bit))
		next++;
	return next == NAMES;
}

/* One element of a comma list and the comma behind it; commas in quotes do not count. */
static struct slice next_element(struct slice *rest)
{
	bool quoted = false;
	struct slice e;
	size_t n = 0;

	for (; n < rest->len && (quoted || rest->p[n] != ','); n++) {
		if (rest->p[n] == '"')
			quoted = !quoted;
		else if (quoted && rest->p[n] == '\\')
			n++;
	}
	if (n > rest->len)
		n = rest->len;
	e = slice_make(rest->p, n);
	if (n < rest->len)
		n++;
	*rest = slice_make(rest->p + n, rest->len - n);
	return e;
}

int mediasec_strip(struct slice body, char *buf, size_t size, size_t *len)
{
	struct sec_agree_list list = {.n = 0};
	int rc = sec_agree_parse(body, &list), found = 0;
	size_t n = 0;

	if (rc)
		return rc;
	while (body.len) {
		struct sec_agree_list one = {.n = 0};
		struct slice e = slice_trim(next_element(&body));

		rc = sec_agree_parse(e, &one);
		if (rc)
			return rc;
		if (mediasec_is(&one.mechs[0])) {
			found = 1;
			continue;
		}
		if (e.len + 2 > size - n)
			return SEC_AGREE_E_SPACE;
		if (n) {
			memcpy(buf + n, ", ", 2);
			n += 2;
		}
		memcpy(buf + n, e.p, e.len);
		n += e.len;
	}
	*len = n;
	return found;
}
