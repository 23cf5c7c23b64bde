/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks beside subscriptions: into the store, and out of it. */
#include "hss/provision/beside.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "hss/provision/line.h"
#include "hss/provision/provision.h"
#include "hss/provision/text.h"

/* The owner's name of the data of an identity, and his subscription. */
static int find_owner(struct transaction *tx, const char *identity, int64_t *id,
		      char owner[REPOSITORY_OWNER_SIZE])
{
	struct subscription *sub = subscription_new();
	int err = sub ? store_find_impu(tx, slice_str(identity), id) : STORE_EIO;

	if (err == 0)
		err = store_load(tx, *id, sub);
	if (err == 0)
		repository_owner(sub, subscription_impu(sub, slice_str(identity)), owner);
	subscription_free(sub);
	return err;
}

/* 0: it is not there; 1: it is there, and the same; STORE_EEXIST: another one is there. */
static int compare_data(struct transaction *tx, int64_t id, const char *owner,
			const struct repository *r)
{
	struct repository is;
	int err = store_repository(tx, id, owner, slice_str(r->service), &is);

	if (err == 0)
		err = is.sequence == r->sequence && is.len == r->len &&
			      memcmp(is.data, r->data, r->len) == 0
			  ? 1
			  : STORE_EEXIST;
	repository_free(&is);
	return err == STORE_ENOTFOUND ? 0 : err;
}

static int put_data(struct transaction *tx, const struct beside *b, bool replace, bool write)
{
	char owner[REPOSITORY_OWNER_SIZE];
	int64_t id;
	int err = find_owner(tx, b->identity, &id, owner);

	if (err == 0)
		err = compare_data(tx, id, owner, &b->data);
	if (err == 1)
		return 0;
	if ((err && (err != STORE_EEXIST || !replace)) || !write)
		return err == STORE_EEXIST && replace ? 0 : err;
	return store_put_repository(tx, id, owner, &b->data);
}

/* There is one of each kind and user; it is renewed. What has changed since it was sent is told then. */
static int put_notify(struct transaction *tx, const struct beside *b, bool write)
{
	struct sh_subscription s = b->notify;
	int err = sh_user_is_number(&s) ? store_find_msisdn(tx, slice_str(s.user), &s.sub)
					: store_find_impu(tx, slice_str(s.user), &s.sub);

	if (err || !write)
		return err;
	err = store_subscribe(tx, &s);
	return err ? err : store_look_again(tx, s.sub);
}

static int put_grant(struct transaction *tx, const struct beside *b, bool replace, bool write)
{
	unsigned int allowed[SH_REFERENCES];
	int err = store_allowed(tx, slice_str(b->identity), allowed);

	if (err || allowed[b->reference] == b->allow)
		return err;
	if (allowed[b->reference] && !replace)
		return STORE_EEXIST;
	return write ? store_allow(tx, b->identity, b->reference, b->allow) : 0;
}

static int put_slf(struct transaction *tx, const struct beside *b, bool replace, bool write)
{
	char host[IDENTITY_SIZE];
	int err = store_redirect(tx, b->identity, host);

	if (err == 0 && strcmp(host, b->host) == 0)
		return 0;
	if (err == 0 && !replace)
		return STORE_EEXIST;
	if (err && err != STORE_ENOTFOUND)
		return err;
	return write ? store_put_redirect(tx, b->identity, b->host) : 0;
}

static int put(struct transaction *tx, const struct beside *b, bool replace, bool write)
{
	switch (b->kind) {
	case BESIDE_SH_DATA:
		return put_data(tx, b, replace, write);
	case BESIDE_SH_NOTIFY:
		return put_notify(tx, b, write);
	case BESIDE_SH_GRANT:
		return put_grant(tx, b, replace, write);
	case BESIDE_SLF:
		return put_slf(tx, b, replace, write);
	}
	return STORE_EIO;
}

int beside_put(struct transaction *tx, const struct beside *b, bool replace)
{
	return put(tx, b, replace, true);
}

int beside_check(struct transaction *tx, const struct beside *b, bool replace)
{
	return put(tx, b, replace, false);
}

/* ---- out ---- */

enum { LINE_OCTETS = 2400 }; /* of a data line, which base64 makes a third longer */

/* The identity whose data are written. */
struct writing {
	const char *identity;
	FILE *out;
};

