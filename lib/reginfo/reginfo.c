/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reginfo/reginfo.h"

static const char *const reg_states[] = {"init", "active", "terminated"};
static const char *const contact_states[] = {"active", "terminated"};
static const char *const events[] = {"registered", "created",	   "refreshed",
				     "shortened",  "expired",	   "deactivated",
				     "probation",  "unregistered", "rejected"};
static const char *const connections[] = {"none", "inactive", "terminated"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *name_of(const char *const *names, size_t n, unsigned int value)
{
	return value < n ? names[value] : "?";
}

static int value_of(const char *const *names, size_t n, struct slice word, size_t first)
{
	for (size_t i = first; i < n; i++)
		if (slice_eq(word, slice_str(names[i])))
			return (int)i;
	return -1;
}

const char *reginfo_strerror(int err)
{
	switch (err) {
	case REGINFO_OK:
		return "no error";
	case REGINFO_E_TOO_BIG:
		return "document too big";
	case REGINFO_E_SYNTAX:
		return "not acceptable XML";
	case REGINFO_E_CONTENT:
		return "not a reginfo document";
	case REGINFO_E_NOMEM:
		return "out of memory";
	case REGINFO_E_NOSPACE:
		return "buffer too small";
	case REGINFO_E_ORDER:
		return "elements in impossible order";
	case REGINFO_E_VALUE:
		return "value missing or not allowed in XML";
	default:
		return "unknown error";
	}
}

const char *reginfo_reg_state_name(enum reginfo_reg_state s)
{
	return name_of(reg_states, COUNT(reg_states), s);
}

const char *reginfo_contact_state_name(enum reginfo_contact_state s)
{
	return name_of(contact_states, COUNT(contact_states), s);
}

const char *reginfo_event_name(enum reginfo_event e)
{
	return name_of(events, COUNT(events), e);
}

const char *reginfo_connection_name(enum reginfo_connection c)
{
	return name_of(connections, COUNT(connections), c);
}

int reginfo_reg_state_parse(struct slice word, enum reginfo_reg_state *out)
{
	int v = value_of(reg_states, COUNT(reg_states), word, 0);

	if (v < 0)
		return REGINFO_E_CONTENT;
	*out = (enum reginfo_reg_state)v;
	return REGINFO_OK;
}

int reginfo_contact_state_parse(struct slice word, enum reginfo_contact_state *out)
{
	int v = value_of(contact_states, COUNT(contact_states), word, 0);

	if (v < 0)
		return REGINFO_E_CONTENT;
	*out = (enum reginfo_contact_state)v;
	return REGINFO_OK;
}

int reginfo_event_parse(struct slice word, enum reginfo_event *out)
{
	int v = value_of(events, COUNT(events), word, 0);

	if (v < 0)
		return REGINFO_E_CONTENT;
	*out = (enum reginfo_event)v;
	return REGINFO_OK;
}

int reginfo_connection_parse(struct slice word, enum reginfo_connection *out)
{
	int v = value_of(connections, COUNT(connections), word, 1);

	if (v < 0)
		return REGINFO_E_CONTENT;
	*out = (enum reginfo_connection)v;
	return REGINFO_OK;
}

bool reginfo_event_fits(enum reginfo_contact_state s, enum reginfo_event e)
{
	if (s == REGINFO_CONTACT_ACTIVE)
		return e <= REGINFO_EV_SHORTENED;
	return s == REGINFO_CONTACT_TERMINATED && e >= REGINFO_EV_EXPIRED &&
	       e <= REGINFO_EV_REJECTED;
}

struct slice reginfo_contact_param(const struct reginfo_contact *c, const char *name)
{
	for (size_t i = 0; i < c->params_n; i++)
		if (slice_eq_nocase(c->params[i].name, slice_str(name)))
			return c->params[i].value.p ? c->params[i].value : SLICE_LIT("");
	return SLICE_NULL;
}
