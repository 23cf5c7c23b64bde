/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdlib.h>

#include "hss/http/json.h"
#include "hss/provision/edit.h"

enum member_kind { TEXT, NUMBER, FLAG, TEXTS, NUMBERS };

struct member {
	const char *name;
	enum member_kind kind;
	const char *word; /* "name" of name=VALUE, or the word itself of a FLAG */
	const char *
	    off; /* FLAG: the word for false, or NULL: none; TEXT: "" where an empty one has no word */
	const char *missing; /* the word where the whole is replaced, or NULL */
};

static const struct member private_members[] = {
    {"k", TEXT, "k", NULL, NULL},	    {"opc", TEXT, "opc", NULL, NULL},
    {"op", TEXT, "op", NULL, NULL},	    {"amf", TEXT, "amf", NULL, NULL},
    {"sqn", TEXT, "sqn", NULL, NULL},	    {"password", TEXT, "password", NULL, NULL},
    {"ha1", TEXT, "ha1", NULL, NULL},	    {"realm", TEXT, "realm", NULL, NULL},
    {"msisdn", TEXT, "msisdn", NULL, NULL}, {"imsi", TEXT, "imsi", NULL, NULL},
    {NULL, TEXT, NULL, NULL, NULL},
};
static const struct member public_members[] = {
    {"set", NUMBER, "set", NULL, "set=0"},
    {"profile", NUMBER, "profile", NULL, "profile=0"},
    {"alias", NUMBER, "alias", NULL, "alias=0"},
    {"barred", FLAG, "barred", "unbarred", "unbarred"},
    {"display", TEXT, "display", NULL, "display="},
    {"for", TEXTS, "for", NULL, NULL},
    {NULL, TEXT, NULL, NULL, NULL},
};
static const struct member ifc_members[] = {
    {"priority", NUMBER, "priority", NULL, NULL},
    {"profile", NUMBER, "profile", NULL, NULL},
    {"server", TEXT, "server", NULL, NULL},
    {"trigger", TEXT, "trigger", NULL, NULL},
    {"service_info", TEXT, "service-info", NULL, NULL},
    {"default", TEXT, "default", NULL, NULL},
    {"part", TEXT, "part", NULL, NULL},
    {"include_register_request", FLAG, "include-register-request", NULL, NULL},
    {"include_register_response", FLAG, "include-register-response", NULL, NULL},
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
    [JSON_KIND_CAPABILITIES] = {"capabilities", NULL, capabilities_members},
    [JSON_KIND_CHARGING] = {"charging", NULL, charging_members},
};

/* A line that is being made of members; w.text holds its words. */
struct line {
	struct words w;
	size_t used;
	char *why;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static int fail(const struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->why, l->size, fmt, ap);
	va_end(ap);
	return -1;
}

/* Append to the word that is being made. */
static int put(struct line *l, const char *text, size_t len)
{
	if (len > sizeof(l->w.text) - l->used)
		return fail(l, "the object is too long");
	memcpy(l->w.text + l->used, text, len);
	l->used += len;
	return 0;
}

/* The word from begin on is whole. */
static int end_word(struct line *l, size_t begin)
{
	if (l->w.n == WORDS_MAX)
		return fail(l, "the object has too many members");
	l->w.w[l->w.n++] = slice_make(l->w.text + begin, l->used - begin);
	return 0;
}

static int put_word(struct line *l, const char *text)
{
	size_t begin = l->used;

	return put(l, text, strlen(text)) || end_word(l, begin) ? -1 : 0;
}

static int put_number(struct line *l, const struct member *m, const json_t *value)
{
	char digits[24];

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return fail(l, "'%s' takes a number", m->name);
	snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(value));
	return put(l, digits, strlen(digits));
}

static int put_text(struct line *l, const struct member *m, const json_t *value)
{
	if (!json_is_string(value))
		return fail(l, "'%s' takes a string", m->name);
	return put(l, json_string_value(value), json_string_length(value));
}

