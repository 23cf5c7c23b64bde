/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole session description with its m-lines (RFC 8866), to read and to edit (RFC 3264). Order,
 * unknown lines, blanks and line ends stay as they are, byte for byte, except in a line that was
 * edited. What is not there at an m-line is taken from the session level. Nothing allocates: the
 * lines are slices into the text, and new ones stand in room that the caller gives. Both must
 * outlive the struct. A function that fails changes nothing.
 */
#ifndef SDP_BODY_H
#define SDP_BODY_H

#include "sdp/line.h"

#define SDP_LINES_MAX  512
#define SDP_MLINES_MAX 32
#define SDP_SESSION    (-1) /* in place of the number of an m-line: the session level */

/* About 20 kB. Owned by the caller; to be read through the functions below. */
struct sdp_body {
	int lines, mlines;
	struct sdp_line line[SDP_LINES_MAX];
	int start[SDP_MLINES_MAX + 1]; /* line of each m=; behind the last: lines */
	struct slice line_end;	       /* of new lines: CRLF, or LF if the first line ends so */
	char *room;
	size_t room_left;
};

/*
 * Read text. room (size octets) is for what is edited later; it may be NULL, then nothing can be.
 * Returns 0, SDP_E_SYNTAX or SDP_E_TOO_MANY. Refused are: no "v=0" at the start, a second v=, an
 * m-line or c= that cannot be read, an empty line that is not at the end, NUL, a CR without LF.
 */
int sdp_body_parse(struct slice text, char *room, size_t size, struct sdp_body *b);

/* The m-line number m, 0 to b->mlines - 1. It was read once by sdp_body_parse(), so this cannot
 * fail. */
struct sdp_mline sdp_body_mline(const struct sdp_body *b, int m);

/* Is there a c= for this m-line, its own or the session's? */
bool sdp_body_connection(const struct sdp_body *b, int m, struct sdp_connection *out);

/*
 * The first a=name of this m-line, or else of the session; names are compared with case. *value is
 * empty, but not NULL, without a ':'. With SDP_SESSION only the session is looked at.
 */
bool sdp_body_attr(const struct sdp_body *b, int m, struct slice name, struct slice *value);

/*
 * Walk all a=name of one level, without inheritance. *pos is -1 at first, and then the number of the
 * line that was found. False behind the last.
 */
bool sdp_body_attr_next(const struct sdp_body *b, int m, struct slice name, int *pos,
			struct slice *value);

/* sendrecv, .. of this m-line, or else of the session, or else sendrecv (RFC 8866 6.7). */
enum sdp_direction sdp_body_direction(const struct sdp_body *b, int m);

/* The first line of a type at one level, behind line number from (-1: from the start); -1: none. */
int sdp_body_find(const struct sdp_body *b, int m, char type, int from);

/* ---- edits: 0, SDP_E_SPACE (room), SDP_E_TOO_MANY (lines), SDP_E_VALUE (CR, LF, NUL, no such
 * line, and what is named below). Values are copied. ---- */

/* Put value in place of that of line number n; the type and the line end stay. Not for m=. */
int sdp_body_set_line(struct sdp_body *b, int n, struct slice value);
/* Put a line before line number n, or behind the last; its level is that of line n - 1. Not v= or
 * m=, and not behind an empty line. */
int sdp_body_insert_line(struct sdp_body *b, int n, char type, struct slice value);
/* Take line number n out. Not v= or m=. */
int sdp_body_remove_line(struct sdp_body *b, int n);

/* a=name:value (a=name if value.p is NULL) in place of the first a=name of this level; further ones
 * are taken out. Without one it is added behind the last line of the level. */
int sdp_body_set_attr(struct sdp_body *b, int m, struct slice name, struct slice value);
/* Add a=name:value behind the last line of the level. */
int sdp_body_add_attr(struct sdp_body *b, int m, struct slice name, struct slice value);
/* Take out all a=name of this level. Returns how many there were. */
int sdp_body_remove_attr(struct sdp_body *b, int m, struct slice name);

/* Change the port of an m-line; 0 refuses it (RFC 3264 6) and takes a "/count" away. */
int sdp_body_set_port(struct sdp_body *b, int m, uint16_t port);
/* Change the proto of an m-line. SDP_E_VALUE for a text with blanks, too. */
int sdp_body_set_proto(struct sdp_body *b, int m, struct slice proto);
/*
 * Let this m-line (or, with SDP_SESSION, the session) have this address: its first c= is changed,
 * further ones are taken out; without one it is put where RFC 8866 5 wants it. The port of a is not
 * looked at. SDP_E_VALUE without an address.
 */
int sdp_body_set_address(struct sdp_body *b, int m, const struct netaddr *a);

/* The whole description. Returns 0 and *len, or SDP_E_SPACE. There is no NUL behind it. */
int sdp_body_write(const struct sdp_body *b, char *buf, size_t size, size_t *len);

#endif
