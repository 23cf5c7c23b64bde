/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/subscription/ifc.h"

static const struct {
	const char *word;
	const char *number; /* SessionCase of TS 29.228 annex F */
} cases[] = {
    {"orig", "0"}, {"term", "1"}, {"term-unreg", "2"}, {"orig-unreg", "3"}, {"orig-cdiv", "4"}};

static const char *const registration_types[] = {"initial", "re", "de"};

/* Take bytes up to one of the stops, undoing '\'; advances *s to the stop. Returns -1 if out is too
 * small. */
static int take(struct slice *s, const char *stops, char *out)
{
	size_t n = 0;

	while (s->len && !(s->p[0] && strchr(stops, s->p[0]))) {
		if (s->p[0] == '\\' && s->len > 1) {
			/* only what would end the word loses its '\': the rest belongs to the regex
			 */
			if (s->p[1] != ',' && s->p[1] != ';') {
				if (n + 1 >= SPT_TEXT_SIZE)
					return -1;
				out[n++] = s->p[0];
			}
			*s = slice_make(s->p + 1, s->len - 1);
		}
		if (n + 1 >= SPT_TEXT_SIZE)
			return -1;
		out[n++] = s->p[0];
		*s = slice_make(s->p + 1, s->len - 1);
	}
	out[n] = '\0';
	return 0;
}

static bool skip(struct slice *s, char c)
{
	if (s->len == 0 || s->p[0] != c)
		return false;
	*s = slice_make(s->p + 1, s->len - 1);
	return true;
}

static int parse_method(struct slice *s, struct spt *spt, const char **why)
{
	char word[SPT_TEXT_SIZE];

	spt->kind = SPT_METHOD;
	if (take(s, ",;/", spt->name) || !spt->name[0]) {
		*why = "a method: needs a name";
		return -1;
	}
	while (skip(s, '/')) {
		unsigned int i = 0;

		if (take(s, ",;/", word))
			word[0] = '\0';
		while (i < 3 && strcmp(word, registration_types[i]) != 0)
			i++;
		if (i == 3 || strcmp(spt->name, "REGISTER") != 0) {
			*why = "only method:REGISTER takes /initial, /re or /de";
			return -1;
		}
		spt->registration_types |= 1u << i;
	}
	return 0;
}

static int parse_case(struct slice *s, struct spt *spt, const char **why)
{
	spt->kind = SPT_CASE;
	if (take(s, ",;", spt->name) == 0)
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
			if (strcmp(spt->name, cases[i].word) == 0) {
				strcpy(spt->name, cases[i].number);
				return 0;
			}
	*why = "case: is orig, term, term-unreg, orig-unreg or orig-cdiv";
	return -1;
}

static int parse_named(struct slice *s, struct spt *spt, enum spt_kind kind, const char **why)
{
	spt->kind = kind;
	if (take(s, kind == SPT_URI ? ",;" : ",;=", spt->name) || !spt->name[0]) {
		*why = "uri:, header: and sdp: need a value of at most 255 bytes";
		return -1;
	}
	if (kind == SPT_URI || !skip(s, '='))
		return 0;
	spt->has_content = true;
	if (take(s, ",;", spt->content)) {
		*why = "a regular expression has at most 255 bytes";
		return -1;
	}
	return 0;
}

static bool skip_word(struct slice *s, const char *word)
{
	size_t n = strlen(word);

	if (s->len < n || memcmp(s->p, word, n) != 0)
		return false;
	*s = slice_make(s->p + n, s->len - n);
	return true;
}

static int parse_condition(struct slice *s, struct spt *spt, const char **why)
{
	spt->negated = skip(s, '!');
	spt->has_content = false;
	spt->registration_types = 0;
	spt->content[0] = '\0';
	if (skip_word(s, "method:"))
		return parse_method(s, spt, why);
	if (skip_word(s, "case:"))
		return parse_case(s, spt, why);
	if (skip_word(s, "uri:"))
		return parse_named(s, spt, SPT_URI, why);
	if (skip_word(s, "header:"))
		return parse_named(s, spt, SPT_HEADER, why);
	if (skip_word(s, "sdp:"))
		return parse_named(s, spt, SPT_SDP, why);
	*why = "a condition begins with method:, uri:, header:, case: or sdp:";
	return -1;
}

int trigger_parse(struct slice text, struct trigger *out, const char **why)
{
	struct slice s = slice_trim(text);
	uint32_t group = 0;

	out->n = 0;
	out->cnf = true;
	if (s.len == 0)
		return 0;
	if (skip_word(&s, "any "))
		out->cnf = false;
	else if (!skip_word(&s, "all ")) {
		*why = "a trigger begins with \"all \" or \"any \"";
		return -1;
	}
	s = slice_trim(s);
	for (;;) {
		if (out->n == SPT_MAX) {
			*why = "a trigger has at most 32 conditions";
			return -1;
		}
		out->spt[out->n].group = group;
		if (parse_condition(&s, &out->spt[out->n], why))
			return -1;
		out->n++;
		if (s.len == 0)
			return 0;
		if (skip(&s, ';'))
			group++;
		else if (!skip(&s, ',')) {
			*why = "conditions are separated by ',' and groups by ';'";
			return -1;
		}
	}
}

bool ifc_serves_unregistered(const struct ifc *ifc)
{
	struct trigger t;
	const char *why;

	if (ifc->part == IFC_REGISTERED)
		return false;
	if (ifc->part == IFC_UNREGISTERED)
		return true;
	if (trigger_parse(slice_str(ifc->trigger), &t, &why))
		return false;
	for (size_t i = 0; i < t.n; i++)
		if (t.spt[i].kind == SPT_CASE && !t.spt[i].negated &&
		    (t.spt[i].name[0] == '2' || t.spt[i].name[0] == '3'))
			return true;
	return false;
}
