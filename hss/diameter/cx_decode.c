/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/cx_decode.h"

#include "hss/diameter/avp.h"
#include "hss/diameter/cx_groups.h"

static void decode_auth_item(struct avp *group, struct cx_request *req)
{
	for (struct avp *a = avp_child(group); a; a = avp_next(a)) {
		struct avp_hdr *hdr;

		if (fd_msg_avp_hdr(a, &hdr))
			return;
		if (avp_identify(hdr) == AVP_SIP_AUTHENTICATION_SCHEME)
			req->scheme = avp_octets(hdr);
		else if (avp_identify(hdr) == AVP_SIP_AUTHORIZATION)
			req->resync = avp_octets(hdr);
	}
}

static void add_impu(struct cx_request *req, struct cx_echo *echo, struct avp *avp,
		     struct slice uri)
{
	if (req->n_impu == SUB_IMPUS_MAX) { /* more than any subscription has */
		echo->invalid = avp;
		return;
	}
	if (req->n_impu == 0)
		echo->impu = uri;
	else if (req->n_impu == 1)
		echo->second_impu = avp;
	if (identity_canonical(uri, req->impu[req->n_impu]))
		req->impu[req->n_impu][0] = '\0';
	req->n_impu++;
}

static uint32_t bounded(const struct avp_hdr *hdr, struct avp *avp, uint32_t max,
			struct cx_echo *echo)
{
	uint32_t v = hdr->avp_value ? hdr->avp_value->u32 : 0;

	if (v > max)
		echo->invalid = avp;
	return v;
}

/*
 * SCSCF-Restoration-Info: it must be of this user, with a contact at least. What is in it is kept as it
 * came; one that is too long is as good as none, and nobody is refused for it.
 */
static struct slice decode_restoration(struct avp *group, struct cx_request *req,
				       struct cx_echo *echo)
{
	struct slice user = SLICE_NULL;
	bool contact = false;
	size_t len = 0;

	for (struct avp *a = avp_child(group); a; a = avp_next(a)) {
		struct avp_hdr *hdr;

		if (fd_msg_avp_hdr(a, &hdr))
			return user;
		if (avp_identify(hdr) == AVP_USER_NAME)
			user = avp_octets(hdr);
		contact |= avp_identify(hdr) == AVP_RESTORATION_INFO;
	}
	if (!contact || !user.len)
		echo->invalid = group;
	req->has_restoration = true;
	if (avp_pack(group, req->restoration_octets, sizeof(req->restoration_octets), &len) == 0)
		req->restoration = slice_make((char *)req->restoration_octets, len);
	return user;
}

void cx_decode(struct msg *msg, struct cx_request *req, struct cx_echo *echo)
{
	struct avp *restoration = NULL;
	struct slice user = SLICE_NULL;

	memset(req, 0, offsetof(struct cx_request, impu));
	memset(&req->n_impu, 0, sizeof(*req) - offsetof(struct cx_request, n_impu));
	memset(echo, 0, sizeof(*echo));
	req->authorization_type = -1;
	for (struct avp *a = avp_child(msg); a; a = avp_next(a)) {
		struct avp_hdr *hdr;

		if (fd_msg_avp_hdr(a, &hdr))
			return;
		switch (avp_identify(hdr)) {
		case AVP_USER_NAME:
			req->impi = avp_octets(hdr);
			if (req->impi.len == 0)
				echo->invalid = a;
			break;
		case AVP_PUBLIC_IDENTITY:
			add_impu(req, echo, a, avp_octets(hdr));
			break;
		case AVP_SERVER_NAME:
			req->scscf = avp_octets(hdr);
			if (!avp_is_name(req->scscf))
				echo->invalid = a;
			break;
		case AVP_ORIGIN_HOST:
			req->origin_host = avp_octets(hdr);
			if (!avp_is_identity(req->origin_host))
				echo->invalid = a;
			break;
		case AVP_ORIGIN_REALM:
			req->origin_realm = avp_octets(hdr);
			if (!avp_is_identity(req->origin_realm))
				echo->invalid = a;
			break;
		case AVP_VISITED_NETWORK_IDENTIFIER:
			req->visited = avp_octets(hdr);
			break;
		case AVP_USER_AUTHORIZATION_TYPE:
			req->authorization_type =
			    (int)bounded(hdr, a, UAT_REGISTRATION_AND_CAPABILITIES, echo);
			break;
		case AVP_UAR_FLAGS:
			req->emergency = bounded(hdr, a, UINT32_MAX, echo) & 1;
			break;
		case AVP_ORIGINATING_REQUEST:
			req->originating = bounded(hdr, a, 0, echo) == 0;
			break;
		case AVP_SERVER_ASSIGNMENT_TYPE:
			req->assignment_type = bounded(hdr, a, UINT32_MAX, echo);
			break;
		case AVP_USER_DATA_ALREADY_AVAILABLE:
			req->data_available = bounded(hdr, a, 1, echo) == 1;
			break;
		case AVP_SIP_NUMBER_AUTH_ITEMS:
			req->items = bounded(hdr, a, UINT32_MAX, echo);
			break;
		case AVP_SIP_AUTH_DATA_ITEM:
			decode_auth_item(a, req);
			break;
		case AVP_SCSCF_RESTORATION_INFO:
			restoration = a;
			user = decode_restoration(a, req, echo);
			break;
		case AVP_SAR_FLAGS:
			req->pcscf_failed = bounded(hdr, a, UINT32_MAX, echo) & 1;
			break;
		case AVP_MULTIPLE_REGISTRATION_INDICATION:
			req->multiple = bounded(hdr, a, 1, echo) == 1;
			break;
		case AVP_SUPPORTED_FEATURES:
			decode_features(a, (hdr->avp_flags & AVP_FLAG_MANDATORY) != 0,
					&req->features, &echo->features_wanted,
					&echo->others_wanted);
			break;
		}
	}
	if (restoration && !slice_eq(user, req->impi))
		echo->invalid = restoration;
}
