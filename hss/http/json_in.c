/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "hss/http/json.h"
#include "hss/http/json_line.h"
#include "hss/provision/edit.h"

static const struct member private_members[] = {
    {"k", TEXT, "k", NULL, NULL},
    {"opc", TEXT, "opc", NULL, NULL},
    {"op", TEXT, "op", NULL, NULL},
    {"topc", TEXT, "topc", NULL, NULL},
    {"top", TEXT, "top", NULL, NULL},
    {"algorithm", TEXT, "algorithm", NULL, NULL},
    {"res", NUMBER, "res", NULL, NULL},
    {"keccak", NUMBER, "keccak", NULL, NULL},
    {"amf", TEXT, "amf", NULL, NULL},
    {"sqn", TEXT, "sqn", NULL, NULL},
    {"password", TEXT, "password", NULL, NULL},
    {"ha1", TEXT, "ha1", NULL, NULL},
    {"realm", TEXT, "realm", NULL, NULL},
    {"msisdn", TEXT, "msisdn", NULL, NULL},
    {"imsi", TEXT, "imsi", NULL, NULL},
    {"giba", FLAG, "giba=yes", "giba=no", NULL},
    {NULL, TEXT, NULL, NULL, NULL},
};
static const struct member public_members[] = {
    {"set", NUMBER, "set", NULL, "set=0"},
    {"profile", NUMBER, "profile", NULL, "profile=0"},
    {"alias", NUMBER, "alias", NULL, "alias=0"},
    {"service", FLAG, "service", "user", "user"},
    {"inactive", FLAG, "inactive", "active", "active"},
    {"barred", FLAG, "barred", "unbarred", "unbarred"},
    {"masked", TEXTS, "masked", NULL, "masked="},
    {"display", TEXT, "display", NULL, "display="},
    {"for", TEXTS, "for", NULL, NULL},
    {NULL, TEXT, NULL, NULL, NULL},
};
enum {
	OF_PROFILE = 2
}; /* the first so many members say where in a profile a criterion stands; one of a set has none of them */
static const struct member ifc_members[] = {
    {"priority", NUMBER, "priority", NULL, NULL},
    {"profile", NUMBER, "profile", NULL, NULL},
    {"server", TEXT, "server", NULL, NULL},
    {"trigger", TEXT, "trigger", NULL, NULL},
    {"service_info", TEXT, "service-info", NULL, NULL},
    {"dsai", TEXTS, "dsai", NULL, NULL},
    {"default", TEXT, "default", NULL, NULL},
    {"part", TEXT, "part", NULL, NULL},
    {"include_register_request", FLAG, "include-register-request", NULL, NULL},
    {"include_register_response", FLAG, "include-register-response", NULL, NULL},
    {NULL, TEXT, NULL, NULL, NULL},
};
static const struct member shared_members[] = {
    {"set", NUMBER, "set", NULL, NULL},
    {"profile", NUMBER, "profile", NULL, NULL},
    {NULL, TEXT, NULL, NULL, NULL},
};
static const struct member capabilities_members[] = {
    {"mandatory", NUMBERS, "mandatory", NULL, NULL},
    {"optional", NUMBERS, "optional", NULL, NULL},
    {"server", TEXT, "server", NULL, NULL},
    {NULL, TEXT, NULL, NULL, NULL},
};
static const struct member charging_members[] = {
    {"ccf", TEXT, "ccf", "", NULL}, {"ccf2", TEXT, "ccf2", "", NULL},
    {"ecf", TEXT, "ecf", "", NULL}, {"ecf2", TEXT, "ecf2", "", NULL},
    {NULL, TEXT, NULL, NULL, NULL},
};

static const struct {
	const char *line;
	const char *name; /* the member that has the identity */
	const struct member *members;
} kinds[JSON_KIND_COUNT] = {
    [JSON_KIND_PRIVATE] = {"private", "identity", private_members},
    [JSON_KIND_PUBLIC] = {"public", "identity", public_members},
    [JSON_KIND_IFC] = {"ifc", NULL, ifc_members},
    [JSON_KIND_SET_IFC] = {"ifc", NULL, ifc_members + OF_PROFILE},
    [JSON_KIND_SHARED] = {"shared", NULL, shared_members},
    [JSON_KIND_CAPABILITIES] = {"capabilities", NULL, capabilities_members},
    [JSON_KIND_CHARGING] = {"charging", NULL, charging_members},
};

/* A member's name for a message; what may be a key is not shown. */
static const char *shown(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz_");

	return name[n] || n > 30 || n == 0 ? "..." : name;
}

static int put_members(struct line *l, enum json_kind kind, const json_t *object,
		       const struct json_about *about)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		const struct member *m = kinds[kind].members;

		if (!about->name && kinds[kind].name && strcmp(key, kinds[kind].name) == 0)
			continue;
		while (m->name && strcmp(m->name, key) != 0)
			m++;
		if (!m->name)
			return json_line_fail(
			    l, "a %s has no member '%s'; /openapi.json says which it has",
			    kinds[kind].line, shown(key));
		if (json_line_member(l, m, value))
			return -1;
	}
	return 0;
}

