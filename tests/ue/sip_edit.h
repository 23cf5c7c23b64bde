/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that a scenario makes to a request before it goes out, right or wrong ones. */
#ifndef UE_SIP_EDIT_H
#define UE_SIP_EDIT_H

#include "ue/text.h"

#define UE_SIP_EDITS_MAX 32

enum ue_sip_edit_kind {
	UE_SIP_EDIT_ADD,
	UE_SIP_EDIT_REPLACE,
	UE_SIP_EDIT_STRIP,
	UE_SIP_EDIT_BODY,
	UE_SIP_EDIT_BODY_TYPE
};

struct ue_sip_edit {
	enum ue_sip_edit_kind kind;
	int which;   /* 0: every request of the action; 1, 2: only its first or second */
	char *value; /* "Name: value", "Name", or the body; owned by the list */
};

struct ue_sip_edits {
	struct ue_sip_edit e[UE_SIP_EDITS_MAX];
	unsigned n;
};

/* Append a copy; silently ignored when full. */
void ue_sip_edits_add(struct ue_sip_edits *l, enum ue_sip_edit_kind kind, int which,
		      struct slice value);
void ue_sip_edits_free(struct ue_sip_edits *l);

/*
 * Apply those that concern the whichth request of the action. Names compare without case and in the
 * long form only. Content-Length is made to fit unless it was edited itself.
 */
void ue_sip_edits_apply(const struct ue_sip_edits *l, int which, struct text *message);

#endif
