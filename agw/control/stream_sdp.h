/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the session descriptions of a stream mean for its leg: which protocol, where the peer is,
 * who connects, who starts TLS, which keys. No sockets: descriptions in, values out.
 */
#ifndef AGW_CONTROL_STREAM_SDP_H
#define AGW_CONTROL_STREAM_SDP_H

#include "agw/control/model.h"
#include "h248/codec.h"
#include "h248/sdp.h"

/* The proto field of an m= line. 0, or -1: not one of ours. */
int stream_proto(struct slice proto, enum media_proto *out);

/*
 * The first block we can serve (7.1.8: in falling order of preference). want: a protocol that is
 * fixed already, or NULL. NULL if there is none; *why_proto tells that the protocol is the reason.
 */
const struct h248_sdp *stream_choose_block(const struct h248_sdp *list,
					   const enum media_proto *want, bool *why_proto);

/*
 * Local as it goes into force: "$" for address, port, fingerprint and SDES key replaced, all lines
 * an MG must write present. Returns 0 and a string the caller frees (and wipes), or -1 without
 * memory or for "$" where nothing can be chosen.
 */
int stream_fill_local(const struct h248_sdp *block, const struct media_leg *leg,
		      enum media_proto proto, struct h248_arena *a, char **out);

/*
 * The leg's wanted state from Local and Remote (strings in force, either may be NULL),
 * LocalControl, signals and events of the stream. Returns 0 or an H.248 error code with *why; *out
 * is undefined then.
 */
unsigned stream_make_config(const struct stream *s, const char *local, const char *remote,
			    const struct stream_control *control, bool tls_client,
			    bool msrp_rewrite, struct h248_arena *a, struct media_leg_config *out,
			    const char **why);

#endif
