/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_vcc/core/policy.h"

#include "base/words.h"
#include "sip/uri.h"

enum { BY_USER, BY_MSISDN, BY_CSRN, BY };

static uint32_t buckets_for(uint32_t rows)
{
	uint32_t n = 16;

	while (n < rows)
		n *= 2;
	return n;
}

static uint32_t *user_buckets(const struct vcc_policies *p)
{
	return (uint32_t *)&p->row[p->rows];
}

static uint32_t *bucket(const struct vcc_policies *p, unsigned by, const char *text)
{
	return user_buckets(p) + by * p->buckets +
	       (keyed_hash(&p->key, slice_str(text)) & (p->buckets - 1));
}

static struct slice line_of(struct slice *text)
{
	struct slice line = slice_cut(text, '\n');

	return slice_trim(slice_cut(&line, '#'));
}

static bool begins(struct slice line, const char *word)
{
	struct slice first;

	return slice_next_word(&line, &first) && slice_eq(first, slice_str(word));
}

static uint32_t count_rows(struct slice text)
{
	uint32_t n = 0;

	while (text.p)
		n += begins(line_of(&text), "user");
	return n;
}

size_t vcc_policies_bytes(struct slice text)
{
	uint32_t rows = count_rows(text);

	return sizeof(struct vcc_policies) + rows * sizeof(struct vcc_policy_row) +
	       BY * (size_t)buckets_for(rows) * sizeof(uint32_t);
}

int vcc_number_text(struct slice uri, char out[VCC_NUMBER_MAX])
{
	char text[VCC_IDENTITY_MAX];
	struct slice number;
	struct sip_uri_parts u;
	size_t i = 0;

	if (!sip_uri_parse(uri, &u)) {
		/* "+1-212;phone-context=x@home" */
		number = slice_cut(&u.user, ';');
	} else {
		if (uri.len < 5 || !slice_eq_nocase(slice_make(uri.p, 4), SLICE_LIT("tel:")))
			return -1;
		number = slice_make(uri.p + 4, uri.len - 4);
	}
	memcpy(text, "tel:", 4);
	if (number.len + 5 > sizeof(text))
		return -1;
	memcpy(text + 4, number.p, number.len);
	if (vcc_identity_text(slice_make(text, number.len + 4), text))
		return -1;
	for (i = 4 + (text[4] == '+'); text[i]; i++)
		if (text[i] < '0' || text[i] > '9')
			return -1;
	if (i < 6 || i >= VCC_NUMBER_MAX)
		return -1;
	memcpy(out, text, i + 1);
	return 0;
}

/* A number as the operator writes it: "+1212", "tel:+1212". */
static int number_of(struct slice word, char out[VCC_NUMBER_MAX])
{
	char uri[VCC_NUMBER_MAX + 4] = "tel:";

	if (word.len > 4 && slice_eq(slice_make(word.p, 4), SLICE_LIT("tel:")))
		return vcc_number_text(word, out);
	if (slice_copy(word, uri + 4, sizeof(uri) - 4))
		return -1;
	return vcc_number_text(slice_str(uri), out);
}

static const char *setting(struct slice key, struct slice value, uint8_t *wish, uint8_t *precedence,
			   struct vcc_policy_row *row)
{
	enum vcc_precedence which;
	enum vcc_wish w;
	char number[VCC_NUMBER_MAX];

	if (slice_eq(key, SLICE_LIT("terminating"))) {
		if (vcc_wish_parse(value, &w))
			return "terminating is cs-preferred, ims-preferred, cs-only, ims-only or "
			       "default";
		*wish = (uint8_t)w;
		return NULL;
	}
	if (slice_eq(key, SLICE_LIT("precedence"))) {
		if (vcc_precedence_parse(value, &which))
			return "precedence is operator or user";
		*precedence = (uint8_t)which;
		return NULL;
	}
	if (row && (slice_eq(key, SLICE_LIT("csrn")) || slice_eq(key, SLICE_LIT("msisdn")))) {
		if (number_of(value, number))
			return "csrn and msisdn are numbers: +12125551111";
		if (key.p[0] == 'c')
			memcpy(row->csrn, number + 4, sizeof(number) - 4);
		else
			memcpy(row->msisdn, number, sizeof(number));
		return NULL;
	}
	return "no such word: terminating=, precedence=, of a user csrn=, msisdn=";
}

static const char *settings(struct slice line, uint8_t *wish, uint8_t *precedence,
			    struct vcc_policy_row *row)
{
	const char *why = NULL;
	struct slice word;

	while (!why && slice_next_word(&line, &word)) {
		struct slice value = word, key = slice_cut(&value, '=');

		why = value.p ? setting(key, value, wish, precedence, row) : "write NAME=VALUE";
	}
	return why;
}

static const char *key_of(const struct vcc_policy_row *row, unsigned by)
{
	return by == BY_USER ? row->user : by == BY_MSISDN ? row->msisdn : row->csrn;
}

