/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Media security mechanisms in the security agreement of a REGISTER (TS 24.229 7.2A.7): the phone's,
 * ours, and what of them both announced. They are between the phone and us, as ipsec-3gpp is.
 */
#include "modules/ims_flow/register.h"
#include "modules/ims_flow/register_reply.h"

void register_read_media(const struct flow_reading *r, struct flow_attempt *a)
{
	uint32_t announced = mediasec_announced(&r->client);

	/* A REGISTER without Security-Client says nothing new. */
	a->media_known = r->client_hdr != NULL;
	a->media = (uint8_t)(announced & settings.media);
	a->sa.media_sent = announced ? (uint8_t)settings.media : 0;
	for (unsigned i = 0; i < r->verify.n; i++)
		a->media_verified |= mediasec_is(&r->verify.mechs[i]);
}

bool register_media_verified(const struct flow_reading *r, uint8_t sent)
{
	return !settings.media || mediasec_verified(sent, &r->verify);
}

static int lines(char *buf, size_t size)
{
	char list[MEDIASEC_TEXT_MAX];

	if (mediasec_build(settings.media, list, sizeof(list), NULL))
		return -1;
	return snprintf(buf, size, "Security-Server: %s\r\n", list) < (int)size ? 0 : -1;
}

int register_check_media(sip_msg_t *msg, const struct flow_reading *r, const struct flow_attempt *a)
{
	char headers[MEDIASEC_TEXT_MAX + 32];

	if (!settings.media || !a->media_verified ||
	    mediasec_verified((uint32_t)settings.media, &r->verify))
		return 0;
	COUNT(verify_differs);
	if (lines(headers, sizeof(headers)))
		headers[0] = '\0';
	kam_reply(msg, 494, "Security Agreement Required", headers);
	return -1;
}

int reply_add_media(sip_msg_t *msg, const struct flow_attempt *a)
{
	char headers[MEDIASEC_TEXT_MAX + 32];

	if (!a->sa.media_sent || a->media_verified)
		return 0;
	return lines(headers, sizeof(headers)) || kam_header_add_last(msg, slice_str(headers)) ? -1
											       : 0;
}
