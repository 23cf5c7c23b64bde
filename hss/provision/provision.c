/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/provision/provision.h"

#include "hss/provision/line.h"
#include "hss/provision/text.h"
#include "hss/subscription/activation.h"
#include "hss/subscription/ifc.h"
#include "hss/subscription/wildcard.h"

/* for=IMPI,IMPI: which private identities may use it */
static int public_for(const struct subscription *sub, struct slice list, uint16_t *impis,
		      const struct why *why)
{
	*impis = 0;
	while (list.p) {
		struct slice name = slice_cut(&list, ',');
		int i = subscription_impi(sub, name);

		if (i < 0)
			return line_fail(why,
					 "for= names '%.*s', which is no private identity here",
					 (int)(name.len > 80 ? 80 : name.len), name.p);
		*impis |= (uint16_t)(1u << i);
	}
	return 0;
}

static int tags_value(struct slice v, const char *name, char out[DSAI_TAGS_SIZE],
		      const struct why *why)
{
	return dsai_tags(v, out)
		   ? line_fail(why,
			       "%s takes tags separated by ',', each once, of up to %d characters "
			       "without blanks and quotes, %d in all",
			       name, DSAI_TAG_SIZE - 1, DSAI_TAGS_SIZE - 1)
		   : 0;
}

/* What is said of a public identity beside its options. */
struct public_words {
	bool profile, masked; /* given */
};

static int public_options(const struct subscription *sub, struct impu *u, const struct words *w,
			  struct public_words *given, const struct why *why)
{
	struct slice v;
	int err = 0;

	for (size_t i = 2; i < w->n && err == 0; i++) {
		if (word_option(w->w[i], "set", &v)) {
			err = line_number(v, "set", SUB_NUMBER_MAX, &u->set, why);
		} else if (word_option(w->w[i], "profile", &v)) {
			err = line_number(v, "profile", SUB_NUMBER_MAX, &u->profile, why);
			given->profile = true;
		} else if (word_option(w->w[i], "masked", &v)) {
			err = tags_value(v, "masked", u->masked, why);
			given->masked = true;
		} else if (word_option(w->w[i], "alias", &v)) {
			err = line_number(v, "alias", SUB_NUMBER_MAX, &u->alias, why);
		} else if (word_option(w->w[i], "display", &v)) {
			err = text_value(v, "display", u->display, sizeof(u->display), why->text,
					 why->size);
		} else if (word_option(w->w[i], "for", &v)) {
			err = public_for(sub, v, &u->impis, why);
		} else if (slice_eq(w->w[i], SLICE_LIT("service"))) {
			u->service = true;
		} else if (slice_eq(w->w[i], SLICE_LIT("user"))) {
			u->service = false;
		} else if (slice_eq(w->w[i], SLICE_LIT("inactive"))) {
			service_switch(u, false);
		} else if (slice_eq(w->w[i], SLICE_LIT("active"))) {
			service_switch(u, true);
		} else if (slice_eq(w->w[i], SLICE_LIT("barred"))) {
			u->barred = true;
		} else if (slice_eq(w->w[i], SLICE_LIT("unbarred"))) {
			u->barred = false;
		} else {
			err = line_unknown(w->w[i], "public", why);
		}
	}
	return err;
}

static int public_line(struct subscription *sub, const struct words *w, const struct why *why)
{
	struct impu u = {.impis = (uint16_t)((1u << sub->n_impi) - 1)};
	struct public_words given = {false, false};
	const char *reason;
	int i;

	if (w->n < 2)
		return line_fail(why, "a public line needs a sip:, sips: or tel: identity");
	if (wildcard_is(w->w[1]) && wildcard_check(w->w[1], &reason))
		return line_fail(why, "%s", reason);
	if (identity_stored(w->w[1], u.uri))
		return line_fail(why, "a public line needs a sip:, sips: or tel: identity");
	i = subscription_impu(sub, slice_str(u.uri));
	if (i >= 0)
		u = sub->impu[i];
	else if (sub->n_impu == SUB_IMPUS_MAX)
		return line_fail(why, "a subscription has at most %d public identities",
				 SUB_IMPUS_MAX);
	if (public_options(sub, &u, w, &given, why))
		return -1;
	if (u.service && (u.set || u.registered))
		return line_fail(why, "a service does not register, so it has no set=");
	if (u.inactive && !u.service)
		return line_fail(why, "only a service is inactive; a user is barred");
	u.registered &= u.impis;
	u.pending &= u.impis;
	u.by_address &= u.impis;
	u.address_asked &= u.impis;
	sub->impu[i < 0 ? (int)sub->n_impu++ : i] = u;
	for (size_t k = 0; given.masked && u.alias && k < sub->n_impu; k++)
		if (sub->impu[k].alias == u.alias) /* they share it */
			strcpy(sub->impu[k].masked, u.masked);
	return 0;
}