/* Everybody may use it, and what else counts where nothing is said. */
static int put_defaults(struct line *l, enum json_kind kind, const struct subscription *sub)
{
	size_t begin;

	for (const struct member *m = kinds[kind].members; m->name; m++)
		if (m->missing && json_line_word(l, m->missing))
			return -1;
	if (kind != JSON_KIND_PUBLIC || sub->n_impi == 0)
		return 0;
	begin = l->used;
	for (size_t i = 0; i < sub->n_impi; i++)
		if (json_line_put(l, i ? "," : "for=", i ? 1 : 4) ||
		    json_line_put(l, sub->impi[i].name, strlen(sub->impi[i].name)))
			return -1;
	return json_line_end_word(l, begin);
}

/* The name that stands behind the first word of a private or public line. */
static int put_name(struct line *l, enum json_kind kind, const json_t *object,
		    const struct json_about *about)
{
	const char *name = about->name;

	if (kinds[kind].name && !name)
		name = json_string_value(json_object_get(object, kinds[kind].name));
	if (kinds[kind].name && !name)
		return json_line_fail(l, "a %s needs the member '%s'", kinds[kind].line,
				      kinds[kind].name);
	return name ? json_line_word(l, name) : 0;
}

static int make_line(struct line *l, const struct subscription *sub, enum json_kind kind,
		     const json_t *object, const struct json_about *about)
{
	if (!json_is_object(object))
		return json_line_fail(l, "a %s is an object", kinds[kind].line);
	if (kind == JSON_KIND_IFC && about->name &&
	    (json_object_get(object, "priority") || json_object_get(object, "profile")))
		return json_line_fail(l, "priority and profile of an ifc stand in the path");
	return json_line_word(l, kinds[kind].line) || put_name(l, kind, object, about) ||
		       (about->profile && json_line_word(l, about->profile)) ||
		       (about->whole && put_defaults(l, kind, sub)) ||
		       put_members(l, kind, object, about)
		   ? -1
		   : 0;
}

int json_apply(struct subscription *sub, enum json_kind kind, const json_t *object,
	       const struct json_about *about, char *why, size_t size)
{
	struct line *l = calloc(1, sizeof(*l));
	int err;

	if (!l) {
		snprintf(why, size, "no memory");
		return -1;
	}
	l->why = why;
	l->size = size;
	err = make_line(l, sub, kind, object, about);
	if (err == 0)
		err = kind == JSON_KIND_PRIVATE	  ? provision_private(sub, &l->w, why, size)
		      : kind == JSON_KIND_SET_IFC ? provision_set_line(sub, &l->w, why, size)
						  : provision_line(sub, &l->w, why, size);
	explicit_bzero(l, sizeof(*l));
	free(l);
	return err;
}

int json_apply_visited(struct subscription *sub, const json_t *array, char *why, size_t size)
{
	struct words w = {.n = 1};

	w.w[0] = SLICE_LIT("visited");
	if (!json_is_array(array) || json_array_size(array) >= WORDS_MAX) {
		snprintf(why, size, "visited is an array of at most %d names", SUB_VISITED_MAX);
		return -1;
	}
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *name = json_string_value(json_array_get(array, i));

		if (!name) {
			snprintf(why, size, "a visited network is a string");
			return -1;
		}
		w.w[w.n++] = slice_str(name);
	}
	return provision_line(sub, &w, why, size);
}

static int apply_list(struct subscription *sub, enum json_kind kind, const json_t *array, char *why,
		      size_t size)
{
	static const struct json_about itself;

	if (array && !json_is_array(array)) {
		snprintf(why, size, "'%s' is an array", kinds[kind].line);
		return -1;
	}
	for (size_t i = 0; i < json_array_size(array); i++)
		if (json_apply(sub, kind, json_array_get(array, i), &itself, why, size))
			return -1;
	return 0;
}

static int known_members(const json_t *object, char *why, size_t size)
{
	static const char *const known[] = {"private",	    "public",	"ifc",	  "shared",
					    "capabilities", "charging", "visited"};
	enum { N_KNOWN = sizeof(known) / sizeof(known[0]) };
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		size_t i = 0;

		while (i < N_KNOWN && strcmp(known[i], key) != 0)
			i++;
		if (i == N_KNOWN) {
			snprintf(why, size, "a subscription has no member '%s'", shown(key));
			return -1;
		}
	}
	return 0;
}

int json_subscription(struct subscription *sub, const json_t *object, char *why, size_t size)
{
	static const struct json_about itself;
	const json_t *caps = json_object_get(object, "capabilities");
	const json_t *charging = json_object_get(object, "charging");
	const json_t *visited = json_object_get(object, "visited");

	if (known_members(object, why, size) ||
	    apply_list(sub, JSON_KIND_PRIVATE, json_object_get(object, "private"), why, size) ||
	    apply_list(sub, JSON_KIND_PUBLIC, json_object_get(object, "public"), why, size) ||
	    apply_list(sub, JSON_KIND_IFC, json_object_get(object, "ifc"), why, size) ||
	    apply_list(sub, JSON_KIND_SHARED, json_object_get(object, "shared"), why, size))
		return -1;
	if (caps && json_apply(sub, JSON_KIND_CAPABILITIES, caps, &itself, why, size))
		return -1;
	if (charging && json_apply(sub, JSON_KIND_CHARGING, charging, &itself, why, size))
		return -1;
	return visited ? json_apply_visited(sub, visited, why, size) : 0;
}

json_t *json_read(const char *body, size_t len, char *why, size_t size)
{
	json_error_t e;
	json_t *j = json_loadb(body ? body : "", len, JSON_REJECT_DUPLICATES, &e);

	/* e.text quotes what stands there, and that may be a key */
	if (!j)
		snprintf(why, size, "the body is no JSON: line %d, column %d", e.line, e.column);
	return j;
}