static int put_list(struct line *l, const struct member *m, const json_t *value)
{
	if (!json_is_array(value))
		return fail(l, "'%s' takes an array", m->name);
	for (size_t i = 0; i < json_array_size(value); i++) {
		const json_t *v = json_array_get(value, i);
		const char *text = json_string_value(v);

		if (text && strchr(text, ','))
			return fail(l, "a name in '%s' has a comma", m->name);
		if ((i && put(l, ",", 1)) ||
		    (m->kind == NUMBERS ? put_number(l, m, v) : put_text(l, m, v)))
			return -1;
	}
	return 0;
}

static int put_member(struct line *l, const struct member *m, const json_t *value)
{
	size_t begin = l->used;

	if (m->kind == FLAG) {
		if (!json_is_boolean(value))
			return fail(l, "'%s' takes true or false", m->name);
		return json_is_true(value) ? put_word(l, m->word)
		       : m->off		   ? put_word(l, m->off)
					   : 0;
	}
	if ((m->kind == NUMBERS && json_is_array(value) && json_array_size(value) == 0) ||
	    (m->off && json_is_string(value) && json_string_length(value) == 0))
		return 0;
	if (put(l, m->word, strlen(m->word)) || put(l, "=", 1) ||
	    (m->kind == TEXT	 ? put_text(l, m, value)
	     : m->kind == NUMBER ? put_number(l, m, value)
				 : put_list(l, m, value)))
		return -1;
	return end_word(l, begin);
}

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
			return fail(l, "a %s has no member '%s'; /openapi.json says which it has",
				    kinds[kind].line, shown(key));
		if (put_member(l, m, value))
			return -1;
	}
	return 0;
}

/* Everybody may use it, and what else counts where nothing is said. */
static int put_defaults(struct line *l, enum json_kind kind, const struct subscription *sub)
{
	size_t begin;

	for (const struct member *m = kinds[kind].members; m->name; m++)
		if (m->missing && put_word(l, m->missing))
			return -1;
	if (kind != JSON_KIND_PUBLIC || sub->n_impi == 0)
		return 0;
	begin = l->used;
	for (size_t i = 0; i < sub->n_impi; i++)
		if (put(l, i ? "," : "for=", i ? 1 : 4) ||
		    put(l, sub->impi[i].name, strlen(sub->impi[i].name)))
			return -1;
	return end_word(l, begin);
}

/* The name that stands behind the first word of a private or public line. */
static int put_name(struct line *l, enum json_kind kind, const json_t *object,
		    const struct json_about *about)
{
	const char *name = about->name;

	if (kinds[kind].name && !name)
		name = json_string_value(json_object_get(object, kinds[kind].name));
	if (kinds[kind].name && !name)
		return fail(l, "a %s needs the member '%s'", kinds[kind].line, kinds[kind].name);
	return name ? put_word(l, name) : 0;
}

static int make_line(struct line *l, const struct subscription *sub, enum json_kind kind,
		     const json_t *object, const struct json_about *about)
{
	if (!json_is_object(object))
		return fail(l, "a %s is an object", kinds[kind].line);
	if (kind == JSON_KIND_IFC && about->name &&
	    (json_object_get(object, "priority") || json_object_get(object, "profile")))
		return fail(l, "priority and profile of an ifc stand in the path");
	return put_word(l, kinds[kind].line) || put_name(l, kind, object, about) ||
		       (about->profile && put_word(l, about->profile)) ||
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
		err = kind == JSON_KIND_PRIVATE ? provision_private(sub, &l->w, why, size)
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
	static const char *const known[] = {"private",	    "public",	"ifc",
					    "capabilities", "charging", "visited"};
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		size_t i = 0;

		while (i < 6 && strcmp(known[i], key) != 0)
			i++;
		if (i == 6) {
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
	    apply_list(sub, JSON_KIND_IFC, json_object_get(object, "ifc"), why, size))
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
