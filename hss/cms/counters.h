/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ims-cms counts since its start; safe from every thread. */
#ifndef HSS_CMS_COUNTERS_H
#define HSS_CMS_COUNTERS_H

#include <stdint.h>

#define CMS_COUNTERS(X)                                                                            \
	X(csc4_requests, "requests of UEs that were answered")                                     \
	X(csc4_refused, "of these, with a status of 400 or more")                                  \
	X(csc4_wrong_tokens, "of these, without a good access token")                              \
	X(peer_requests, "requests of other systems that were answered")                           \
	X(peer_refused, "of these, with a status of 400 or more")                                  \
	X(peer_no_certificate, "of these, without a client certificate")                           \
	X(peer_foreign_certificate, "of these, with one that is of no partner")                    \
	X(peer_expired_certificate, "of these, with one that is over or not yet valid")            \
	X(peer_not_yours, "requests for what belongs to another system")                           \
	X(peer_not_authorised, "requests for users who may not come here")                         \
	X(peer_replayed, "requests that were too old, over, or the same with another content")     \
	X(peer_quota, "requests beyond a partner's quota")                                         \
	X(granted, "users of ours who were granted a migration")                                   \
	X(not_granted,                                                                             \
	  "users of ours whose migration the partner did not grant, or did not answer")            \
	X(admitted, "users of partners who were admitted here")                                    \
	X(withdrawn, "migrations ended before their time, on either side")                         \
	X(expired, "migrations ended by time")                                                     \
	X(told, "other systems told of an end")                                                    \
	X(tell_failed, "attempts to tell that failed; they are made again")                        \
	X(fed, "states of migrations that our HSS was told")                                       \
	X(feed_failed, "attempts to tell it that failed; they are made again")                     \
	X(not_fed, "requests refused because our HSS could not be told")                           \
	X(http_cut, "connections closed that took too long")

enum cms_counter {
#define X(name, text) COUNT_##name,
	CMS_COUNTERS(X)
#undef X
	    CMS_COUNTS
};

void count(enum cms_counter c, uint64_t n);
uint64_t count_get(enum cms_counter c);
const char *count_name(enum cms_counter c);
const char *count_text(enum cms_counter c);

#endif
