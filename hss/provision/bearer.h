/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of access bearers as hssctl and the REST API change them (TS 33.203 T.4). Who was authenticated by an
 * address that is taken away, replaced or dead is deregistered here, and his S-CSCF told with an RTR: the address may
 * be another's soon. All return 0, an error of the store, or PROVISION_REFUSED; why then has a sentence. now is time().
 */
#ifndef HSS_PROVISION_BEARER_H
#define HSS_PROVISION_BEARER_H

#include "hss/provision/change.h"
#include "hss/subscription/bearer.h"

/*
 * The IMSI's bearer has this address (bearer_parse()), for seconds (BEARER_SECONDS_MIN to _MAX). Whoever had it before
 * has it no more, also after STORE_ENOTFOUND: no private identity with giba=yes has the IMSI. out has it after 0.
 */
int provision_bearer_set(struct store *store, struct slice imsi, struct slice address,
			 uint64_t seconds, int64_t now, struct bearer *out, char *why, size_t size);
/* The bearer is gone. STORE_ENOTFOUND: there was none. */
int provision_bearer_remove(struct store *store, struct slice imsi, int64_t now, char *why,
			    size_t size);
/*
 * Those whose giba or IMSI a change has taken away (after NULL: all), end the bearer, in the transaction of that change.
 * after is as the store has it then. provision_tell() does it.
 */
int provision_bearers_left(struct transaction *tx, const struct subscription *before,
			   struct subscription *after);
/* Those that live, behind the IMSI after, at most max. Returns their number, or an error of the store. */
int provision_bearers(struct store *store, const char *after, int64_t now, size_t max,
		      store_bearer_h each, void *arg);
/* End those that are dead. Returns how many, or an error of the store. */
int provision_bearers_sweep(struct store *store, int64_t now);

#endif
