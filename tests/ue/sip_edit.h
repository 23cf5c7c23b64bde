/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes that a scenario makes to a request before it goes out, right or wrong ones. */
#ifndef UE_SIP_EDIT_H
#define UE_SIP_EDIT_H

#include "ue/text.h"

#define SIP_EDITS_MAX 32

enum sip_edit_kind {
	SIP_EDIT_ADD,
	SIP_EDIT_REPLACE,
	SIP_EDIT_STRIP,
	SIP_EDIT_BODY,
	SIP_EDIT_BODY_TYPE
};

struct sip_edit {
	enum sip_edit_kind kind;
	int which;   /* 0: every request of the action; 1, 2: only its first or second */
	char *value; /* "Name: value", "Name", or the body; owned by the list */
};

struct sip_edits {
	struct sip_edit e[SIP_EDITS_MAX];
	unsigned n;
};

/* Append a copy; silently ignored when full. */
void sip_edits_add(struct sip_edits *l, enum sip_edit_kind kind, int which, struct slice value);
void sip_edits_free(struct sip_edits *l);

/*
 * Apply those that concern the whichth request of the action. Names compare without case and in the
 * long form only. Content-Length is made to fit unless it was edited itself.
 */
void sip_edits_apply(const struct sip_edits *l, int which, struct text *message);

#endif
