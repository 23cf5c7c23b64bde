/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/provision/provision.h"

#include <stdarg.h>
#include <stdlib.h>

#include "aka/sqn.h"
#include "hss/subscription/ifc.h"
#include "hss/provision/text.h"

struct why {
	char *text;
	size_t size;
};

__attribute__((format(printf, 2, 3))) static int fail(const struct why *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, why->size, fmt, ap);
	va_end(ap);
	return -1;
}

static int option_number(struct slice v, const char *name, uint64_t max, uint32_t *out,
			 const struct why *why)
{
	uint64_t n;

	if (slice_u64(v, max, &n))
		return fail(why, "%s takes a number from 0 to %llu", name, (unsigned long long)max);
	*out = (uint32_t)n;
	return 0;
}

/* The name before a '=' for a message; "..." for what may be a key, which is never shown. */
static struct slice word_name(struct slice word)
{
	struct slice rest = word, name = slice_cut(&rest, '=');

	for (size_t i = 0; i < name.len; i++)
		if (!((name.p[i] | 32) >= 'a' && (name.p[i] | 32) <= 'z') && name.p[i] != '-')
			return SLICE_LIT("...");
	return name.len <= 24 ? name : SLICE_LIT("...");
}

static int unknown_option(struct slice word, const char *line, const struct why *why)
{
	struct slice name = word_name(word);

	return fail(why, "unknown option '%.*s' in a %s line", (int)name.len, name.p, line);
}

/* Fit to be written without quotes. */
static bool bare_word(const char *s)
{
	return s[0] && !strpbrk(s, " ,\"<>#\\");
}

/* An E.164 number without plus, or an IMSI; "" takes it away. */
static int digits_value(struct slice v, const char *name, char out[MSISDN_SIZE],
			const struct why *why)
{
	bool digits = v.len < MSISDN_SIZE && (v.len == 0 || v.len >= 5);

	for (size_t i = 0; i < v.len; i++)
		digits = digits && v.p[i] >= '0' && v.p[i] <= '9';
	if (!digits)
		return fail(why, "%s takes 5 to %d digits", name, MSISDN_SIZE - 1);
	return slice_copy(v, out, MSISDN_SIZE);
}

static int private_options(struct impi *p, const struct words *w, bool *key_given,
			   const struct why *why)
{
	bool have_k = false, have_opc = false, have_op = false;
	uint8_t op[16], sqn[6];
	struct slice v;
	int err = 0;

	for (size_t i = 2; i < w->n && err == 0; i++) {
		if (word_option(w->w[i], "k", &v)) {
			err = slice_hex(v, p->key.k, 16) ? fail(why, "k takes 32 hex digits") : 0;
			have_k = true;
		} else if (word_option(w->w[i], "opc", &v)) {
			err =
			    slice_hex(v, p->key.opc, 16) ? fail(why, "opc takes 32 hex digits") : 0;
			have_opc = true;
		} else if (word_option(w->w[i], "op", &v)) {
			err = slice_hex(v, op, 16) ? fail(why, "op takes 32 hex digits") : 0;
			have_op = true;
		} else if (word_option(w->w[i], "amf", &v)) {
			err = slice_hex(v, p->amf, 2) ? fail(why, "amf takes 4 hex digits") : 0;
		} else if (word_option(w->w[i], "msisdn", &v)) {
			err = digits_value(v, "msisdn", p->msisdn, why);
		} else if (word_option(w->w[i], "imsi", &v)) {
			err = digits_value(v, "imsi", p->imsi, why);
		} else if (word_option(w->w[i], "sqn", &v)) {
			err = slice_hex(v, sqn, 6) ? fail(why, "sqn takes 12 hex digits") : 0;
			for (size_t j = 0; err == 0 && j < 6; j++)
				p->sqn = (j ? p->sqn : 0) << 8 | sqn[j];
		} else {
			err = unknown_option(w->w[i], "private", why);
		}
	}
	if (err == 0 && have_k && !have_op && !have_opc)
		err = fail(why, "k needs opc or op beside it: an OPc belongs to one k");
	if (err == 0 && have_op && (!have_k || have_opc))
		err = fail(why, "op needs k beside it and excludes opc");
	if (err == 0 && have_op && milenage_opc(p->key.k, op, p->key.opc))
		err = fail(why, "crypto library failure");
	explicit_bzero(op, sizeof(op));
	*key_given = have_k && (have_op || have_opc);
	return err;
}

