/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What offer.c, answer.c and leg.c share. Not for others. */
#ifndef IMS_ALG_EXCHANGE_H
#define IMS_ALG_EXCHANGE_H

#include "sec_agree/mediasec.h"
#include "modules/ims_alg/core/session.h"

/* Can a line be anchored as it stands? */
enum alg_problem alg_check_anchor(const struct alg_policy *p, const struct alg_facts *f);
enum alg_problem alg_check_fingerprint(const struct alg_policy *p, const struct alg_facts *f);

/* Does the peer mean another TLS or DTLS association than before (RFC 8842 3.1)? */
bool alg_association_changed(const struct alg_line *l, const struct alg_end *e,
			     const struct alg_facts *f);

/* Put what a side's description says of its peer into its end of the stream: Remote, mode, filters,
 * latching. */
void alg_take_peer(const struct alg_policy *p, const struct alg_ue *ue, struct alg_session *s,
		   struct alg_line *l, enum alg_side side, const struct alg_facts *f);

/* The stream of a line, NULL without one; and to give it up. */
struct alg_stream *alg_stream_of(struct alg_session *s, const struct alg_line *l);
void alg_drop_stream(struct alg_session *s, struct alg_line *l);

/* Whether the port of the peer at this end may be filtered, now that its part is known. */
void alg_set_filter(const struct alg_policy *p, const struct alg_ue *ue, const struct alg_line *l,
		    struct alg_end *e, enum alg_side side, bool passive);

/* Write our a=path towards a side into buf, with NUL. Its length, or -1 if something is missing. */
int alg_path_print(const struct alg_stream *st, enum alg_side to, bool secure, char *buf,
		   size_t size);

/* Is it the body that came last from this side? It is the last from now on. */
bool alg_seen_before(struct alg_session *s, enum alg_side from, const struct sdp_body *b);

#endif
