/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/sh_decode.h"

#include <ctype.h>
#include <time.h>

#include "base/utf8.h"
#include "hss/diameter/avp.h"
#include "hss/diameter/cx_groups.h"
#include "hss/subscription/activation.h"

/* TBCD (TS 29.002 17.7.8): two digits an octet, the first in the low half, 15 at the end fills. */
static void decode_msisdn(struct slice octets, struct sh_request *req)
{
	size_t n = 0;

	for (size_t i = 0; i < octets.len; i++)
		for (int half = 0; half < 2; half++) {
			unsigned int digit = ((uint8_t)octets.p[i] >> (4 * half)) & 15;

			if (digit == 15 && half == 1 && i + 1 == octets.len)
				break;
			if (digit > 9 || n + 1 == sizeof(req->msisdn)) {
				req->msisdn[0] = '\0';
				return;
			}
			req->msisdn[n++] = (char)('0' + digit);
		}
	req->msisdn[n] = '\0';
}

/* Diameter identities are compared without case (RFC 6733 4.3.1). */
static void decode_as(struct slice host, struct sh_request *req)
{
	if (slice_copy(host, req->as, sizeof(req->as)))
		req->as[0] = '\0';
	for (char *c = req->as; *c; c++)
		*c = (char)tolower((unsigned char)*c);
}

static void decode_identity(struct avp *group, struct sh_request *req, struct sh_echo *echo)
{
	for (struct avp *a = avp_child(group); a; a = avp_next(a)) {
		struct avp_hdr *hdr;

		if (fd_msg_avp_hdr(a, &hdr))
			return;
		switch (avp_identify(hdr)) {
		case AVP_PUBLIC_IDENTITY:
			if (req->has_identity || req->has_msisdn)
				echo->invalid = group; /* exactly one of them (7.1) */
			req->has_identity = true;
			if (identity_canonical(avp_octets(hdr), req->identity))
				req->identity[0] = '\0';
			break;
		case AVP_MSISDN:
			if (req->has_identity || req->has_msisdn)
				echo->invalid = group;
			req->has_msisdn = true;
			decode_msisdn(avp_octets(hdr), req);
			break;
		}
	}
}

static bool has_service(const struct sh_request *req, struct slice service)
{
	for (size_t i = 0; i < req->n_service; i++)
		if (slice_eq(req->service[i], service))
			return true;
	return false;
}

static void decode_service(struct avp *avp, struct slice service, struct sh_request *req,
			   struct sh_echo *echo)
{
	if (!service.len || service.len >= REPOSITORY_SERVICE_SIZE || !utf8_printable(service))
		echo->invalid = avp;
	else if (has_service(req, service))
		return; /* the same twice is the same */
	else if (req->n_service == SH_SERVICES_MAX)
		echo->too_many = avp;
	else
		req->service[req->n_service++] = service;
}

static void decode_tag(struct avp *avp, struct slice tag, struct sh_request *req,
		       struct sh_echo *echo)
{
	for (size_t i = 0; i < req->n_tag; i++)
		if (slice_eq(req->tag[i], tag))
			return;
	if (!dsai_is_tag(tag))
		echo->invalid = avp;
	else if (req->n_tag == SH_TAGS_MAX)
		echo->too_many = avp;
	else
		req->tag[req->n_tag++] = tag;
}

/* A number below a bound, or 0 and echo->invalid. */
static uint32_t bounded(const struct avp_hdr *hdr, struct avp *avp, uint32_t bound,
			struct sh_echo *echo)
{
	uint32_t v = hdr->avp_value ? hdr->avp_value->u32 : 0;

	if (v < bound)
		return v;
	echo->invalid = avp;
	return 0;
}

void sh_decode(struct msg *msg, struct sh_request *req, struct sh_echo *echo)
{
	memset(req, 0, sizeof(*req));
	memset(echo, 0, sizeof(*echo));
	for (struct avp *a = avp_child(msg); a; a = avp_next(a)) {
		struct avp_hdr *hdr;

		if (fd_msg_avp_hdr(a, &hdr))
			return;
		switch (avp_identify(hdr)) {
		case AVP_ORIGIN_HOST:
			decode_as(avp_octets(hdr), req);
			break;
		case AVP_ORIGIN_REALM:
			req->as_realm = avp_octets(hdr);
			if (!avp_is_identity(req->as_realm))
				echo->invalid = a;
			break;
		case AVP_USER_IDENTITY:
			decode_identity(a, req, echo);
			break;
		case AVP_USER_NAME:
			req->impi = avp_octets(hdr);
			if (!avp_is_name(req->impi))
				echo->invalid = a;
			break;
		case AVP_SERVER_NAME:
			req->server_name = avp_octets(hdr);
			if (!avp_is_name(req->server_name))
				echo->invalid = a;
			break;
		case AVP_DATA_REFERENCE:
			echo->second_reference = req->references ? a : NULL;
			req->references |= UINT64_C(1) << bounded(hdr, a, SH_REFERENCES, echo);
			break;
		case AVP_IDENTITY_SET:
			req->sets |= 1u << bounded(hdr, a, SH_IDENTITY_SETS, echo);
			break;
		case AVP_SERVICE_INDICATION:
			decode_service(a, avp_octets(hdr), req, echo);
			break;
		case AVP_SUBS_REQ_TYPE:
			req->unsubscribe = bounded(hdr, a, 2, echo) == 1;
			break;
		case AVP_SEND_DATA_INDICATION:
			req->send_data = bounded(hdr, a, 2, echo) == 1;
			break;
		case AVP_ONE_TIME_NOTIFICATION:
			req->one_time = bounded(hdr, a, 1, echo) == 0;
			break;
		case AVP_EXPIRY_TIME:
			req->has_expiry = true;
			req->expiry = hdr->avp_value ? hdr->avp_value->u32 : 0;
			if (sh_unix_time(req->expiry) <= (int64_t)time(NULL))
				echo->invalid = a; /* it is over */
			break;
		case AVP_SH_USER_DATA:
			req->user_data = avp_octets(hdr);
			break;
		case AVP_DSAI_TAG:
			decode_tag(a, avp_octets(hdr), req, echo);
			break;
		case AVP_REQUESTED_DOMAIN:
			req->has_domain = true;
			req->domain = bounded(hdr, a, 2, echo);
			break;
		case AVP_SUPPORTED_FEATURES:
			decode_features(a, (hdr->avp_flags & AVP_FLAG_MANDATORY) != 0,
					&req->features, &echo->features_wanted,
					&echo->others_wanted);
			break;
		}
	}
}
