/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reginfo/watch.h"

#include <stdlib.h>

/* Bounds of what one watcher keeps, whatever its notifier sends over time. */
#define TABLE_MAX_REGISTRATIONS 256
#define TABLE_MAX_CONTACTS	1024

const char *reginfo_verdict_name(enum reginfo_verdict v)
{
	switch (v) {
	case REGINFO_APPLY:
		return "apply";
	case REGINFO_APPLY_AND_REFRESH:
		return "apply and refresh";
	case REGINFO_DISCARD:
		return "discard";
	}
	return "?";
}

enum reginfo_verdict reginfo_watch_judge(struct reginfo_watch *w, uint32_t version, bool full)
{
	bool gap = !w->seen || version != w->version + 1;

	/* RFC 3680 5.2 says nothing of an equal version: it can only be a repetition. */
	if (w->seen && version <= w->version)
		return REGINFO_DISCARD;
	w->seen = true;
	w->version = version;
	return gap && !full ? REGINFO_APPLY_AND_REFRESH : REGINFO_APPLY;
}

struct reginfo_table {
	struct reginfo_doc view; /* view.memory is the one block behind all rows */
};

/* Cuts rows and text for a new view out of one block. A first pass without block only measures. */
struct copier {
	struct reginfo_registration *regs;
	struct reginfo_contact *contacts;
	struct reginfo_param *params;
	char *text;
	size_t regs_n, contacts_n, params_n, text_n;
};

struct reginfo_table *reginfo_table_new(void)
{
	struct reginfo_table *t = calloc(1, sizeof(*t));

	if (t)
		t->view.full = true;
	return t;
}

void reginfo_table_free(struct reginfo_table *t)
{
	if (!t)
		return;
	free(t->view.memory);
	free(t);
}

static struct slice copy_text(struct copier *c, struct slice s)
{
	struct slice out = SLICE_LIT("");

	if (c->text && s.len > 0) {
		memcpy(c->text + c->text_n, s.p, s.len);
		out = slice_make(c->text + c->text_n, s.len);
	}
	c->text_n += s.len;
	return out;
}

static void copy_contact(struct copier *c, const struct reginfo_contact *from)
{
	struct reginfo_contact to = *from;
	size_t first = c->params_n;

	to.id = copy_text(c, from->id);
	to.uri = copy_text(c, from->uri);
	to.display_name = copy_text(c, from->display_name);
	to.q = copy_text(c, from->q);
	to.callid = copy_text(c, from->callid);
	to.pub_gruu = copy_text(c, from->pub_gruu);
	to.temp_gruu = copy_text(c, from->temp_gruu);
	for (size_t i = 0; i < from->params_n; i++) {
		struct reginfo_param p = {copy_text(c, from->params[i].name),
					  copy_text(c, from->params[i].value)};

		if (c->params)
			c->params[c->params_n] = p;
		c->params_n++;
	}
	if (c->contacts) {
		to.params = c->params + first;
		c->contacts[c->contacts_n] = to;
	}
	c->contacts_n++;
}

static const struct reginfo_contact *contact_by_id(const struct reginfo_registration *r,
						   struct slice id)
{
	for (size_t i = 0; r && i < r->contacts_n; i++)
		if (slice_eq(r->contacts[i].id, id))
			return &r->contacts[i];
	return NULL;
}

static const struct reginfo_registration *find_aor(const struct reginfo_doc *doc, struct slice aor)
{
	for (size_t i = 0; i < doc->registrations_n; i++)
		if (slice_eq(doc->registrations[i].aor, aor))
			return &doc->registrations[i];
	return NULL;
}

/* Rows of base that update does not name, then the rows of update; update may be NULL, base may be NULL.
 */
static void copy_registration(struct copier *c, const struct reginfo_registration *base,
			      const struct reginfo_registration *update)
{
	const struct reginfo_registration *head = update ? update : base;
	struct reginfo_registration to = {.state = head->state};
	size_t first = c->contacts_n;

	to.aor = copy_text(c, head->aor);
	to.id = copy_text(c, head->id);
	for (size_t i = 0; base && i < base->contacts_n; i++)
		if (!contact_by_id(update, base->contacts[i].id))
			copy_contact(c, &base->contacts[i]);
	for (size_t i = 0; update && i < update->contacts_n; i++)
		copy_contact(c, &update->contacts[i]);
	if (c->regs) {
		to.contacts = c->contacts + first;
		to.contacts_n = c->contacts_n - first;
		c->regs[c->regs_n] = to;
	}
	c->regs_n++;
}

static void copy_merged(struct copier *c, const struct reginfo_doc *base,
			const struct reginfo_doc *update)
{
	for (size_t i = 0; i < base->registrations_n; i++)
		copy_registration(c, &base->registrations[i],
				  find_aor(update, base->registrations[i].aor));
	for (size_t i = 0; i < update->registrations_n; i++)
		if (!find_aor(base, update->registrations[i].aor))
			copy_registration(c, NULL, &update->registrations[i]);
}

/* Build the new view beside the old one, so that failure leaves the old one as it was. */
static int merged_view(const struct reginfo_doc *base, const struct reginfo_doc *update,
		       struct reginfo_doc *out)
{
	struct copier size = {0}, c = {0};
	size_t regs, contacts, params;
	char *block;

	copy_merged(&size, base, update);
	if (size.regs_n > TABLE_MAX_REGISTRATIONS || size.contacts_n > TABLE_MAX_CONTACTS)
		return REGINFO_E_TOO_BIG;
	regs = size.regs_n * sizeof(*c.regs);
	contacts = size.contacts_n * sizeof(*c.contacts);
	params = size.params_n * sizeof(*c.params);
	block = calloc(1, regs + contacts + params + size.text_n + 1);
	if (!block)
		return REGINFO_E_NOMEM;
	c.regs = (void *)block;
	c.contacts = (void *)(block + regs);
	c.params = (void *)(block + regs + contacts);
	c.text = block + regs + contacts + params;
	copy_merged(&c, base, update);
	*out = (struct reginfo_doc){.version = update->version,
				    .full = true,
				    .registrations = c.regs,
				    .registrations_n = c.regs_n,
				    .memory = block};
	return REGINFO_OK;
}

int reginfo_table_merge(struct reginfo_table *t, struct reginfo_watch *w,
			const struct reginfo_doc *doc, enum reginfo_verdict *verdict)
{
	static const struct reginfo_doc empty = {.full = true};
	struct reginfo_watch after = *w;
	enum reginfo_verdict v = reginfo_watch_judge(&after, doc->version, doc->full);
	struct reginfo_doc view;
	int err;

	if (v != REGINFO_DISCARD) {
		err = merged_view(doc->full ? &empty : &t->view, doc, &view);
		if (err)
			return err;
		free(t->view.memory);
		t->view = view;
	}
	*w = after;
	*verdict = v;
	return REGINFO_OK;
}

const struct reginfo_doc *reginfo_table_view(const struct reginfo_table *t)
{
	return &t->view;
}

const struct reginfo_registration *reginfo_table_aor(const struct reginfo_table *t,
						     struct slice aor)
{
	return find_aor(&t->view, aor);
}

const struct reginfo_contact *reginfo_registration_contact(const struct reginfo_registration *r,
							   struct slice uri)
{
	const struct reginfo_contact *gone = NULL;

	for (size_t i = 0; r && i < r->contacts_n; i++) {
		if (!slice_eq(r->contacts[i].uri, uri))
			continue;
		if (r->contacts[i].state != REGINFO_CONTACT_TERMINATED)
			return &r->contacts[i];
		gone = &r->contacts[i];
	}
	return gone;
}
