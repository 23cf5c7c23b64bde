/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks beside subscriptions: from words to what they say. */
#include <ctype.h>
#include <stdlib.h>

#include "hss/cx/redirect.h"
#include "hss/provision/beside.h"
#include "hss/provision/line.h"
#include "hss/provision/text.h"
#include "hss/sh/data.h"
#include "hss/subscription/wildcard.h"

/* A value that is copied. */
struct field {
	const char *name;
	char *out;
	size_t size;
};

/* Take a word that is one of the fields, or a number; 1: it is none of them. */
static int take_field(struct slice word, const struct field *fields, size_t n,
		      const struct why *why)
{
	struct slice v;

	for (size_t i = 0; i < n; i++)
		if (word_option(word, fields[i].name, &v))
			return text_value(v, fields[i].name, fields[i].out, fields[i].size,
					  why->text, why->size);
	return 1;
}

static int host_name(struct slice word, char out[IDENTITY_SIZE], const struct why *why)
{
	if (text_value(word, "a Diameter identity", out, IDENTITY_SIZE, why->text, why->size))
		return -1;
	if (!line_bare_word(out))
		return line_fail(why, "a Diameter identity is a domain name");
	for (char *c = out; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return 0;
}

/* The data are looked at as if an application server had sent them. */
static int take_data(struct slice data, struct beside *b, const struct why *why)
{
	struct sh_document *read = malloc(sizeof(*read));
	char *document = NULL;
	size_t len;
	FILE *f = open_memstream(&document, &len);
	enum sh_data_error err = SH_DATA_NO_MEMORY;

	if (f) {
		fputs("<Sh-Data><RepositoryData><ServiceIndication>x</ServiceIndication>"
		      "<SequenceNumber>0</SequenceNumber>",
		      f);
		fwrite(data.p ? data.p : "", 1, data.len, f);
		fputs("</RepositoryData></Sh-Data>", f);
		if (fclose(f) == 0 && read)
			err = sh_data_read(slice_make(document, len), read);
	}
	free(document);
	if (err == SH_DATA_GOOD && read->n_repository == 1) {
		b->data.data = read->repository[0].data;
		b->data.len = read->repository[0].len;
		read->repository[0].data = NULL;
	}
	if (err == SH_DATA_GOOD)
		sh_document_free(read);
	free(read);
	if (!b->data.data)
		return line_fail(why, err == SH_DATA_NO_MEMORY
					  ? "no memory"
					  : "the data are no element ServiceData");
	return 0;
}

static int read_data(const struct words *w, struct slice data, struct beside *b,
		     const struct why *why)
{
	const struct field fields[] = {{"service", b->data.service, sizeof(b->data.service)}};
	struct slice v;

	if (w->n < 2 || identity_stored(w->w[1], b->identity))
		return line_fail(why, "sh-data needs a sip:, sips: or tel: identity");
	for (size_t i = 2; i < w->n; i++) {
		int taken = take_field(w->w[i], fields, 1, why);

		if (taken > 0 && word_option(w->w[i], "sequence", &v))
			taken = line_number(v, "sequence", REPOSITORY_SEQUENCE_MAX,
					    &b->data.sequence, why);
		if (taken)
			return taken < 0 ? -1 : line_unknown(w->w[i], "sh-data", why);
	}
	if (!b->data.service[0])
		return line_fail(why, "sh-data needs service=");
	return take_data(data, b, why);
}

static int read_user(struct slice v, struct sh_subscription *s, const struct why *why)
{
	bool digits = v.len > 0 && v.len < MSISDN_SIZE;

	for (size_t i = 0; i < v.len; i++)
		digits &= isdigit((unsigned char)v.p[i]) != 0;
	if (digits)
		return slice_copy(v, s->user, sizeof(s->user));
	return identity_stored(v, s->user)
		   ? line_fail(why, "user= takes a public identity or the digits of an MSISDN")
		   : 0;
}

static int notify_word(struct slice word, struct sh_subscription *s, const struct why *why)
{
	const struct field fields[] = {{"realm", s->realm, sizeof(s->realm)},
				       {"impi", s->impi, sizeof(s->impi)},
				       {"service", s->service, sizeof(s->service)},
				       {"server", s->server, sizeof(s->server)},
				       {"sent", s->sent, sizeof(s->sent)}};
	int taken = take_field(word, fields, sizeof(fields) / sizeof(fields[0]), why);
	uint32_t number;
	struct slice v;

	if (taken <= 0)
		return taken;
	if (slice_eq(word, SLICE_LIT("one-time"))) {
		s->one_time = true;
		return 0;
	}
	if (word_option(word, "user", &v))
		return read_user(v, s, why);
	if (word_option(word, "data", &v))
		return line_number(v, "data", SH_REFERENCES - 1, &s->reference, why);
	if (word_option(word, "sets", &v)) {
		if (line_number(v, "sets", (1 << SH_IDENTITY_SETS) - 1, &number, why))
			return -1;
		s->sets = number;
		return 0;
	}
	if (word_option(word, "expires", &v)) {
		if (line_number(v, "expires", UINT32_MAX, &number, why))
			return -1;
		s->expiry = number;
		return 0;
	}
	return line_unknown(word, "sh-notify", why);
}

static int read_notify(const struct words *w, struct beside *b, const struct why *why)
{
	struct sh_subscription *s = &b->notify;

	if (w->n < 2)
		return line_fail(why, "sh-notify needs the name of an application server");
	if (host_name(w->w[1], s->host, why))
		return -1;
	for (size_t i = 2; i < w->n; i++)
		if (notify_word(w->w[i], s, why))
			return -1;
	if (!s->realm[0] || !s->user[0])
		return line_fail(why, "sh-notify needs realm= and user=");
	if (!(sh_operations(s->reference) & SH_SUBSCRIBE))
		return line_fail(why, "Data-Reference %u cannot be subscribed to", s->reference);
	if (sh_user_is_number(s) && !sh_by_number(s->reference))
		return line_fail(
		    why, "Data-Reference %u needs a public identity in user=", s->reference);
	return 0;
}

static int read_allow(struct slice list, unsigned int *out, const struct why *why)
{
	*out = 0;
	while (list.p && list.len) {
		struct slice word = slice_cut(&list, ',');
		unsigned int bit = slice_eq(word, SLICE_LIT("pull"))	    ? SH_PULL
				   : slice_eq(word, SLICE_LIT("update"))    ? SH_UPDATE
				   : slice_eq(word, SLICE_LIT("subscribe")) ? SH_SUBSCRIBE
									    : 0;

		if (!bit)
			return line_fail(why, "allow= takes pull, update and subscribe");
		*out |= bit;
	}
	return 0;
}

static int read_grant(const struct words *w, struct beside *b, const struct why *why)
{
	struct slice data, allow;

	if (w->n != 4 || !word_option(w->w[2], "data", &data) ||
	    !word_option(w->w[3], "allow", &allow))
		return line_fail(why,
				 "sh-grant has the form AS data=N allow=pull,update,subscribe");
	if (host_name(w->w[1], b->identity, why) ||
	    line_number(data, "data", SH_REFERENCES - 1, &b->reference, why) ||
	    read_allow(allow, &b->allow, why))
		return -1;
	if (b->allow & ~sh_operations(b->reference))
		return line_fail(why, "this is not allowed with Data-Reference %u", b->reference);
	return 0;
}

static int read_slf(const struct words *w, struct beside *b, const struct why *why)
{
	if (w->n != 3 || redirect_key(w->w[1], b->identity))
		return line_fail(why, "slf has the form IDENTITY|*@DOMAIN HOST");
	return host_name(w->w[2], b->host, why);
}

int beside_read(const struct words *head, struct slice data, struct beside *out, char *text,
		size_t size)
{
	const struct why why = {text, size};
	int err = -1, kind = provision_beside(head->w[0]);

	memset(out, 0, sizeof(*out));
	if (kind < 0)
		return line_unknown(head->w[0], "a block", &why);
	out->kind = (enum beside_kind)kind;
	if (data.len && kind != BESIDE_SH_DATA)
		return line_fail(&why, "a block %.*s has no data", (int)head->w[0].len,
				 head->w[0].p);
	switch (out->kind) {
	case BESIDE_SH_DATA:
		err = read_data(head, data, out, &why);
		break;
	case BESIDE_SH_NOTIFY:
		err = read_notify(head, out, &why);
		break;
	case BESIDE_SH_GRANT:
		err = read_grant(head, out, &why);
		break;
	case BESIDE_SLF:
		err = read_slf(head, out, &why);
		break;
	}
	if (err)
		beside_free(out);
	return err;
}

void beside_free(struct beside *b)
{
	repository_free(&b->data);
}
