/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the HSS has been told about the implicit sets of a private identity, and whether that is so.
 *
 * The HSS is told before a binding changes, and several changes of one subscriber can be under way at
 * once: a de-registration that was the last contact's when it was planned is not, when an added
 * contact has overtaken it. So as long as anything of a subscriber is under way there is a talk, which
 * notes each SAR and its answer. When the last one is over, the word of each set is compared with the
 * model; where they differ there is an effect HSS_DIFFERS, and the HSS is told what is so.
 *
 *   t = scscf_hss_begin(); scscf_hss_note() each set; for each SAR scscf_hss_asked() before it leaves
 *   and scscf_hss_answered(); change the model; scscf_hss_end().
 */
#ifndef SCSCF_HSS_TALK_H
#define SCSCF_HSS_TALK_H

#include "modules/ims_seamless_scscf/core/model.h"

enum scscf_hss_answer {
	SCSCF_HSS_DONE,
	SCSCF_HSS_REFUSED, /* or it was not sent: the HSS has not changed anything */
	SCSCF_HSS_LOST,	   /* no answer: nobody knows whether it has */
	SCSCF_HSS_GIVEN_UP /* likewise, and it is not asked again */
};

/* The talk about this private identity, for one change of it; NULL: no memory. */
struct scscf_hss_talk *scscf_hss_begin(struct scscf_model *m, struct slice impi);
/* The change is about the set of this identity. Returns 0 or SCSCF_MODEL_E_NOMEM. */
int scscf_hss_note(struct scscf_model *m, struct scscf_hss_talk *t, struct slice impu);
/* A SAR for a set that was noted leaves, which says that it is, or is no longer, registered. */
void scscf_hss_asked(struct scscf_hss_talk *t, struct slice impu, bool registered);
void scscf_hss_answered(struct scscf_hss_talk *t, struct slice impu, bool registered,
			enum scscf_hss_answer answer);
/*
 * An RTR for these identities of a subscriber (all if n is 0), before the model follows it: what is
 * under way for their sets was planned too early.
 */
void scscf_hss_recalled(struct scscf_model *m, struct slice impi, const struct slice *impus,
			size_t n);
/* How often the set of this identity was recalled since the talk began. */
unsigned scscf_hss_recalls(const struct scscf_hss_talk *t, struct slice impu);
/* A PPR of this subscriber came: a profile that is on its way with an SAA may be an older one. */
void scscf_hss_pushed(struct scscf_model *m, struct slice impi);
/* How many have come since the talk began. */
unsigned scscf_hss_pushes(const struct scscf_hss_talk *t);
/*
 * Octets that contacts of REGISTERs under way will take in stock's documents (sizes.h): several at once
 * must not each take the last room. They are given back before the end.
 */
void scscf_hss_take_room(struct scscf_hss_talk *t, size_t octets);
void scscf_hss_give_room(struct scscf_hss_talk *t, size_t octets);
/* What is taken for this subscriber now. */
size_t scscf_hss_room_taken(struct scscf_model *m, struct slice impi);
/* The change is over. With the last one the talk is freed; e: HSS_DIFFERS, may be NULL. */
void scscf_hss_end(struct scscf_model *m, struct scscf_hss_talk *t, struct scscf_effects *e);

#endif