static uint32_t *next_of(struct vcc_policy_row *row, unsigned by)
{
	return by == BY_USER	 ? &row->next_user
	       : by == BY_MSISDN ? &row->next_msisdn
				 : &row->next_csrn;
}

static const struct vcc_policy_row *find(const struct vcc_policies *p, unsigned by,
					 const char *text)
{
	uint32_t n = *bucket(p, by, text);

	while (n) {
		const struct vcc_policy_row *row = &p->row[n - 1];

		if (strcmp(key_of(row, by), text) == 0)
			return row;
		n = *next_of((struct vcc_policy_row *)row, by);
	}
	return NULL;
}

static void link_row(struct vcc_policies *p, struct vcc_policy_row *row, unsigned by)
{
	if (!key_of(row, by)[0])
		return;
	*next_of(row, by) = *bucket(p, by, key_of(row, by));
	*bucket(p, by, key_of(row, by)) = (uint32_t)(row - p->row) + 1;
}

static const char *read_user(struct slice line, struct vcc_policies *p, uint32_t *at)
{
	struct vcc_policy_row *row = &p->row[*at];
	struct slice identity;
	const char *why;

	memset(row, 0, sizeof(*row));
	if (!slice_next_word(&line, &identity) || vcc_identity_text(identity, row->user))
		return "write user IDENTITY, a sip: or tel: URI";
	if (find(p, BY_USER, row->user))
		return "this user has a line already";
	why = settings(line, &row->wish, &row->precedence, row);
	if (why)
		return why;
	if (row->msisdn[0] && find(p, BY_MSISDN, row->msisdn))
		return "this msisdn is another user's";
	++*at;
	for (unsigned by = 0; by < BY; by++)
		link_row(p, row, by);
	return NULL;
}

static const char *read_line(struct slice line, struct vcc_policies *p, uint32_t *at)
{
	struct slice first, word;

	if (!slice_next_word(&line, &first))
		return NULL;
	if (slice_eq(first, SLICE_LIT("user")))
		return read_user(line, p, at);
	if (slice_eq(first, SLICE_LIT("default"))) {
		p->has_default = true;
		return settings(line, &p->wish, &p->precedence, NULL);
	}
	if (slice_eq(first, SLICE_LIT("vdi"))) {
		if (p->vdis == VCC_NUMBERS_MAX || !slice_next_word(&line, &word) ||
		    vcc_identity_text(word, p->vdi[p->vdis]))
			return "write vdi URI; there may be 16";
		p->vdis++;
		return NULL;
	}
	if (slice_eq(first, SLICE_LIT("vdn"))) {
		if (p->vdns == VCC_NUMBERS_MAX || !slice_next_word(&line, &word) ||
		    number_of(word, p->vdn[p->vdns]))
			return "write vdn NUMBER; there may be 16";
		p->vdns++;
		return NULL;
	}
	return "a line begins with default, user, vdi or vdn";
}

unsigned vcc_policies_read(struct slice text, const struct keyed_hash_key *key,
			   struct vcc_policies *out, const char **why)
{
	unsigned line = 0;
	uint32_t at = 0;

	memset(out, 0, sizeof(*out));
	out->rows = count_rows(text);
	out->buckets = buckets_for(out->rows);
	out->key = *key;
	memset(user_buckets(out), 0, BY * (size_t)out->buckets * sizeof(uint32_t));
	if (out->rows > VCC_POLICY_ROWS_MAX) {
		*why = "more than 200,000 users";
		return 1;
	}
	while (text.p) {
		line++;
		*why = read_line(line_of(&text), out, &at);
		if (*why)
			return line;
	}
	return 0;
}

const struct vcc_policy_row *vcc_policy_of(const struct vcc_policies *p, struct slice identity)
{
	const struct vcc_policy_row *row = NULL;
	char text[VCC_IDENTITY_MAX], number[VCC_NUMBER_MAX];

	if (!vcc_identity_text(identity, text))
		row = find(p, BY_USER, text);
	if (!row && !vcc_number_text(identity, number)) {
		row = find(p, BY_MSISDN, number);
		if (!row)
			row = find(p, BY_USER, number);
	}
	return row;
}

bool vcc_policy_is_vdi(const struct vcc_policies *p, struct slice uri)
{
	char text[VCC_IDENTITY_MAX];

	if (vcc_identity_text(uri, text))
		return false;
	for (unsigned i = 0; i < p->vdis; i++)
		if (strcmp(text, p->vdi[i]) == 0)
			return true;
	return false;
}

bool vcc_policy_is_vdn(const struct vcc_policies *p, struct slice uri)
{
	char number[VCC_NUMBER_MAX];

	if (vcc_number_text(uri, number))
		return false;
	for (unsigned i = 0; i < p->vdns; i++)
		if (strcmp(number, p->vdn[i]) == 0)
			return true;
	return false;
}

bool vcc_policy_is_csrn(const struct vcc_policies *p, struct slice uri)
{
	char number[VCC_NUMBER_MAX];

	return !vcc_number_text(uri, number) && find(p, BY_CSRN, number + 4);
}