static int private_line(struct subscription *sub, const struct words *w, const struct why *why)
{
	struct impi p = {.amf = {0x80, 0}};
	bool key_given;
	int i, err;

	if (w->n < 2)
		return fail(why, "a private line needs an identity");
	i = subscription_impi(sub, w->w[1]);
	if (i >= 0)
		p = sub->impi[i];
	else if (sub->n_impi == SUB_IMPIS_MAX)
		return fail(why, "a subscription has at most %d private identities", SUB_IMPIS_MAX);
	else if (text_value(w->w[1], "a private identity", p.name, sizeof(p.name), why->text,
			    why->size))
		return -1;
	else if (!bare_word(p.name))
		return fail(why, "a private identity has no blanks, commas, quotes, '#' or angles");
	err = private_options(&p, w, &key_given, why);
	if (err == 0 && i < 0 && !key_given)
		err = fail(why, "a new private identity needs k and opc (or op)");
	if (err == 0)
		sub->impi[i < 0 ? (int)sub->n_impi++ : i] = p;
	explicit_bzero(&p, sizeof(p));
	return err;
}

/* for=IMPI,IMPI: which private identities may use it */
static int public_for(const struct subscription *sub, struct slice list, uint16_t *impis,
		      const struct why *why)
{
	*impis = 0;
	while (list.p) {
		struct slice name = slice_cut(&list, ',');
		int i = subscription_impi(sub, name);

		if (i < 0)
			return fail(why, "for= names '%.*s', which is no private identity here",
				    (int)(name.len > 80 ? 80 : name.len), name.p);
		*impis |= (uint16_t)(1u << i);
	}
	return 0;
}

static int public_options(const struct subscription *sub, struct impu *u, const struct words *w,
			  bool *profile_given, const struct why *why)
{
	struct slice v;
	int err = 0;

	for (size_t i = 2; i < w->n && err == 0; i++) {
		if (word_option(w->w[i], "set", &v)) {
			err = option_number(v, "set", SUB_NUMBER_MAX, &u->set, why);
		} else if (word_option(w->w[i], "profile", &v)) {
			err = option_number(v, "profile", SUB_NUMBER_MAX, &u->profile, why);
			*profile_given = true;
		} else if (word_option(w->w[i], "alias", &v)) {
			err = option_number(v, "alias", SUB_NUMBER_MAX, &u->alias, why);
		} else if (word_option(w->w[i], "display", &v)) {
			err = text_value(v, "display", u->display, sizeof(u->display), why->text,
					 why->size);
		} else if (word_option(w->w[i], "for", &v)) {
			err = public_for(sub, v, &u->impis, why);
		} else if (slice_eq(w->w[i], SLICE_LIT("barred"))) {
			u->barred = true;
		} else if (slice_eq(w->w[i], SLICE_LIT("unbarred"))) {
			u->barred = false;
		} else {
			err = unknown_option(w->w[i], "public", why);
		}
	}
	return err;
}

static int public_line(struct subscription *sub, const struct words *w, const struct why *why)
{
	struct impu u = {.impis = (uint16_t)((1u << sub->n_impi) - 1)};
	bool profile_given = false;
	int i;

	if (w->n < 2 || identity_canonical(w->w[1], u.uri))
		return fail(why, "a public line needs a sip:, sips: or tel: identity");
	i = subscription_impu(sub, slice_str(u.uri));
	if (i >= 0)
		u = sub->impu[i];
	else if (sub->n_impu == SUB_IMPUS_MAX)
		return fail(why, "a subscription has at most %d public identities", SUB_IMPUS_MAX);
	if (public_options(sub, &u, w, &profile_given, why))
		return -1;
	u.registered &= u.impis;
	u.pending &= u.impis;
	sub->impu[i < 0 ? (int)sub->n_impu++ : i] = u;
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
			err = option_number(v, "priority", INT32_MAX, &f->priority, why);
			*priority_given = true;
		} else if (word_option(word, "profile", &v)) {
			err = option_number(v, "profile", SUB_NUMBER_MAX, &f->profile, why);
		} else if (word_option(word, "trigger", &v)) {
			err = text_value(v, "trigger", f->trigger, sizeof(f->trigger), why->text,
					 why->size);
		} else if (word_option(word, "service-info", &v)) {
			err = text_value(v, "service-info", f->service_info,
					 sizeof(f->service_info), why->text, why->size);
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
			err = unknown_option(word, "ifc", why);
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
		return fail(why, "an ifc needs server= with a SIP URI");
	if (!priority_given)
		return fail(why, "an ifc needs priority=");
	if (trigger_parse(slice_str(f.trigger), &t, &reason))
		return fail(why, "%s", reason);
	while (i < sub->n_ifc &&
	       (sub->ifc[i].profile != f.profile || sub->ifc[i].priority != f.priority))
		i++;
	if (i == SUB_IFCS_MAX)
		return fail(why, "a subscription has at most %d ifcs", SUB_IFCS_MAX);
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
			return fail(why, "%s takes at most %d numbers", name, SUB_CAPS_MAX);
		if (option_number(slice_cut(&list, ','), name, UINT32_MAX, &out[*n], why))
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
			err = unknown_option(w->w[i], "capabilities", &why);
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
			return unknown_option(w->w[i], "charging", &why);
		if (text_value(v, options[j].name, options[j].out, IDENTITY_SIZE, text, size))
			return -1;
		/* DiameterURI, RFC 6733 4.3.1 */
		if (strncmp(options[j].out, "aaa://", 6) != 0 &&
		    strncmp(options[j].out, "aaas://", 7) != 0)
			return fail(&why, "%s takes an aaa:// or aaas:// URI", options[j].name);
	}
	if ((c.ccf[1][0] && !c.ccf[0][0]) || (c.ecf[1][0] && !c.ecf[0][0]))
		return fail(&why, "a secondary charging function needs a primary one");
	*charging = c;
	return 0;
}

