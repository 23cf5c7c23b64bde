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

/* What is done in m-lines; each returns an enum scn_result. */
int do_send(struct action *x);
int do_floor(struct action *x);
int do_disconnect(struct action *x);

#endif
