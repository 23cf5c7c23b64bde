/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options that may follow the words of an action: NAME=VALUE and flags. */
#include <stdlib.h>

#include "ue/scn_action.h"

/* header=, replace=, strip=, body=, body-type=, with an optional "1." or "2." before. */
bool option_edit(struct action *x, const char *w)
{
	static const struct {
		const char *name;
		enum ue_sip_edit_kind kind;
	} edits[] = {{"header=", UE_SIP_EDIT_ADD},
		     {"replace=", UE_SIP_EDIT_REPLACE},
		     {"strip=", UE_SIP_EDIT_STRIP},
		     {"body=", UE_SIP_EDIT_BODY},
		     {"body-type=", UE_SIP_EDIT_BODY_TYPE}};
	int which = (w[0] == '1' || w[0] == '2') && w[1] == '.' ? w[0] - '0' : 0;
	const char *s = which ? w + 2 : w;

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		size_t n = strlen(edits[i].name);

		if (strncmp(s, edits[i].name, n) == 0) {
			ue_sip_edits_add(&x->edits, edits[i].kind, which, slice_str(s + n));
			return true;
		}
	}
	return false;
}

static bool string_option(const char *w, const char *name, char **out)
{
	size_t n = strlen(name);

	if (strncmp(w, name, n) != 0 || w[n] != '=')
		return false;
	ue_set(out, slice_str(w + n + 1));
	return true;
}

static bool number_option(const char *w, const char *name, uint32_t *out)
{
	size_t n = strlen(name);
	uint64_t v;

	if (strncmp(w, name, n) != 0 || w[n] != '=' ||
	    slice_u64(slice_str(w + n + 1), UINT32_MAX, &v) != 0)
		return false;
	*out = (uint32_t)v;
	return true;
}

/* remove=CONN|URI becomes a Contact value with expires=0, extra=URI one with the common expiry. */
static bool extra_contact(struct action *x, const char *w)
{
	char *v = NULL;
	bool gone = string_option(w, "remove", &v);
	struct text t = {0};
	const char *uri;

	if (!gone && !string_option(w, "extra", &v))
		return false;
	uri = gone ? conn_contact(x->ue, slice_str(v)) : NULL;
	text_add(&t, "<%s>%s", uri ? uri : v, gone ? ";expires=0" : "");
	free(v);
	if (x->reg.extras == REGISTER_EXTRA_MAX) {
		text_free(&t);
		return false;
	}
	x->reg.extra[x->reg.extras++] = t.p;
	return true;
}

bool option_register(struct action *x, const char *w)
{
	uint32_t n;

	if (number_option(w, "expires", &x->expires)) {
		x->has_expires = true;
		return true;
	}
	if (number_option(w, "reg-id", &n)) {
		x->reg_id = (int)n;
		return true;
	}
	if (strcmp(w, "seamless") == 0)
		return x->reg.seamless = true;
	if (strcmp(w, "global") == 0)
		return x->reg.global = true;
	if (strcmp(w, "instance=no") == 0) {
		ue_set(&x->reg.instance, SLICE_NULL);
		return true;
	}
	if (strcmp(w, "verify=none") == 0) {
		ue_set(&x->reg.verify, SLICE_NULL);
		return true;
	}
	if (strcmp(w, "client=none") == 0) {
		ue_set(&x->reg.client, SLICE_NULL);
		return true;
	}
	if (strcmp(w, "auth=replay") == 0 || strcmp(w, "auth=none") == 0) {
		x->reg.auth = w[5] == 'r' ? AUTH_REPLAY : AUTH_NONE;
		return true;
	}
	if (strcmp(w, "sqn=stale") == 0)
		return x->reg.stale_sqn = true;
	if (strcmp(w, "stop=401") == 0)
		return x->reg.stop_at_401 = true;
	if (strcmp(w, "protect=no") == 0)
		return x->reg.unprotected = true;
	if (strcmp(w, "mediasec-form=first") == 0 || strcmp(w, "mediasec-form=lines") == 0) {
		x->mediasec_form = w[14] == 'f' ? MEDIASEC_FIRST : MEDIASEC_LINES;
		return true;
	}
	if (strcmp(w, "via=uc") == 0)
		return x->via_uc = true;
	return string_option(w, "in", &x->system) || extra_contact(x, w) ||
	       string_option(w, "impu", &x->impu) ||
	       string_option(w, "instance", &x->reg.instance) ||
	       string_option(w, "contact", &x->reg.contact) ||
	       string_option(w, "transport", &x->transport) ||
	       string_option(w, "ipsec", &x->ipsec) || string_option(w, "alg", &x->alg) ||
	       string_option(w, "res", &x->reg.res) || string_option(w, "verify", &x->reg.verify) ||
	       string_option(w, "client", &x->reg.client) ||
	       string_option(w, "mediasec", &x->mediasec);
}

bool option_call(struct action *x, const char *w)
{
	if (strcmp(w, "media=no") == 0)
		return x->call.no_media = true;
	if (strcmp(w, "offer=late") == 0)
		return x->call.late = true;
	if (strcmp(w, "early-only") == 0)
		return x->call.early_only = true;
	if (strcmp(w, "hold") == 0)
		return x->call.hold = true;
	return string_option(w, "impu", &x->call.impu) ||
	       string_option(w, "media", &x->call.media) || string_option(w, "add", &x->call.add) ||
	       string_option(w, "off", &x->call.off) ||
	       string_option(w, "replaces", &x->call.replaces) ||
	       string_option(w, "to", &x->call.to);
}

bool option_subscribe(struct action *x, const char *w)
{
	if (number_option(w, "expires", &x->expires))
		return x->has_expires = true;
	return string_option(w, "impu", &x->impu);
}

bool option_config(struct action *x, const char *w)
{
	struct config_options *o = &x->config;

	return string_option(w, "token", &o->token) || string_option(w, "mc-id", &o->mc_id) ||
	       string_option(w, "services", &o->services) || string_option(w, "place", &o->place) ||
	       string_option(w, "partner", &o->partner) ||
	       string_option(w, "instance", &o->instance);
}

void config_options_free(struct config_options *o)
{
	free(o->at);
	free(o->token);
	free(o->mc_id);
	free(o->services);
	free(o->place);
	free(o->partner);
	free(o->instance);
}

bool option_none(struct action *x, const char *w)
{
	(void)x;
	(void)w;
	return false;
}
