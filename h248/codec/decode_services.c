/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Services: the descriptor of ServiceChange, clause 7.2.8. */
#include "h248/codec/scan.h"

static bool is_extension(struct slice word)
{
	if (word.len < 3 || word.len > 8 || (word.p[0] != 'X' && word.p[0] != 'x') ||
	    (word.p[1] != '-' && word.p[1] != '+'))
		return false;
	for (size_t i = 2; i < word.len; i++) {
		if (!(class_of(word.p[i]) & (C_ALPHA | C_DIGIT)))
			return false;
	}
	return true;
}

static int decode_method(struct scanner *s, struct h248_services *services)
{
	struct slice word = scan_word(s);

	if (services->method)
		return scan_fail(s, 0, "Method given twice");
	switch (h248_token_find(word)) {
	case T_FAILOVER:
		services->method = H248_FAILOVER;
		return 0;
	case T_FORCED:
		services->method = H248_FORCED;
		return 0;
	case T_GRACEFUL:
		services->method = H248_GRACEFUL;
		return 0;
	case T_RESTART:
		services->method = H248_RESTART;
		return 0;
	case T_DISCONNECTED:
		services->method = H248_DISCONNECTED;
		return 0;
	case T_HANDOFF:
		services->method = H248_HANDOFF;
		return 0;
	default:
		if (!is_extension(word))
			return scan_fail(s, 0, "unknown method");
		services->method = H248_METHOD_EXTENSION;
		services->method_extension = word;
		return 0;
	}
}

/* "901 Cold Boot": the code, then at most one blank and text. Unquoted numbers are taken too. */
static int decode_reason(struct scanner *s, struct h248_services *services)
{
	struct h248_value value = {0};
	uint64_t code;
	size_t digits = 0;

	if (services->reason_text.p)
		return scan_fail(s, 0, "Reason given twice");
	if (scan_value(s, &value))
		return -1;
	while (digits < value.text.len && (class_of(value.text.p[digits]) & C_DIGIT))
		digits++;
	if (scan_number(s, slice_make(value.text.p, digits), UINT16_MAX, &code))
		return -1;
	services->reason = (uint16_t)code;
	services->reason_text = value.text;
	return 0;
}

static int decode_profile(struct scanner *s, struct h248_services *services)
{
	struct slice version = scan_word(s), name = slice_cut(&version, '/');
	uint64_t v;

	if (services->profile.len)
		return scan_fail(s, 0, "Profile given twice");
	if (!scan_is_name(name) || scan_number(s, version, 99, &v))
		return scan_fail(s, 0, "profile/version expected");
	services->profile = name;
	services->profile_version = (uint8_t)v;
	return 0;
}

static int decode_address(struct scanner *s, struct h248_mid *mid)
{
	const char *p = s->p;
	struct slice word;
	uint64_t port;

	if (mid->kind)
		return scan_fail(s, 0, "address given twice");
	word = scan_word(s);
	if (word.len > 0 && word.len <= 5 && slice_u64(word, UINT16_MAX, &port) == 0) {
		mid->kind = H248_MID_PORT;
		mid->port = (uint16_t)port;
		return 0;
	}
	s->p = p;
	return scan_mid(s, mid);
}

/* A parameter with a value; the "=" was read. 1 = not one of these. */
static int decode_valued(struct scanner *s, enum h248_token token, struct h248_services *services)
{
	uint64_t v;

	switch (token) {
	case T_METHOD:
		return decode_method(s, services);
	case T_REASON:
		return decode_reason(s, services);
	case T_DELAY:
		if (services->has_delay)
			return scan_fail(s, 0, "Delay given twice");
		services->has_delay = true;
		return scan_u32(s, &services->delay);
	case T_SERVICE_CHANGE_ADDRESS:
		return decode_address(s, &services->address);
	case T_MGC_ID:
		if (services->mgc_to_try.kind)
			return scan_fail(s, 0, "MgcIdToTry given twice");
		return scan_mid(s, &services->mgc_to_try);
	case T_PROFILE:
		return decode_profile(s, services);
	case T_VERSION:
		if (services->version)
			return scan_fail(s, 0, "Version given twice");
		if (scan_number(s, scan_word(s), 99, &v) || v == 0)
			return scan_fail(s, 0, "bad version");
		services->version = (uint8_t)v;
		return 0;
	default:
		return 1;
	}
}

static int decode_extension(struct scanner *s, struct slice word, struct h248_parm ***tail)
{
	struct h248_parm *parm = scan_new(s, sizeof(*parm));

	if (!parm)
		return -1;
	parm->name.item = word;
	if (scan_relation(s, parm, true))
		return -1;
	**tail = parm;
	*tail = &parm->next;
	return 0;
}

int decode_services(struct scanner *s, struct h248_services *services)
{
	struct h248_parm **extension = &services->extensions;
	struct h248_audit_item **audit = &services->audit;

	if (scan_expect(s, '{'))
		return -1;
	do {
		struct slice word = scan_word(s);
		enum h248_token token = h248_token_find(word);
		int rc;

		if (is_extension(word)) {
			if (decode_extension(s, word, &extension))
				return -1;
			continue;
		}
		if (scan_is_timestamp(word)) {
			if (services->timestamp.len)
				return scan_fail(s, 0, "time stamp given twice");
			services->timestamp = word;
			continue;
		}
		if (token == T_SERVICE_CHANGE_INC) {
			services->incomplete = true;
			if (scan_since(s, 3))
				return -1;
			continue;
		}
		if (token != T_EVENTS && token != T_DIGIT_MAP && scan_accept(s, '=')) {
			rc = decode_valued(s, token, services);
			if (rc)
				return rc < 0 ? -1
					      : scan_fail(s, 0, "unknown ServiceChange parameter");
			continue;
		}
		if (scan_since(s, 2) || decode_audit_item(s, token, audit))
			return -1;
		audit = &(*audit)->next;
	} while (scan_accept(s, ','));
	if (services->address.kind && services->mgc_to_try.kind)
		return scan_fail(s, 0, "ServiceChangeAddress together with MgcIdToTry");
	return scan_expect(s, '}');
}
