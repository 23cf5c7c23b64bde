/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trigger of an initial filter criterion as text, and as the list of service point triggers
 * that the user profile carries (TS 29.228 annex B, F).
 *
 *   all  method:INVITE,method:MESSAGE;case:orig      AND of groups, each an OR (ConditionTypeCNF 1)
 *   any  method:INVITE,case:orig;!uri:^sip:x         OR of groups, each an AND (ConditionTypeCNF 0)
 *
 * "all" or "any", then groups separated by ';', conditions in a group by ','; '!' negates.
 * Conditions: method:NAME            a REGISTER may add /initial /re /de, e.g.
 * method:REGISTER/initial/re uri:REGEX  header:NAME  header:NAME=REGEX  sdp:LINE  sdp:LINE=REGEX
 *   case:orig | term | term-unreg | orig-unreg | orig-cdiv
 * In a REGEX a '\' takes the next character as it is, so that ',' ';' can be written.
 */
#ifndef HSS_IFC_H
#define HSS_IFC_H

#include "hss/subscription/subscription.h"

enum { SPT_MAX = 32, SPT_TEXT_SIZE = 256 };

enum spt_kind { SPT_METHOD, SPT_URI, SPT_HEADER, SPT_CASE, SPT_SDP };

struct spt {
	enum spt_kind kind;
	uint32_t group;
	bool negated;
	char name[SPT_TEXT_SIZE];    /* method, URI, header, session case number, SDP line */
	char content[SPT_TEXT_SIZE]; /* header or SDP content */
	bool has_content;
	unsigned int registration_types; /* bit 0 initial, 1 re, 2 de */
};

struct trigger {
	bool cnf;
	struct spt spt[SPT_MAX];
	size_t n;
};

/*
 * Parse a trigger. Returns 0, or -1 with a few words in *why (static text). An empty text is a
 * trigger without conditions (n == 0).
 */
int trigger_parse(struct slice text, struct trigger *out, const char **why);

/* May this criterion do something for an unregistered user? (TS 29.228 6.1.4.1: services of the
 * unregistered state) */
bool ifc_serves_unregistered(const struct ifc *ifc);

#endif
