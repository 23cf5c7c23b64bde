/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line in which a UE does something, while it is being read. Shared by scn_action.c,
 * scn_options.c and scn_media.c only. */
#ifndef UE_SCN_ACTION_H
#define UE_SCN_ACTION_H

#include "ue/conn.h"
#include "ue/dialog.h"
#include "ue/media_msrp.h"
#include "ue/registration.h"
#include "ue/scn_run.h"

/* Of ask-config; NULL where the line has none. */
struct config_options {
	char *at; /* the server */
	char *token, *mc_id, *services, *place, *partner, *instance;
};

/* A line "UE VERB POSITIONAL... [OPTION]..." being read. */
struct action {
	struct ue *ue;
	struct scn_args *a;
	unsigned at; /* next word */
	bool async;
	uint64_t within;
	const char *want; /* expect CODE, NULL: 2xx */
	struct ue_sip_edits edits;
	struct op *op; /* what to wait for, NULL: nothing */
	struct conn *conn;
	struct dialog *dialog;
	struct media_line *mline;
	struct msrp_send_options send; /* its texts are words of the line */
	struct call_options call;
	struct register_options reg;
	struct config_options config;
	char *system; /* in= */
	char *over, *to, *as, *impu, *transport, *ipsec, *alg, *text, *mediasec;
	uint32_t expires;
	bool has_expires, reliable, via_uc;
	int reg_id, mediasec_form;
};

/* One word each: true if it is such an option, which is then noted in x. */
bool option_edit(struct action *x, const char *w);
bool option_register(struct action *x, const char *w);
bool option_call(struct action *x, const char *w);
bool option_subscribe(struct action *x, const char *w);
bool option_send(struct action *x, const char *w);
bool option_none(struct action *x, const char *w);

bool option_config(struct action *x, const char *w);
void config_options_free(struct config_options *o);

/* Configuration management: ask-config; look-config and return-config. */
int do_ask_config(struct action *x);
int do_look_config(struct action *x);
/* Variables of what was given: UE_SYSTEM_impi, _impu, _domain, _id. */
void config_variables(struct action *x);

/* What is done in m-lines; each returns an enum scn_result. */
int do_send(struct action *x);
int do_floor(struct action *x);
int do_disconnect(struct action *x);

#endif
