/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The JSON bodies of both interfaces: UTF-8, no key twice, unknown keys ignored except those that begin with "must", times as
 * RFC 3339 in UTC. What a reader takes fits into the structs and is of the characters that its kind has.
 */
#ifndef HSS_CMS_MESSAGE_H
#define HSS_CMS_MESSAGE_H

#include <jansson.h>

#include "hss/cms/grant.h"
#include "hss/cms/times.h"

enum { MESSAGE_MAX = 64 << 10, WHY_SIZE = 128 };

/* CSC-4: what a UE asks; key is not in it. Returns 0, or -1 with why, in which nothing of the body stands. */
int read_ue_request(struct slice body, struct ue_request *out, char why[WHY_SIZE]);
/* And what it is answered (step 13). */
json_t *write_connection(const struct grant *g, const char *href, const char *sha256);

/* CMS-CMS: step 7. */
json_t *write_access_request(const struct cms_config *cfg, const struct grant *g, int64_t now);
int read_access_request(struct slice body, struct access_request *out, char why[WHY_SIZE]);
/* Step 12. sha256 is that of the initial UE configuration. */
json_t *write_access_answer(const struct cms_config *cfg, const struct grant *g,
			    const char *sha256);
int read_access_answer(struct slice body, struct access_answer *out, char sha256[65],
		       char why[WHY_SIZE]);

/* The partner has ended a grant: type withdrawn or expired. */
struct event {
	char grant[ID_SIZE];
	char reason[REASON_SIZE];
};
json_t *write_event(const struct grant *g, int64_t now);
int read_event(struct slice body, struct event *out, char why[WHY_SIZE]);

const char *grant_state_word(enum grant_state s);

#endif
