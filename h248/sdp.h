/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small model of the session descriptions inside Local and Remote: a list of blocks
 * (alternatives), each with at most one m= line (H.248.1 7.1.8). Everything is a slice into the
 * text; attributes keep their order; lines that are not understood are kept as they are. "$" may
 * stand for any value (CHOOSE).
 */
#ifndef H248_SDP_H
#define H248_SDP_H

#include "h248/message.h"

#define H248_SDP_LINES_MAX  256
#define H248_SDP_BLOCKS_MAX 8

struct h248_sdp_line {
	struct h248_sdp_line *next;
	char type;	    /* 'a', 'b', 'k', .. */
	struct slice value; /* behind "x=" */
};
struct h248_sdp_attribute {	  /* a view of an 'a' line */
	struct slice name, value; /* a=name:value; value.p NULL without ":" */
};
struct h248_sdp {
	struct h248_sdp *next; /* the next alternative */
	struct slice version, origin, session,
	    timing; /* values of v= o= s= t=; p NULL if left out */
	bool has_connection;
	struct slice address_type; /* "IP4" / "IP6" */
	struct slice address;	   /* may be "$" */
	bool has_media;
	struct slice media;   /* "audio", "message", "-" */
	struct slice port;    /* may be "$" */
	uint32_t port_number; /* 0 when "$" */
	uint32_t port_count;  /* m=audio 4000/2: 2; else 1 */
	struct slice proto;   /* "TCP/TLS/MSRP" */
	struct slice formats;
	struct h248_sdp_line *lines; /* all other lines in order */
};

/* 0 and *out (NULL for an empty text), or H248_E_SYNTAX / H248_E_MEMORY / H248_E_SIZE. Line ends
 * CRLF, LF or CR; a missing v= is accepted for the first block. */
int h248_sdp_parse(struct slice text, struct h248_arena *arena, struct h248_sdp **out);
/* Write all blocks, CRLF line ends. full: v= o= s= c= t= m= are all written (an MG must), with
 * defaults where the model has none. Returns H248_OK and *len, H248_E_SPACE or H248_E_VALUE. */
int h248_sdp_write(const struct h248_sdp *sdp, bool full, char *buf, size_t size, size_t *len);
/* Walk the attributes named `name` (without case); *pos starts as NULL. False behind the last. */
bool h248_sdp_attribute_next(const struct h248_sdp *sdp, const char *name,
			     const struct h248_sdp_line **pos, struct h248_sdp_attribute *out);
/* Append a line. NULL when the arena is full. */
struct h248_sdp_line *h248_sdp_add_line(struct h248_arena *arena, struct h248_sdp *sdp, char type,
					struct slice value);
/* Append a=name or a=name:value. */
struct h248_sdp_line *h248_sdp_add_attribute(struct h248_arena *arena, struct h248_sdp *sdp,
					     const char *name, struct slice value);
/* Does any value hold the CHOOSE wildcard? */
bool h248_sdp_has_choose(const struct h248_sdp *sdp);

#endif
