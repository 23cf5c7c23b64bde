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
 * Local as it goes into force: "$" for address, port, fingerprint and SDES key replaced. *full
 * points into the block and the arena. 0, or -1 without room or for "$" where nothing can be
 * chosen.
 */
int stream_fill_local(const struct h248_sdp *block, const struct media_leg *leg,
		      struct h248_arena *a, struct h248_sdp *full);

/* A block as text, with full all lines that an MG must write. The caller frees (and wipes) it.
 * NULL: no memory, or it cannot be written. */
char *stream_text(const struct h248_sdp *block, bool full);

/*
 * A session description that comes into force: what it says goes into the stream's facts and into
 * the parts of its configuration that depend on it alone, so that it is read this one time. Returns
 * 0 or an H.248 error code with *why; the stream is undefined then.
 */
unsigned stream_take_local(struct stream *s, const struct h248_sdp *block, const char **why);
unsigned stream_take_remote(struct stream *s, const struct h248_sdp *block, const char **why);
/* Remote is empty now. */
void stream_drop_remote(struct stream *s);

/* The rest of the configuration: what depends on both descriptions, LocalControl, signals and
 * events together. */
void stream_finish_config(struct stream *s, bool msrp_rewrite);

enum media_mode stream_mode(enum h248_mode mode);

#endif
