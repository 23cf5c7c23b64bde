/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/sh/notice.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "hss/sh/data.h"
#include "hss/subscription/activation.h"

void sh_notice_free(struct sh_notice *n)
{
	free(n->data);
	memset(n, 0, sizeof(*n));
}

static int find_user(const struct subscription *sub, const struct sh_subscription *s,
		     struct sh_view *view)
{
	view->impu = view->impi = -1;
	if (!sub)
		return -1;
	if (s->impi[0])
		view->impi = subscription_impi(sub, slice_str(s->impi));
	if (!sh_user_is_number(s)) {
		view->impu = subscription_impu(sub, slice_str(s->user));
		return view->impu < 0 || (s->impi[0] && view->impi < 0) ? -1 : 0;
	}
	for (size_t i = 0; i < sub->n_impi; i++)
		if (strcmp(sub->impi[i].msisdn, s->user) == 0)
			view->impi = (int)i;
	return view->impi < 0 ? -1 : 0;
}

static int digest(struct sh_notice *n)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (EVP_Digest(n->data, n->len, hash, &len, EVP_sha256(), NULL) != 1 || len != 32)
		return STORE_EIO;
	for (unsigned int i = 0; i < len; i++)
		snprintf(n->digest + 2 * i, 3, "%02x", hash[i]);
	return 0;
}

static int load_data(struct transaction *tx, const struct subscription *sub, int impu,
		     const char *service, struct repository *r)
{
	char owner[REPOSITORY_OWNER_SIZE];
	int err;

	repository_owner(sub, impu, owner);
	err = store_repository(tx, sub->id, owner, slice_str(service), r);
	if (err != STORE_ENOTFOUND)
		return err;
	strcpy(r->service, service);
	return 0;
}

/* Has the identity no more what is subscribed to, though it is there itself? */
static bool has_gone(const struct sh_subscription *s, const struct sh_view *view)
{
	if (view->impu < 0) /* imports may have had others */
		return !sh_by_number(s->reference);
	if (s->reference == SH_DSAI)
		return !dsai_exists(view->sub, view->impu, slice_str(s->service), SLICE_NULL);
	return s->reference == SH_PSI_ACTIVATION && !view->sub->impu[view->impu].service;
}

int sh_notice_make(struct transaction *tx, const struct charging *charging,
		   const struct subscription *sub, const struct sh_subscription *s,
		   struct sh_notice *out)
{
	struct repository repository = {.data = NULL};
	const struct slice tag = slice_str(s->service);
	struct sh_view view = {.sub = sub,
			       .references = UINT64_C(1) << s->reference,
			       .sets = s->sets,
			       .server_name = slice_str(s->server),
			       .charging = sub && sub->has_charging ? &sub->charging : charging,
			       .repository = &repository,
			       .n_repository = 1,
			       .tag = &tag,
			       .n_tag = 1,
			       .hide_pending = true};
	int err = 0;

	memset(out, 0, sizeof(*out));
	if (find_user(sub, s, &view)) {
		out->last = true;
		if (sh_user_is_number(s))
			return 0;
		out->data = sh_data_write_deleted(s->user, &out->len);
	} else if (has_gone(s, &view)) {
		out->last = true; /* with nothing that could be told */
	} else {
		if (s->reference == SH_REPOSITORY_DATA)
			err = load_data(tx, sub, view.impu, s->service, &repository);
		if (err)
			return err;
		out->last = s->reference == SH_REPOSITORY_DATA && !repository.data;
		out->data = sh_data_write(&view, &out->len);
		repository_free(&repository);
	}
	return out->data ? digest(out) : 0;
}

int sh_notice_join(struct transaction *tx, const struct charging *charging,
		   const struct subscription *sub, const struct sh_subscription *const *s, size_t n,
		   char **data, size_t *len)
{
	struct repository *repository = calloc(n, sizeof(*repository));
	struct slice *tag = calloc(n, sizeof(*tag));
	struct sh_view view = {.sub = sub,
			       .tag = tag,
			       .charging = sub->has_charging ? &sub->charging : charging,
			       .repository = repository,
			       .hide_pending = true};
	int err = repository && tag && find_user(sub, s[0], &view) == 0 ? 0 : STORE_EIO;

	*data = NULL;
	for (size_t i = 0; i < n && err == 0; i++) {
		view.references |= UINT64_C(1) << s[i]->reference;
		view.sets |= s[i]->sets;
		if (s[i]->reference == SH_FILTER_CRITERIA)
			view.server_name = slice_str(s[i]->server);
		if (s[i]->reference == SH_DSAI)
			tag[view.n_tag++] = slice_str(s[i]->service);
		if (s[i]->reference == SH_REPOSITORY_DATA)
			err = load_data(tx, sub, view.impu, s[i]->service,
					&repository[view.n_repository++]);
	}
	if (err == 0)
		*data = sh_data_write(&view, len);
	for (size_t i = 0; i < view.n_repository; i++)
		repository_free(&repository[i]);
	free(repository);
	free(tag);
	return err;
}
