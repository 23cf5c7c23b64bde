/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Initial filter criteria: does a request meet the trigger point of one (TS 29.228 B.2, TS 23.218 5.2)?
 * The patterns are extended regular expressions, compared without case, as the HSS wrote them.
 */
#ifndef SCSCF_CRITERIA_H
#define SCSCF_CRITERIA_H

#include "base/slice.h"

/* What kind of registration a REGISTER is: a bit each, because a trigger may name several. */
enum scscf_registration {
	SCSCF_REGISTRATION_INITIAL = 1,
	SCSCF_REGISTRATION_RE = 2,
	SCSCF_REGISTRATION_DE = 4
};

enum scscf_trigger_kind {
	SCSCF_TRIGGER_UNKNOWN, /* never met */
	SCSCF_TRIGGER_URI,     /* content: pattern of the Request-URI */
	SCSCF_TRIGGER_METHOD,  /* content: the method */
	SCSCF_TRIGGER_HEADER, /* name: of the header field, or a pattern of it; content: pattern, or empty */
	SCSCF_TRIGGER_CASE, /* session_case */
	SCSCF_TRIGGER_SDP   /* name: type of an SDP line; content: pattern, or empty */
};

/* A service point trigger, as a member of one group. */
struct scscf_trigger {
	enum scscf_trigger_kind kind;
	int group;
	bool negated;
	struct slice name, content;
	int session_case;
	unsigned registrations; /* of METHOD: enum scscf_registration, any of these; 0: all */
};

#define SCSCF_CASE_ORIGINATING 0 /* a REGISTER is matched as this */

/* The request. */
struct scscf_asked {
	struct slice method, uri;
	struct slice headers; /* header lines, behind the start line */
	struct slice body;
	int session_case;
	unsigned registration; /* one of enum scscf_registration; 0: no REGISTER */
};

/*
 * Is the trigger point met? The triggers are sorted by group. cnf: in each group one of its triggers
 * (conjunctive normal form), else in one group all. Without triggers it always is. A pattern that is
 * none is never met.
 */
bool scscf_criteria_match(const struct scscf_trigger *t, size_t n, bool cnf,
			  const struct scscf_asked *asked);

#endif
