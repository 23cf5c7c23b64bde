/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_seamless_scscf/core/criteria.h"

#include <regex.h>
#include <stdio.h>

#include "sip/header.h"

#define PATTERN_MAX 256
#define TEXT_MAX    8192

/* Does the text have something that meets the pattern? Of a longer text its beginning counts. */
static bool meets(struct slice pattern, struct slice text)
{
	char p[PATTERN_MAX], t[TEXT_MAX];
	regex_t re;
	bool met;

	if (text.len >= sizeof(t))
		text.len = sizeof(t) - 1;
	if (slice_copy(pattern, p, sizeof(p)) || slice_copy(text, t, sizeof(t)) ||
	    regcomp(&re, p, REG_EXTENDED | REG_ICASE | REG_NOSUB))
		return false;
	met = regexec(&re, t, 0, NULL, 0) == 0;
	regfree(&re);
	return met;
}

/* RFC 3261 7.3.3, and those that were registered later. */
static bool is_short_for(struct slice letter, struct slice name)
{
	static const struct {
		char letter;
		const char *name;
	} forms[] = {
	    {'i', "Call-ID"},
	    {'m', "Contact"},
	    {'e', "Content-Encoding"},
	    {'l', "Content-Length"},
	    {'c', "Content-Type"},
	    {'f', "From"},
	    {'s', "Subject"},
	    {'k', "Supported"},
	    {'t', "To"},
	    {'v', "Via"},
	    {'o', "Event"},
	    {'r', "Refer-To"},
	    {'x', "Session-Expires"},
	};

	for (size_t i = 0; letter.len == 1 && i < sizeof(forms) / sizeof(forms[0]); i++)
		if ((letter.p[0] | 0x20) == forms[i].letter)
			return slice_eq_nocase(name, slice_str(forms[i].name));
	return false;
}

static bool is_plain(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (strchr("^$.[]|()?*+{}\\", name.p[i]))
			return false;
	return true;
}

static bool names_header(struct slice pattern, struct slice name)
{
	char whole[PATTERN_MAX];
	int n;

	if (slice_eq_nocase(pattern, name) || is_short_for(name, pattern))
		return true;
	if (is_plain(pattern))
		return false;
	n = snprintf(whole, sizeof(whole), "^(%.*s)$", (int)pattern.len, pattern.p);
	return n > 0 && (size_t)n < sizeof(whole) && meets(slice_make(whole, (size_t)n), name);
}

static bool has_header(const struct scscf_trigger *t, struct slice headers)
{
	struct slice name, value;

	while (sip_header_next(&headers, &name, &value))
		if (value.p && names_header(t->name, name) &&
		    (!t->content.len || meets(t->content, value)))
			return true;
	return false;
}

static bool has_sdp_line(const struct scscf_trigger *t, const struct scscf_asked *asked)
{
	static const struct scscf_trigger sdp = {.name = {"Content-Type", 12},
						 .content = {"^application/sdp", 16}};
	struct slice rest = asked->body;

	if (!has_header(&sdp, asked->headers))
		return false;
	while (rest.p) {
		struct slice line = slice_trim(slice_cut(&rest, '\n')),
			     type = slice_cut(&line, '=');

		if (line.p && slice_eq(type, t->name) &&
		    (!t->content.len || meets(t->content, line)))
			return true;
	}
	return false;
}

static bool is_met(const struct scscf_trigger *t, const struct scscf_asked *asked)
{
	switch (t->kind) {
	case SCSCF_TRIGGER_URI:
		return meets(t->content, asked->uri);
	case SCSCF_TRIGGER_METHOD:
		return slice_eq_nocase(t->content, asked->method) &&
		       (!asked->registration || !t->registrations ||
			(t->registrations & asked->registration));
	case SCSCF_TRIGGER_HEADER:
		return has_header(t, asked->headers);
	case SCSCF_TRIGGER_CASE:
		return t->session_case == asked->session_case;
	case SCSCF_TRIGGER_SDP:
		return has_sdp_line(t, asked);
	case SCSCF_TRIGGER_UNKNOWN:
		break;
	}
	return false;
}

bool scscf_criteria_match(const struct scscf_trigger *t, size_t n, bool cnf,
			  const struct scscf_asked *asked)
{
	size_t i = 0;

	while (i < n) {
		int group = t[i].group;
		bool met = !cnf;

		for (; i < n && t[i].group == group; i++) {
			bool one;

			if (met == cnf) /* decided */
				continue;
			one = t[i].kind != SCSCF_TRIGGER_UNKNOWN &&
			      is_met(&t[i], asked) != t[i].negated;
			met = one;
		}
		if (met != cnf)
			return !cnf;
	}
	return n == 0 || cnf;
}
