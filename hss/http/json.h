/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subscriptions as JSON. What comes in becomes lines of the provisioning format (hss/provision), so that
 * there is one judge of what is right; what goes out never has a key in it.
 */
#ifndef HSS_HTTP_JSON_H
#define HSS_HTTP_JSON_H

#include <jansson.h>

#include "hss/subscription/subscription.h"

/* Whose description a JSON object is. */
enum json_kind {
	JSON_KIND_PRIVATE,
	JSON_KIND_PUBLIC,
	JSON_KIND_IFC,
	JSON_KIND_SET_IFC, /* of a shared set */
	JSON_KIND_SHARED,
	JSON_KIND_CAPABILITIES,
	JSON_KIND_CHARGING,
	JSON_KIND_COUNT
};

/* Parse a body of len octets: an object. NULL with why. json_decref() when done. */
json_t *json_read(const char *body, size_t len, char *why, size_t size);

/*
 * Apply an object to sub as a line of its kind. name is the identity that it is about (private, public),
 * or "priority=N" and profile "profile=N" for an ifc; NULL: the object has it itself. whole: members that are missing get their defaults, else they stay.
 * Returns 0, or -1 with a sentence in why.
 */
struct json_about {
	const char *name, *profile;
	bool whole;
};
int json_apply(struct subscription *sub, enum json_kind kind, const json_t *object,
	       const struct json_about *about, char *why, size_t size);
/* The array of a visited line. */
int json_apply_visited(struct subscription *sub, const json_t *array, char *why, size_t size);
/* A whole subscription into sub, which is empty. */
int json_subscription(struct subscription *sub, const json_t *object, char *why, size_t size);

/* The other way; NULL without memory, or if a text is no UTF-8. */
json_t *json_of_subscription(const struct subscription *sub);
/* A shared set of filter criteria. */
json_t *json_of_set(uint32_t set, const struct subscription *criteria);
/* One row of a list: identities and their state. */
json_t *json_summary(const struct subscription *sub);

#endif
