/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/sh_server.h"

#include <stdlib.h>

#include "daemon/log.h"
#include "hss/counters.h"
#include "hss/diameter/cx_groups.h"
#include "hss/diameter/server.h"
#include "hss/diameter/sh_decode.h"
#include "hss/sh/notify.h"
#include "hss/sh/service.h"

/* A conditional AVP that the Data-Reference makes mandatory is quoted empty (RFC 6733 7.1.5). */
static void add_missing(struct builder *b, enum sh_missing missing)
{
	struct builder g = open_group(b, AVP_FAILED_AVP), user;

	switch (missing) {
	case SH_MISSING_NOTHING:
		break;
	case SH_MISSING_IDENTITY:
		user = open_group(&g, AVP_USER_IDENTITY);
		add_octets(&user, AVP_PUBLIC_IDENTITY, "", 1);
		close_group(&g, &user);
		break;
	case SH_MISSING_SERVICE:
		add_octets(&g, AVP_SERVICE_INDICATION, "", 1);
		break;
	case SH_MISSING_SERVER_NAME:
		add_octets(&g, AVP_SERVER_NAME, "", 1);
		break;
	case SH_MISSING_DSAI_TAG:
		add_octets(&g, AVP_DSAI_TAG, "", 1);
		break;
	case SH_MISSING_DOMAIN:
		add_u32(&g, AVP_REQUESTED_DOMAIN, 0);
		break;
	}
	close_group(b, &g);
}

/* Which of several data stand in the way of an update (TS 29.329 6.3.24). */
static void add_repository_id(struct builder *b, const struct sh_served *served)
{
	struct builder id = open_group(b, AVP_REPOSITORY_DATA_ID);

	add_text(&id, AVP_SERVICE_INDICATION, served->failed_service);
	add_u32(&id, AVP_SEQUENCE_NUMBER, served->failed_sequence);
	close_group(b, &id);
}

/* What this HSS supports of the features that TS 29.329 7.1.1 has for a command. */
static uint32_t features_of(const struct incoming *in)
{
	return in->command == &sh_application.commands[SH_COMMAND_PU]
		   ? SH_FEATURE_UPDATE_EFF | SH_FEATURE_UPDATE_EFF_ENHANCE
		   : SH_FEATURE_NOTIF_EFF;
}

/* What can be said without asking the store. Returns whether that is the answer. */
static bool decide_early(const struct sh_echo *echo, uint32_t features, struct result *result)
{
	if (echo->invalid || echo->too_many) {
		*result = echo->invalid ? RESULT_INVALID_AVP_VALUE : RESULT_AVP_TOO_MANY;
		counter_add(COUNT_malformed, 1);
		return true;
	}
	if (echo->others_wanted || (echo->features_wanted & ~features)) {
		*result = CX_FEATURE_UNSUPPORTED;
		counter_add(COUNT_refused, 1);
		return true;
	}
	return false;
}

static void log_answer(const struct incoming *in, const struct sh_request *req,
		       const struct sh_served *served)
{
	if (served->why)
		log_line(LOG_ERR, "%s-Request not served: %s", in->command->name, served->why);
	log_line(LOG_INFO, "%s user=%s from %s: %s%u", in->command->name,
		 req->has_identity ? req->identity : req->msisdn, req->as,
		 served->result.experimental ? "experimental " : "", served->result.code);
}

static void answer(struct incoming *in, void *arg,
		   void (*serve)(struct service *, const struct sh_request *, struct sh_served *))
{
	struct sh_request *req = malloc(sizeof(*req));
	struct sh_served served = {.failed_reference = -1};
	struct sh_echo echo;
	struct builder b;

	if (!req) {
		b = incoming_answer(in, RESULT_UNABLE_TO_COMPLY);
		incoming_send(in, &b);
		return;
	}
	sh_decode(in->msg, req, &echo);
	if (in->command == &sh_application.commands[SH_COMMAND_PU] &&
	    !(req->features & SH_FEATURE_UPDATE_EFF_ENHANCE) && !echo.too_many)
		echo.too_many = echo.second_reference;
	req->speaks_for_itself = incoming_speaks_for(in, slice_str(req->as));
	if (!decide_early(&echo, features_of(in), &served.result))
		serve(arg, req, &served);
	if (in->command == &sh_application.commands[SH_COMMAND_SN] &&
	    served.result.code == RESULT_SUCCESS.code)
		notify_supports(req->as, req->features);
	log_answer(in, req, &served);
	b = incoming_answer(in, served.result);
	/* whatever was asked for (TS 29.229 7.2), but not in the short form of protocol errors */
	if (served.result.code / 1000 != 3)
		add_features(&b, features_of(in), false);
	if (echo.invalid || echo.too_many)
		add_failed(&b, echo.invalid ? echo.invalid : echo.too_many);
	else if (served.missing)
		add_missing(&b, served.missing);
	if (served.redirect[0])
		add_redirect(&b, served.redirect);
	if (served.wildcard[0] && served.result.code < 3000)
		add_text(&b,
			 served.wildcard_service ? AVP_WILDCARDED_PUBLIC_IDENTITY
						 : AVP_WILDCARDED_IMPU,
			 served.wildcard);
	if (served.failed_service[0])
		add_repository_id(&b, &served);
	if (served.failed_reference >= 0)
		add_u32(&b, AVP_DATA_REFERENCE, (uint32_t)served.failed_reference);
	if (served.data)
		add_octets(&b, AVP_SH_USER_DATA, served.data, served.len);
	if (served.give_expiry)
		add_u32(&b, AVP_EXPIRY_TIME, req->expiry);
	incoming_send(in, &b);
	sh_served_free(&served);
	free(req);
}

void sh_answer_udr(struct incoming *in, void *arg)
{
	answer(in, arg, sh_serve_pull);
}

void sh_answer_pur(struct incoming *in, void *arg)
{
	answer(in, arg, sh_serve_update);
}

void sh_answer_snr(struct incoming *in, void *arg)
{
	answer(in, arg, sh_serve_subscribe);
}
