/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/core/call_state.h"

#define GO(state, action) STATE_GO(ALG_CALL_##state, ALG_DO_##action)
#define DO(action)	  STATE_DO(ALG_DO_##action)
#define STAY		  STATE_STAY

static const struct state_row rows[ALG_CALL_STATES][ALG_CALL_EVENTS] =
    {
	[ALG_CALL_IDLE] =
	    {
		[ALG_EV_NO_OFFER] = GO(AWAITED, NOTHING),
		[ALG_EV_OFFER] = GO(OFFERED, RESERVE),
		[ALG_EV_FAILED] = GO(ENDED, NOTHING),
		[ALG_EV_CANCEL] = GO(CANCELLED, NOTHING),
		[ALG_EV_BYE] = GO(ENDED, NOTHING),
		[ALG_EV_EXPIRED] = GO(ENDED, NOTHING),
	    },
	[ALG_CALL_AWAITED] =
	    {
		[ALG_EV_OFFER] = DO(GLARE),
		[ALG_EV_OFFER_IN_PROGRESS] = GO(OFFERED, RESERVE),
		[ALG_EV_OFFER_IN_SUCCESS] = GO(UNANSWERED, RESERVE),
		[ALG_EV_SUCCESS] = GO(UP, NOTHING),
		[ALG_EV_FAILED] = GO(ENDED, NOTHING),
		[ALG_EV_CANCEL] = STAY, /* a 2xx that is faster brings the offer all the same */
		[ALG_EV_BYE] = GO(ENDED, NOTHING),
		[ALG_EV_EXPIRED] = GO(ENDED, NOTHING),
	    },
	[ALG_CALL_OFFERED] =
	    {
		[ALG_EV_OFFER] = DO(GLARE),
		[ALG_EV_OFFER_IN_PROGRESS] = STAY, /* again */
		[ALG_EV_OFFER_IN_SUCCESS] =
		    GO(UNANSWERED, RESERVE), /* no PRACK answered, or of a fork */
		[ALG_EV_PREVIEW] = GO(PREVIEWED, TRY),
		[ALG_EV_ANSWER_EARLY] = GO(EARLY, CONFIGURE),
		[ALG_EV_ANSWER_FINAL] = GO(UP, CONFIGURE),
		[ALG_EV_BAD_PREVIEW] = STAY, /* the 2xx may be better (RFC 3261 13.2.1) */
		[ALG_EV_BAD_EARLY] = GO(ENDED, REFUSE),
		[ALG_EV_BAD_FINAL] = GO(ENDED, HANG_UP),
		[ALG_EV_SUCCESS] = GO(ENDED, HANG_UP), /* 2xx without the answer */
		[ALG_EV_FAILED] = GO(ENDED, RELEASE),
		[ALG_EV_OFFER_FAILED] = GO(ENDED, REFUSE), /* PRACK with the answer was refused */
		[ALG_EV_CANCEL] = GO(CANCELLED, NOTHING),
		[ALG_EV_BYE] = GO(ENDED, RELEASE),
		[ALG_EV_LOST] = GO(ENDED, REFUSE),
		[ALG_EV_EXPIRED] = GO(ENDED, RELEASE),
	    },
	[ALG_CALL_PREVIEWED] =
	    {
		[ALG_EV_OFFER] = DO(GLARE),
		[ALG_EV_PREVIEW] = DO(TRY),
		[ALG_EV_ANSWER_EARLY] = GO(EARLY, CONFIGURE),
		[ALG_EV_ANSWER_FINAL] = GO(UP, CONFIGURE),
		[ALG_EV_BAD_PREVIEW] = STAY,
		[ALG_EV_BAD_EARLY] = GO(ENDED, REFUSE),
		[ALG_EV_BAD_FINAL] = GO(ENDED, HANG_UP),
		[ALG_EV_SUCCESS] = GO(UP, COMMIT),
		[ALG_EV_FAILED] = GO(ENDED, RELEASE),
		[ALG_EV_CANCEL] = GO(CANCELLED, NOTHING),
		[ALG_EV_BYE] = GO(ENDED, RELEASE),
		[ALG_EV_LOST] = GO(ENDED, REFUSE),
		[ALG_EV_EXPIRED] = GO(ENDED, RELEASE),
	    },
	[ALG_CALL_EARLY] =
	    {
		[ALG_EV_OFFER] = GO(EARLY_OFFERED, RESERVE),
		[ALG_EV_OFFER_IN_PROGRESS] = STAY,
		[ALG_EV_OFFER_IN_SUCCESS] = GO(UNANSWERED, RESERVE), /* of another fork */
		[ALG_EV_PREVIEW] = STAY,      /* as the answer was, or of a fork that waits */
		[ALG_EV_ANSWER_EARLY] = STAY, /* the same */
		[ALG_EV_ANSWER_FINAL] = GO(UP, CONFIGURE), /* of another fork */
		[ALG_EV_BAD_PREVIEW] = STAY,
		[ALG_EV_BAD_EARLY] = STAY, /* of another fork */
		[ALG_EV_BAD_FINAL] = GO(ENDED, HANG_UP),
		[ALG_EV_SUCCESS] = GO(UP, NOTHING),
		[ALG_EV_FAILED] = GO(ENDED, RELEASE),
		[ALG_EV_OFFER_FAILED] = STAY,
		[ALG_EV_CANCEL] = GO(CANCELLED, NOTHING),
		[ALG_EV_BYE] = GO(ENDED, RELEASE),
		[ALG_EV_LOST] = GO(ENDED, REFUSE),
		[ALG_EV_EXPIRED] = GO(ENDED, RELEASE),
	    },
	[ALG_CALL_EARLY_OFFERED] =
	    {
		[ALG_EV_OFFER] = DO(GLARE),
		[ALG_EV_OFFER_IN_PROGRESS] = STAY,
		[ALG_EV_OFFER_IN_SUCCESS] = GO(UNANSWERED, RESERVE),
		[ALG_EV_PREVIEW] = STAY,
		[ALG_EV_ANSWER_EARLY] = GO(EARLY, CONFIGURE),
		[ALG_EV_ANSWER_FINAL] = GO(UP, CONFIGURE),
		[ALG_EV_BAD_PREVIEW] = STAY,
		[ALG_EV_BAD_EARLY] = GO(ENDED, REFUSE),
		[ALG_EV_BAD_FINAL] = GO(ENDED, HANG_UP),
		[ALG_EV_SUCCESS] = GO(REOFFERED, NOTHING), /* the UPDATE is still open */
		[ALG_EV_FAILED] = GO(ENDED, RELEASE),
		[ALG_EV_OFFER_FAILED] = GO(EARLY, ROLLBACK),
		[ALG_EV_CANCEL] = GO(CANCELLED, NOTHING),
		[ALG_EV_BYE] = GO(ENDED, RELEASE),
		[ALG_EV_LOST] = GO(ENDED, REFUSE),
		[ALG_EV_EXPIRED] = GO(ENDED, RELEASE),
	    },
	[ALG_CALL_UNANSWERED] =
	    {
		[ALG_EV_OFFER] = DO(GLARE),
		[ALG_EV_OFFER_IN_PROGRESS] = STAY,
		[ALG_EV_OFFER_IN_SUCCESS] = STAY, /* the 2xx again */
		[ALG_EV_ANSWER_FINAL] = GO(UP, CONFIGURE),
		[ALG_EV_BAD_FINAL] = GO(ENDED, HANG_UP),
		[ALG_EV_NO_ANSWER] = GO(ENDED, HANG_UP),
		[ALG_EV_FAILED] = GO(ENDED, HANG_UP), /* its caller has heard no 2xx */
		[ALG_EV_CANCEL] = STAY,
		[ALG_EV_BYE] = GO(ENDED, RELEASE),
		[ALG_EV_LOST] = GO(ENDED, HANG_UP),
		[ALG_EV_EXPIRED] = GO(ENDED, HANG_UP),
	    },
	[ALG_CALL_UP] =
	    {
		[ALG_EV_NO_OFFER] = GO(REAWAITED, NOTHING),
		[ALG_EV_OFFER] = GO(REOFFERED, RESERVE),
		[ALG_EV_OFFER_IN_PROGRESS] = STAY,
		[ALG_EV_OFFER_IN_SUCCESS] = STAY,
		[ALG_EV_PREVIEW] = STAY,
		[ALG_EV_ANSWER_EARLY] = STAY,
		[ALG_EV_ANSWER_FINAL] = STAY, /* again, or a second 2xx: whose BYE decides */
		[ALG_EV_BAD_PREVIEW] = STAY,
		[ALG_EV_BAD_FINAL] = STAY,
		[ALG_EV_SUCCESS] = STAY,
		[ALG_EV_NO_ANSWER] = STAY,
		[ALG_EV_FAILED] = GO(ENDED, HANG_UP), /* the 2xx came too late */
		[ALG_EV_OFFER_FAILED] = STAY,
		[ALG_EV_CANCEL] = STAY, /* too late */
		[ALG_EV_BYE] = GO(ENDED, RELEASE),
		[ALG_EV_LOST] = GO(ENDED, HANG_UP),
		[ALG_EV_EXPIRED] = GO(ENDED, HANG_UP),
	    },
	[ALG_CALL_REOFFERED] =
	    {
		[ALG_EV_NO_OFFER] = DO(GLARE),
		[ALG_EV_OFFER] = DO(GLARE),
		[ALG_EV_OFFER_IN_PROGRESS] = STAY,
		[ALG_EV_OFFER_IN_SUCCESS] = GO(REUNANSWERED, RESERVE),
		[ALG_EV_PREVIEW] = STAY,
		[ALG_EV_ANSWER_EARLY] = GO(UP, CONFIGURE),
		[ALG_EV_ANSWER_FINAL] = GO(UP, CONFIGURE),
		[ALG_EV_BAD_PREVIEW] = STAY,
		[ALG_EV_BAD_EARLY] = GO(ENDED, HANG_UP),
		[ALG_EV_BAD_FINAL] = GO(ENDED, HANG_UP),
		[ALG_EV_SUCCESS] = GO(ENDED, HANG_UP),
		[ALG_EV_FAILED] = GO(ENDED, HANG_UP),
		[ALG_EV_OFFER_FAILED] = GO(UP, ROLLBACK),
		[ALG_EV_CANCEL] = STAY, /* its 487 is what counts */
		[ALG_EV_BYE] = GO(ENDED, RELEASE),
		[ALG_EV_LOST] = GO(ENDED, HANG_UP),
		[ALG_EV_EXPIRED] = GO(UP, ROLLBACK),
	    },
	[ALG_CALL_REAWAITED] =
	    {
		[ALG_EV_NO_OFFER] = DO(GLARE),
		[ALG_EV_OFFER] = DO(GLARE),
		[ALG_EV_OFFER_IN_PROGRESS] = GO(REOFFERED, RESERVE),
		[ALG_EV_OFFER_IN_SUCCESS] = GO(REUNANSWERED, RESERVE),
		[ALG_EV_SUCCESS] = GO(UP, NOTHING),
		[ALG_EV_FAILED] = GO(ENDED, HANG_UP),
		[ALG_EV_OFFER_FAILED] = GO(UP, NOTHING),
		[ALG_EV_CANCEL] = STAY,
		[ALG_EV_BYE] = GO(ENDED, RELEASE),
		[ALG_EV_LOST] = GO(ENDED, HANG_UP),
		[ALG_EV_EXPIRED] = GO(UP, NOTHING),
	    },
	[ALG_CALL_REUNANSWERED] =
	    {
		[ALG_EV_NO_OFFER] = DO(GLARE),
		[ALG_EV_OFFER] = DO(GLARE),
		[ALG_EV_OFFER_IN_PROGRESS] = STAY,
		[ALG_EV_OFFER_IN_SUCCESS] = STAY,
		[ALG_EV_ANSWER_FINAL] = GO(UP, CONFIGURE),
		[ALG_EV_BAD_FINAL] = GO(ENDED, HANG_UP),
		[ALG_EV_NO_ANSWER] = GO(ENDED, HANG_UP),
		[ALG_EV_FAILED] = GO(ENDED, HANG_UP),
		[ALG_EV_CANCEL] = STAY,
		[ALG_EV_BYE] = GO(ENDED, RELEASE),
		[ALG_EV_LOST] = GO(ENDED, HANG_UP),
		[ALG_EV_EXPIRED] = GO(ENDED, HANG_UP),
	    },
	[ALG_CALL_CANCELLED] =
	    {
		[ALG_EV_NO_OFFER] = DO(GLARE),
		[ALG_EV_OFFER] = DO(GLARE),
		[ALG_EV_OFFER_IN_PROGRESS] = STAY,
		[ALG_EV_OFFER_IN_SUCCESS] = GO(UNANSWERED, RESERVE),
		[ALG_EV_PREVIEW] = STAY,
		[ALG_EV_ANSWER_EARLY] = STAY,
		[ALG_EV_ANSWER_FINAL] = GO(UP, CONFIGURE), /* the 2xx was faster; its BYE follows */
		[ALG_EV_BAD_PREVIEW] = STAY,
		[ALG_EV_BAD_EARLY] = STAY,
		[ALG_EV_BAD_FINAL] = GO(ENDED, HANG_UP),
		[ALG_EV_SUCCESS] = GO(UP, COMMIT),
		[ALG_EV_FAILED] = GO(ENDED, RELEASE),
		[ALG_EV_OFFER_FAILED] = STAY,
		[ALG_EV_CANCEL] = STAY,
		[ALG_EV_BYE] = GO(ENDED, RELEASE),
		[ALG_EV_LOST] = STAY,
		[ALG_EV_EXPIRED] = GO(ENDED, RELEASE),
	    },
	/* Whatever comes late finds nothing and passes. */
	[ALG_CALL_ENDED] = {[0 ... ALG_CALL_EVENTS - 1] = STAY},
};

static const char *const states[ALG_CALL_STATES] = {
    "idle", "awaited",	 "offered",   "previewed",    "early",	   "early-offered", "unanswered",
    "up",   "reoffered", "reawaited", "reunanswered", "cancelled", "ended"};
static const char *const events[ALG_CALL_EVENTS] = {"no-offer",
						    "offer",
						    "offer-in-progress",
						    "offer-in-success",
						    "preview",
						    "answer-early",
						    "answer-final",
						    "bad-preview",
						    "bad-early",
						    "bad-final",
						    "success",
						    "no-answer",
						    "failed",
						    "offer-failed",
						    "cancel",
						    "bye",
						    "lost",
						    "expired"};

const struct state_table alg_call_table = STATE_TABLE("call's media", rows, states, events);

const char *alg_call_action_name(enum alg_call_action a)
{
	static const char *const names[ALG_CALL_ACTIONS] = {
	    "nothing", "reserve", "try",     "configure", "commit", "rollback",
	    "switch",  "glare",	  "release", "refuse",	  "hang-up"};

	return (unsigned)a < ALG_CALL_ACTIONS ? names[a] : "?";
}
