/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registration information, application/reginfo+xml (RFC 3680), with the GRUU children of RFC 5628
 * and this project's own child of <contact> that says what became of the IMS connection behind it:
 *
 *     <connection xmlns="urn:ims-pack:seamless" state="inactive" linger="SECONDS"/>
 *     <connection xmlns="urn:ims-pack:seamless" state="terminated"/>
 *
 * This header holds the document as plain data. reginfo/writer.h makes the text (no XML library
 * needed), reginfo/parser.h reads it (libxml2), reginfo/watch.h applies what is read to a watcher's
 * state.
 */
#ifndef REGINFO_REGINFO_H
#define REGINFO_REGINFO_H

#include "base/slice.h"

#define REGINFO_MIME	    "application/reginfo+xml"
#define REGINFO_NS	    "urn:ietf:params:xml:ns:reginfo"
#define REGINFO_NS_GRUU	    "urn:ietf:params:xml:ns:gruuinfo"
#define REGINFO_NS_SEAMLESS "urn:ims-pack:seamless"

/* What went wrong; every function of the library returns 0 or one of these. */
enum reginfo_error {
	REGINFO_OK = 0,
	REGINFO_E_TOO_BIG = -1, /* document larger or deeper, or with more rows, than allowed */
	REGINFO_E_SYNTAX = -2, /* not well-formed, not UTF-8, or with a document type declaration */
	REGINFO_E_CONTENT = -3, /* well-formed, but not what RFC 3680 5.4 demands */
	REGINFO_E_NOMEM = -4,	/* no memory */
	REGINFO_E_NOSPACE = -5, /* the caller's buffer is too small */
	REGINFO_E_ORDER = -6,	/* writer functions called in an impossible order */
	REGINFO_E_VALUE = -7	/* a mandatory value left out, or one that does not fit another */
};

/* Fixed English text for a code above; never NULL. */
const char *reginfo_strerror(int err);

/* RFC 3680 5.1: state of an address-of-record. */
enum reginfo_reg_state { REGINFO_REG_INIT, REGINFO_REG_ACTIVE, REGINFO_REG_TERMINATED };

/* RFC 3680 5.1: a contact knows only two states. */
enum reginfo_contact_state { REGINFO_CONTACT_ACTIVE, REGINFO_CONTACT_TERMINATED };

/* RFC 3680 4.7.1 and 5.1: what brought the contact into its state. */
enum reginfo_event {
	REGINFO_EV_REGISTERED,
	REGINFO_EV_CREATED,
	REGINFO_EV_REFRESHED,
	REGINFO_EV_SHORTENED,
	REGINFO_EV_EXPIRED,
	REGINFO_EV_DEACTIVATED,
	REGINFO_EV_PROBATION,
	REGINFO_EV_UNREGISTERED,
	REGINFO_EV_REJECTED
};

/* What the <connection> child says; NONE when there is none. */
enum reginfo_connection {
	REGINFO_CONN_NONE,
	REGINFO_CONN_INACTIVE,	/* sessions still linger on the connection, for at most linger
				   seconds */
	REGINFO_CONN_TERMINATED /* the lingering is over */
};

/* <unknown-param name="...">value</unknown-param>: a Contact parameter that RFC 3261 does not
 * define. */
struct reginfo_param {
	struct slice name;
	struct slice value; /* empty for a parameter without value; without the quotes of SIP */
};

struct reginfo_contact {
	struct slice id;		  /* mandatory; same for the same URI of the same AOR */
	enum reginfo_contact_state state; /* mandatory */
	enum reginfo_event event;	  /* mandatory */
	struct slice uri;		  /* mandatory, a URI without <> */
	struct slice display_name;	  /* optional, empty if absent */
	struct slice q;			  /* optional, "0.5"; empty if absent */
	struct slice callid;		  /* optional, empty if absent */
	bool has_cseq, has_expires, has_retry_after, has_duration;
	uint32_t cseq;
	uint32_t expires;     /* s; must be present with SHORTENED */
	uint32_t retry_after; /* s; must be present with PROBATION */
	uint32_t duration;    /* s, duration-registered */
	const struct reginfo_param *params;
	size_t params_n;
	struct slice pub_gruu;	/* RFC 5628; empty if absent */
	struct slice temp_gruu; /* RFC 5628; only to watchers who may register the AOR */
	uint32_t temp_gruu_first_cseq;
	enum reginfo_connection connection;
	uint32_t linger; /* s, with REGINFO_CONN_INACTIVE */
};

struct reginfo_registration {
	struct slice aor; /* mandatory */
	struct slice id;  /* mandatory; constant for that AOR while the subscription lasts */
	enum reginfo_reg_state state;
	const struct reginfo_contact *contacts;
	size_t contacts_n;
};

struct reginfo_doc {
	uint32_t version;
	bool full; /* state="full"; else partial */
	const struct reginfo_registration *registrations;
	size_t registrations_n;
	void *memory; /* owned by a parsed document, freed by reginfo_free(); NULL otherwise */
};

/* The words of RFC 3680 for the enumerations; never NULL, "?" for a value out of range. */
const char *reginfo_reg_state_name(enum reginfo_reg_state s);
const char *reginfo_contact_state_name(enum reginfo_contact_state s);
const char *reginfo_event_name(enum reginfo_event e);
const char *reginfo_connection_name(enum reginfo_connection c);

/* The enumeration for a word; 0, or REGINFO_E_CONTENT and *out unchanged. */
int reginfo_reg_state_parse(struct slice word, enum reginfo_reg_state *out);
int reginfo_contact_state_parse(struct slice word, enum reginfo_contact_state *out);
int reginfo_event_parse(struct slice word, enum reginfo_event *out);
int reginfo_connection_parse(struct slice word, enum reginfo_connection *out);

/* May a contact in this state carry this event? RFC 3680 5.1. */
bool reginfo_event_fits(enum reginfo_contact_state s, enum reginfo_event e);

/* The value of the unknown-param called name (compared without case), or a slice with p == NULL. */
struct slice reginfo_contact_param(const struct reginfo_contact *c, const char *name);

#endif