static int visited_line(struct subscription *sub, const struct words *w, const struct why *why)
{
	char names[SUB_VISITED_MAX][IDENTITY_SIZE];

	if (w->n - 1 > SUB_VISITED_MAX)
		return fail(why, "at most %d visited networks", SUB_VISITED_MAX);
	for (size_t i = 1; i < w->n; i++)
		if (text_value(w->w[i], "a visited network", names[i - 1], IDENTITY_SIZE, why->text,
			       why->size))
			return -1;
		else if (!bare_word(names[i - 1]))
			return fail(why, "a visited network is a domain name");
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
		return private_line(sub, w, &why);
	if (slice_eq(w->w[0], SLICE_LIT("public")))
		return public_line(sub, w, &why);
	if (slice_eq(w->w[0], SLICE_LIT("ifc")))
		return ifc_line(sub, w, &why);
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
	return fail(&why, "unknown line '%.*s'", (int)word_name(w->w[0]).len, word_name(w->w[0]).p);
}

int provision_complete(const struct subscription *sub, char *text, size_t size)
{
	const struct why why = {text, size};

	if (sub->n_impi == 0)
		return fail(&why, "a subscription needs a private identity");
	for (size_t i = 0; i < sub->n_impu; i++)
		if (!sub->impu[i].impis)
			return fail(&why, "nobody may use %s", sub->impu[i].uri);
	/* TS 23.008 3.1.2: an alias set is within one implicit set and one profile */
	for (size_t i = 0; i < sub->n_impu; i++)
		for (size_t j = 0; j < i; j++)
			if (sub->impu[i].alias && sub->impu[i].alias == sub->impu[j].alias &&
			    (!sub->impu[i].set || sub->impu[i].set != sub->impu[j].set ||
			     sub->impu[i].profile != sub->impu[j].profile))
				return fail(&why,
					    "%s and %s have one alias=, so they need one set= and "
					    "one profile=",
					    sub->impu[j].uri, sub->impu[i].uri);
	return 0;
}

/* The state of one parse: the block that is open, and where we are. */
struct parse {
	struct subscription *sub;
	struct words words;
	unsigned int line;
	bool open;
};

static int parse_line(struct parse *p, struct slice line, provision_h handler, void *arg,
		      const struct why *why)
{
	int err = words_split(line, &p->words);

	if (err)
		return fail(why, "%s", words_strerror(err));
	if (p->words.n == 0)
		return 0;
	if (slice_eq(p->words.w[0], SLICE_LIT("subscription"))) {
		if (p->open || p->words.n > 1)
			return fail(why, p->open ? "\"end\" is missing before this line"
						 : "\"subscription\" stands alone");
		p->open = true;
		subscription_clear(p->sub);
		return 0;
	}
	if (!p->open)
		return fail(why, "\"subscription\" is missing before this line");
	if (!slice_eq(p->words.w[0], SLICE_LIT("end")))
		return provision_line(p->sub, &p->words, why->text, why->size);
	p->open = false;
	if (provision_complete(p->sub, why->text, why->size))
		return -1;
	return handler(p->sub, arg, why->text, why->size);
}

int provision_parse(struct slice text, provision_h handler, void *arg, char *why, size_t size)
{
	return provision_parse_from(text, 1, handler, arg, why, size);
}

int provision_parse_from(struct slice text, unsigned int line, provision_h handler, void *arg,
			 char *why_text, size_t size)
{
	char reason[PROVISION_WHY_SIZE] = "";
	const struct why why = {reason, sizeof(reason)};
	struct parse *p = calloc(1, sizeof(*p));
	int err = 0;

	if (p)
		p->sub = subscription_new();
	if (!p || !p->sub) {
		snprintf(why_text, size, "no memory");
		free(p);
		return -1;
	}
	p->line = line - 1;
	while (text.p && err == 0) {
		p->line++;
		err = parse_line(p, slice_cut(&text, '\n'), handler, arg, &why);
	}
	if (err == 0 && p->open)
		err = fail(&why, "the last block has no \"end\"");
	if (err)
		snprintf(why_text, size, "line %u: %s", p->line, reason);
	subscription_free(p->sub);
	explicit_bzero(p, sizeof(*p));
	free(p);
	return err;
}
