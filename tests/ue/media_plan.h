/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a phone does one m-line, right or wrong on purpose: what a line `media NAME ...` of the scenario
 * says (docs/ims-ue.md). Pure.
 */
#ifndef UE_MEDIA_PLAN_H
#define UE_MEDIA_PLAN_H

#include "base/netaddr.h"
#include "ue/text.h"

enum media_kind_id { MEDIA_RTP, MEDIA_MSRP, MEDIA_BFCP, MEDIA_KINDS };

enum { MEDIA_PLAN_ATTRS = 8 };

struct media_plan {
	char *name;
	enum media_kind_id kind;
	bool secure;	  /* RTP/SAVP with SDES, TCP/TLS/... with a fingerprint */
	bool feedback;	  /* RTP/AVPF, RTP/SAVPF in offers */
	char *setup;	  /* NULL: as it suits; "none", or a value of a=setup */
	char *connection; /* BFCP: NULL: as it is; "none", or a value of a=connection */
	char *e2ae;	  /* value of a=3ge2ae in offers; NULL: none */
	char *cert; /* NULL: the phone's; "other": not the one it announces; "none"; a PEM file */
	char *fingerprint; /* NULL: right; "sha-1", "wrong", "none"; else the value of the line */
	char *
	    crypto; /* suites; "wrong": not the key it uses; "clear": none is used; "none": no line */
	bool any_peer; /* takes any certificate */
	char *path;    /* MSRP: NULL: its own */
	char *relay;   /* MSRP: the URI of a relay before it (RFC 4976); NULL: none */
	struct netaddr relay_at;
	char *connect;	   /* MSRP: "sdp": to c= and m=; else to the first URI of a=path */
	char *types;	   /* MSRP: a=accept-types */
	char *file;	   /* MSRP: a file to be sent, or a number of octets to be made up */
	uint64_t max_size; /* MSRP: a=max-size; 0: none */
	char *floorctrl;   /* BFCP: NULL: c-only in offers */
	char *grant;	   /* BFCP: "no": floors are granted by hand */
	uint32_t conference;
	uint16_t user, floor;
	uint16_t port; /* the local one; 0: any */
	struct netaddr
	    outside; /* another program is at this address and does it all; family 0: no */
	char *attr[MEDIA_PLAN_ATTRS]; /* further lines, "name:value" */
	unsigned attrs;
	struct media_plan *next;
};

/* Those that the scenario has made, and rtp, srtp, msrp, msrps, bfcp, bfcps, which are always there. */
struct media_plan *media_plan_find(struct slice name);
/* The one that is always there. */
struct media_plan *media_plan_default(enum media_kind_id kind, bool secure);
/* A new one, in the list. */
struct media_plan *media_plan_new(struct slice name);
/* One word of the line: a kind, a flag, or NAME=VALUE. 0 or -1. */
int media_plan_option(struct media_plan *p, const char *word);
void media_plans_free(void);

#endif