static void write_data(const struct repository *r, void *arg)
{
	struct writing *w = arg;
	char line[B64_SIZE(LINE_OCTETS)];

	fprintf(w->out, "sh-data %s", w->identity);
	provision_write_option("service", r->service, w->out);
	fprintf(w->out, " sequence=%u\n", r->sequence);
	for (size_t at = 0; at < r->len; at += LINE_OCTETS) {
		size_t n = r->len - at < LINE_OCTETS ? r->len - at : LINE_OCTETS;

		b64_encode((const uint8_t *)r->data + at, n, line, sizeof(line));
		fprintf(w->out, "\tdata %s\n", line);
	}
	fputs("end\n", w->out);
}

/* Those of an alias set have one owner: the first of them stands for all. */
static int write_all_data(struct transaction *tx, const struct subscription *sub, FILE *out)
{
	int err = 0;

	for (size_t i = 0; i < sub->n_impu && err == 0; i++) {
		struct writing w = {sub->impu[i].uri, out};
		char owner[REPOSITORY_OWNER_SIZE];
		size_t first = 0;

		while (first < i &&
		       !(sub->impu[i].alias && sub->impu[first].alias == sub->impu[i].alias))
			first++;
		if (first < i)
			continue;
		repository_owner(sub, (int)i, owner);
		err = store_repositories(tx, sub->id, owner, write_data, &w);
	}
	return err;
}

/* Stores of before may have what an import, or a reader of the text, would take for something else. */
static bool can_be_written(const struct sh_subscription *s)
{
	const char *const text[] = {s->realm, s->user, s->impi, s->service, s->server, s->sent};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		if (!utf8_printable(slice_str(text[i])))
			return false;
	return line_bare_word(s->realm);
}

/* What is not acknowledged yet counts as not sent, so that it is told again. */
static void write_notify(const struct sh_subscription *s, FILE *out)
{
	if (!can_be_written(s)) {
		fprintf(out, "# left out: a subscription of %s with a name that is no text\n",
			s->host);
		return;
	}
	fprintf(out, "sh-notify %s realm=%s", s->host, s->realm);
	if (line_bare_word(s->user))
		fprintf(out, " user=%s", s->user);
	else
		provision_write_option("user", s->user, out);
	fprintf(out, " data=%u", s->reference);
	if (s->sets)
		fprintf(out, " sets=%u", s->sets);
	provision_write_option("impi", s->impi, out);
	provision_write_option("service", s->service, out);
	provision_write_option("server", s->server, out);
	if (s->expiry)
		fprintf(out, " expires=%" PRId64, s->expiry);
	if (s->one_time)
		fputs(" one-time", out);
	if (!s->retry_at)
		provision_write_option("sent", s->sent, out);
	fputs("\nend\n", out);
}

int beside_write_of(struct transaction *tx, int64_t id, FILE *out)
{
	struct sh_subscription *s = calloc(SH_SUBSCRIPTIONS_OF_USER, sizeof(*s));
	struct subscription *sub = subscription_new();
	int err = s && sub ? store_load(tx, id, sub) : STORE_EIO, n = 0;

	if (err == 0)
		err = write_all_data(tx, sub, out);
	if (err == 0)
		n = store_subscriptions(tx, id, 0, s, SH_SUBSCRIPTIONS_OF_USER);
	for (int i = 0; i < n; i++)
		write_notify(&s[i], out);
	subscription_free(sub);
	free(s);
	return err ? err : n < 0 ? n : 0;
}

static void write_grant(const char *as, uint32_t reference, unsigned int allow, void *arg)
{
	FILE *out = arg;

	fprintf(out, "sh-grant %s data=%u allow=%s%s%s%s%s\nend\n", as, reference,
		allow & SH_PULL ? "pull" : "", allow & SH_PULL && allow & ~SH_PULL ? "," : "",
		allow & SH_UPDATE ? "update" : "",
		allow & SH_UPDATE && allow & SH_SUBSCRIBE ? "," : "",
		allow & SH_SUBSCRIBE ? "subscribe" : "");
}

static void write_slf(const char *key, const char *host, void *arg)
{
	FILE *out = arg;

	fprintf(out, "slf \"%s\" %s\nend\n", key, host);
}

int beside_write_network(struct transaction *tx, FILE *out)
{
	int err = store_permissions(tx, write_grant, out);

	return err ? err : store_redirects(tx, write_slf, out);
}
