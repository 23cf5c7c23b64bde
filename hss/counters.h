/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the HSS counts, each with a name and a sentence. Safe from every thread. */
#ifndef HSS_COUNTERS_H
#define HSS_COUNTERS_H

#include <stdint.h>
#include <stdio.h>

/* name, description */
#define HSS_COUNTERS(X)                                                                            \
	X(uar, "User-Authorization-Requests answered")                                             \
	X(lir, "Location-Info-Requests answered")                                                  \
	X(mar, "Multimedia-Auth-Requests answered")                                                \
	X(sar, "Server-Assignment-Requests answered")                                              \
	X(partner_mar, "MARs of partners' HSSs for users of ours who are there")                   \
	X(partner_refused, "requests of partners' HSSs that they may not send")                    \
	X(partner_not_theirs, "MARs of partners' HSSs for users who are not with them")            \
	X(partner_limited, "MARs of partners' HSSs beyond their rate")                             \
	X(visitor_mar, "MARs for users of partners, asked of their primary's HSS")                 \
	X(visitor_mar_failed, "of these, not answered in time, or not by vectors or a refusal")    \
	X(visitor_refused, "MARs for users of partners who are not bound, or not any more")        \
	X(visitor_mar_busy, "MARs for users of partners beyond what may wait for their primary")   \
	X(migrations_ended, "migrations ended here")                                               \
	X(udr, "User-Data-Requests answered")                                                      \
	X(pur, "Profile-Update-Requests answered")                                                 \
	X(snr, "Subscribe-Notifications-Requests answered")                                        \
	X(pnr, "Push-Notification-Requests sent")                                                  \
	X(pnr_failed, "Push-Notification-Requests refused or not answered")                        \
	X(rtr, "Registration-Termination-Requests sent")                                           \
	X(ppr, "Push-Profile-Requests sent")                                                       \
	X(rtr_failed, "Registration-Termination-Requests refused or not answered")                 \
	X(ppr_failed, "Push-Profile-Requests refused or not answered")                             \
	X(pushes_given_up, "PPR and RTR of changes that S-CSCFs never agreed to")                  \
	X(forwarded, "requests left for the ims-hss that has their peer")                          \
	X(redirected, "answers that name another HSS")                                             \
	X(user_unknown, "answers USER_UNKNOWN")                                                    \
	X(identities_dont_match, "answers IDENTITIES_DONT_MATCH")                                  \
	X(refused, "other answers that refuse")                                                    \
	X(sh_limited, "of these, requests of Sh beyond a limit")                                   \
	X(too_busy, "requests answered TOO_BUSY because too many were under way")                  \
	X(realms_refused, "requests answered REALM_NOT_SERVED")                                    \
	X(malformed, "requests that do not follow the dictionary, or whose values are invalid")    \
	X(vectors, "authentication vectors made")                                                  \
	X(digests, "SIP digest hashes given to S-CSCFs")                                           \
	X(bearers, "addresses of access bearers given to S-CSCFs (GIBA)")                          \
	X(bearers_missing, "requests for one that is not known")                                   \
	X(resyncs, "sequence numbers resynchronised by a good AUTS")                               \
	X(resyncs_failed, "AUTS with a wrong MAC-S")                                               \
	X(restorations_refused, "restoration information of S-CSCFs that was too long to be kept") \
	X(store_errors, "requests not served because the store failed")                            \
	X(store_away, "transactions refused because the store's server was away")                  \
	X(store_repeated,                                                                          \
	  "transactions repeated because they crossed others or lost their server")                \
	X(commits, "commits of requests, where several may share one")                             \
	X(commits_shared, "requests that went into the commit of another one")                     \
	X(seals_broken, "keys of subscribers that could not be opened")                            \
	X(mended, "messages with AVPs that were masked because freeDiameter must not see them")    \
	X(peers_refused,                                                                           \
	  "connections of peers that are not named, or not from where and how they may")           \
	X(answers_lost, "answers whose connection had gone")                                       \
	X(connections_cut, "connections closed that said nothing in time, or no Diameter")         \
	X(http_requests, "requests over HTTP that were answered")                                  \
	X(http_refused, "of these, with a status of 400 or more")                                  \
	X(http_wrong_tokens, "of these, with a wrong token")                                       \
	X(http_cut, "connections of HTTP closed that took too long")

enum counter {
#define X(name, text) COUNT_##name,
	HSS_COUNTERS(X)
#undef X
	    COUNTERS
};

void counter_add(enum counter c, uint64_t n);
uint64_t counter_get(enum counter c);
const char *counter_name(enum counter c);
const char *counter_text(enum counter c);

#endif