static int ifc_options(struct ifc *f, const struct words *w, bool *priority_given,
		       const struct why *why)
{
	struct slice v;
	int err = 0;

	for (size_t i = 1; i < w->n && err == 0; i++) {
		struct slice word = w->w[i];

		if (word_option(word, "server", &v)) {
			err = text_value(v, "server", f->as, sizeof(f->as), why->text, why->size);
		} else if (word_option(word, "priority", &v)) {
			err = line_number(v, "priority", INT32_MAX, &f->priority, why);
			*priority_given = true;
		} else if (word_option(word, "profile", &v)) {
			err = line_number(v, "profile", SUB_NUMBER_MAX, &f->profile, why);
		} else if (word_option(word, "trigger", &v)) {
			err = text_value(v, "trigger", f->trigger, sizeof(f->trigger), why->text,
					 why->size);
		} else if (word_option(word, "service-info", &v)) {
			err = text_value(v, "service-info", f->service_info,
					 sizeof(f->service_info), why->text, why->size);
		} else if (word_option(word, "dsai", &v)) {
			err = tags_value(v, "dsai", f->dsai, why);
		} else if (slice_eq(word, SLICE_LIT("default=continue"))) {
			f->terminate = false;
		} else if (slice_eq(word, SLICE_LIT("default=terminate"))) {
			f->terminate = true;
		} else if (slice_eq(word, SLICE_LIT("part=both"))) {
			f->part = IFC_BOTH;
		} else if (slice_eq(word, SLICE_LIT("part=registered"))) {
			f->part = IFC_REGISTERED;
		} else if (slice_eq(word, SLICE_LIT("part=unregistered"))) {
			f->part = IFC_UNREGISTERED;
		} else if (slice_eq(word, SLICE_LIT("include-register-request"))) {
			f->include_request = true;
		} else if (slice_eq(word, SLICE_LIT("include-register-response"))) {
			f->include_response = true;
		} else {
			err = line_unknown(word, "ifc", why);
		}
	}
	return err;
}

/* Priorities are unique in a profile (TS 29.228 B.2.2), so a line with the same two replaces. */
static int ifc_line(struct subscription *sub, const struct words *w, const struct why *why)
{
	static const struct ifc none;
	struct ifc f = none;
	bool priority_given = false;
	struct trigger t;
	const char *reason;
	size_t i = 0;

	if (ifc_options(&f, w, &priority_given, why))
		return -1;
	if (strncmp(f.as, "sip:", 4) != 0 && strncmp(f.as, "sips:", 5) != 0)
		return line_fail(why, "an ifc needs server= with a SIP URI");
	if (!priority_given)
		return line_fail(why, "an ifc needs priority=");
	if (trigger_parse(slice_str(f.trigger), &t, &reason))
		return line_fail(why, "%s", reason);
	while (i < sub->n_ifc &&
	       (sub->ifc[i].profile != f.profile || sub->ifc[i].priority != f.priority))
		i++;
	if (i == SUB_IFCS_MAX)
		return line_fail(why, "a subscription has at most %d ifcs", SUB_IFCS_MAX);
	sub->ifc[i] = f;
	sub->n_ifc += i == sub->n_ifc;
	return 0;
}

static int number_list(struct slice list, const char *name, uint32_t *out, size_t *n,
		       const struct why *why)
{
	*n = 0;
	while (list.p) {
		if (*n == SUB_CAPS_MAX)
			return line_fail(why, "%s takes at most %d numbers", name, SUB_CAPS_MAX);
		if (line_number(slice_cut(&list, ','), name, UINT32_MAX, &out[*n], why))
			return -1;
		(*n)++;
	}
	return 0;
}

int provision_capabilities(struct capabilities *caps, const struct words *w, char *text,
			   size_t size)
{
	const struct why why = {text, size};
	static const struct capabilities none;
	struct capabilities c = none;
	struct slice v;
	int err = 0;

	for (size_t i = 1; i < w->n && err == 0; i++) {
		if (word_option(w->w[i], "mandatory", &v))
			err = number_list(v, "mandatory", c.mandatory, &c.n_mandatory, &why);
		else if (word_option(w->w[i], "optional", &v))
			err = number_list(v, "optional", c.optional, &c.n_optional, &why);
		else if (word_option(w->w[i], "server", &v))
			err = text_value(v, "server", c.server, sizeof(c.server), text, size);
		else
			err = line_unknown(w->w[i], "capabilities", &why);
	}
	if (err == 0)
		*caps = c;
	return err;
}

