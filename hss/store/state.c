/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/store/state.h"

static char *put_hex(char *out, uint64_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--, value >>= 4)
		out[i] = "0123456789abcdef"[value & 0xf];
	return out + digits;
}

static const char *get_hex(const char *from, int digits, uint64_t *value)
{
	*value = 0;
	for (int i = 0; from && i < digits; i++) {
		char c = from[i];

		if (c >= '0' && c <= '9')
			*value = *value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*value = *value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return NULL;
	}
	return from ? from + digits : NULL;
}

/* Nothing where nobody is, or was to be, authenticated by an address. */
static char *put_addresses(char *p, const struct subscription *sub)
{
	bool any = false;

	for (size_t i = 0; i < sub->n_impu; i++)
		any |= (sub->impu[i].by_address | sub->impu[i].address_asked) != 0;
	for (size_t i = 0; i < sub->n_impu && any; i++) {
		p = put_hex(p, sub->impu[i].by_address, 4);
		p = put_hex(p, sub->impu[i].address_asked, 4);
	}
	return p;
}

void state_write(const struct subscription *sub, bool kept, struct state_text *out)
{
	char *p = out->sqn;

	for (size_t i = 0; i < sub->n_impi; i++)
		p = put_hex(p, kept ? sub->impi[i].sqn_kept : sub->impi[i].sqn, STATE_SQN_DIGITS);
	*p = '\0';
	p = out->state;
	out->registered = out->unregistered = 0;
	for (size_t i = 0; i < sub->n_impu; i++) {
		const struct impu *u = &sub->impu[i];

		p = put_hex(p, u->registered, 4);
		p = put_hex(p, u->pending, 4);
		*p++ = u->unregistered ? '1' : '0';
		out->registered += u->registered != 0;
		out->unregistered += u->unregistered;
	}
	*put_addresses(p, sub) = '\0';
}

static const char *read_impu(const char *p, struct impu *u)
{
	uint64_t registered, pending;

	p = get_hex(get_hex(p, 4, &registered), 4, &pending);
	if (!p || (*p != '0' && *p != '1'))
		return NULL;
	u->registered = (uint16_t)registered;
	u->pending = (uint16_t)pending;
	u->unregistered = *p == '1';
	return p + 1;
}

static const char *read_address(const char *p, struct impu *u)
{
	uint64_t by_address, asked;

	p = get_hex(get_hex(p, 4, &by_address), 4, &asked);
	if (p) {
		u->by_address = (uint16_t)by_address;
		u->address_asked = (uint16_t)asked;
	}
	return p;
}

int state_read(const struct state_text *text, struct subscription *sub)
{
	const char *p = text->sqn;

	for (size_t i = 0; i < sub->n_impi && p; i++) {
		uint64_t sqn;

		p = get_hex(p, STATE_SQN_DIGITS, &sqn);
		sub->impi[i].sqn = sub->impi[i].sqn_kept = sqn;
	}
	if (!p || *p)
		return -1;
	p = text->state;
	for (size_t i = 0; i < sub->n_impu && p; i++)
		p = read_impu(p, &sub->impu[i]);
	for (size_t i = 0; i < sub->n_impu; i++)
		sub->impu[i].by_address = sub->impu[i].address_asked = 0;
	for (size_t i = 0; p && *p && i < sub->n_impu; i++)
		p = read_address(p, &sub->impu[i]);
	return p && !*p ? 0 : -1;
}