int provision_charging(struct charging *charging, const struct words *w, char *text, size_t size)
{
	const struct why why = {text, size};
	static const struct charging none;
	struct charging c = none;
	const struct {
		const char *name;
		char *out;
	} options[] = {
	    {"ccf", c.ccf[0]}, {"ccf2", c.ccf[1]}, {"ecf", c.ecf[0]}, {"ecf2", c.ecf[1]}};

	for (size_t i = 1; i < w->n; i++) {
		struct slice v;
		size_t j = 0;

		while (j < 4 && !word_option(w->w[i], options[j].name, &v))
			j++;
		if (j == 4)
			return line_unknown(w->w[i], "charging", &why);
		if (text_value(v, options[j].name, options[j].out, IDENTITY_SIZE, text, size))
			return -1;
		/* DiameterURI, RFC 6733 4.3.1 */
		if (strncmp(options[j].out, "aaa://", 6) != 0 &&
		    strncmp(options[j].out, "aaas://", 7) != 0)
			return line_fail(&why, "%s takes an aaa:// or aaas:// URI",
					 options[j].name);
	}
	if ((c.ccf[1][0] && !c.ccf[0][0]) || (c.ecf[1][0] && !c.ecf[0][0]))
		return line_fail(&why, "a secondary charging function needs a primary one");
	*charging = c;
	return 0;
}

static int visited_line(struct subscription *sub, const struct words *w, const struct why *why)
{
	char names[SUB_VISITED_MAX][IDENTITY_SIZE];

	if (w->n - 1 > SUB_VISITED_MAX)
		return line_fail(why, "at most %d visited networks", SUB_VISITED_MAX);
	for (size_t i = 1; i < w->n; i++)
		if (text_value(w->w[i], "a visited network", names[i - 1], IDENTITY_SIZE, why->text,
			       why->size))
			return -1;
		else if (!line_bare_word(names[i - 1]))
			return line_fail(why, "a visited network is a domain name");
	memcpy(sub->visited, names, (w->n - 1) * sizeof(names[0]));
	sub->n_visited = w->n - 1;
	return 0;
}

int provision_line(struct subscription *sub, const struct words *w, char *text, size_t size)
{
	const struct why why = {text, size};

	if (w->n == 0)
		return 0;
	if (slice_eq(w->w[0], SLICE_LIT("private")))
		return line_private(sub, w, &why);
	if (slice_eq(w->w[0], SLICE_LIT("public")))
		return public_line(sub, w, &why);
	if (slice_eq(w->w[0], SLICE_LIT("ifc")))
		return ifc_line(sub, w, &why);
	if (slice_eq(w->w[0], SLICE_LIT("shared")))
		return line_shared(sub, w, &why);
	if (slice_eq(w->w[0], SLICE_LIT("visited")))
		return visited_line(sub, w, &why);
	if (slice_eq(w->w[0], SLICE_LIT("capabilities"))) {
		if (provision_capabilities(&sub->capabilities, w, text, size))
			return -1;
		sub->has_capabilities = w->n > 1;
		return 0;
	}
	if (slice_eq(w->w[0], SLICE_LIT("charging"))) {
		if (provision_charging(&sub->charging, w, text, size))
			return -1;
		sub->has_charging = w->n > 1;
		return 0;
	}
	return line_fail(&why, "unknown line '%.*s'", (int)line_word_name(w->w[0]).len,
			 line_word_name(w->w[0]).p);
}

int provision_complete(const struct subscription *sub, char *text, size_t size)
{
	const struct why why = {text, size};

	if (sub->n_impi == 0)
		return line_fail(&why, "a subscription needs a private identity");
	for (size_t i = 0; i < sub->n_impu; i++)
		if (!sub->impu[i].impis)
			return line_fail(&why, "nobody may use %s", sub->impu[i].uri);
	/* TS 23.008 3.1.2: an alias set is within one implicit set and one profile */
	for (size_t i = 0; i < sub->n_impu; i++)
		for (size_t j = 0; j < i; j++)
			if (sub->impu[i].alias && sub->impu[i].alias == sub->impu[j].alias &&
			    (!sub->impu[i].set || sub->impu[i].set != sub->impu[j].set ||
			     sub->impu[i].profile != sub->impu[j].profile))
				return line_fail(
				    &why,
				    "%s and %s have one alias=, so they need one set= and "
				    "one profile=",
				    sub->impu[j].uri, sub->impu[i].uri);
	return 0;
}
