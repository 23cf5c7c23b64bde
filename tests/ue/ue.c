/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "ue/conn.h"
#include "ue/csc4.h"
#include "ue/dialog.h"

struct ue *ues;

void op_begin(struct op *op)
{
	*op = (struct op){0};
}

void op_end(struct op *op, int code, bool local, struct slice text)
{
	if (op->code)
		return;
	op->code = code;
	op->local = local;
	snprintf(op->text, sizeof(op->text), "%.*s", (int)text.len, text.p ? text.p : "");
}

struct ue *ue_find(struct slice name)
{
	for (struct ue *u = ues; u; u = u->next)
		if (slice_eq(slice_str(u->name), name))
			return u;
	return NULL;
}

struct ue *ue_new(struct slice name)
{
	struct ue *u = ue_alloc(sizeof(*u)), **at = &ues;

	u->name = ue_dup(name);
	ue_set(&u->home.name, SLICE_LIT("home"));
	u->inbox_end = &u->inbox;
	while (*at)
		at = &(*at)->next;
	*at = u;
	return u;
}

struct ue_system *ue_system_find(struct ue *u, struct slice name)
{
	struct ue_system *s = u->systems;

	while (s && !slice_eq(slice_str(s->name), name))
		s = s->next;
	return slice_eq(name, slice_str(u->home.name)) ? &u->home : s;
}

void ue_system_add(struct ue *u, struct ue_system *s)
{
	s->next = u->systems;
	u->systems = s;
}

static void inbox_drop_first(struct ue *u)
{
	struct inbox_item *i = u->inbox;

	u->inbox = i->next;
	if (!u->inbox)
		u->inbox_end = &u->inbox;
	u->inbox_n--;
	free(i->raw);
	free(i->conn);
	free(i);
}

void ue_inbox_clear(struct ue *u)
{
	while (u->inbox)
		inbox_drop_first(u);
}

void ue_inbox_put(struct ue *u, const char *conn, struct slice raw)
{
	struct inbox_item *i = ue_alloc(sizeof(*i));

	if (u->inbox_n == UE_INBOX_MAX)
		inbox_drop_first(u);
	i->raw = ue_dup(raw);
	i->conn = ue_dup(slice_str(conn));
	*u->inbox_end = i;
	u->inbox_end = &i->next;
	u->inbox_n++;
}

static void ue_free(struct ue *u)
{
	while (u->dialogs)
		dialog_free(u->dialogs);
	while (u->conns)
		conn_drop(u->conns);
	csc4_drop(u);
	ue_inbox_clear(u);
	while (u->systems) {
		struct ue_system *s = u->systems;

		u->systems = s->next;
		ue_system_free(s);
	}
	ue_system_end(&u->home);
	for (unsigned i = 0; i < UE_PAST_MAX; i++) {
		free(u->past[i].name);
		free(u->past[i].contact);
	}
	explicit_bzero(&u->key, sizeof(u->key));
	free(u->auto_media);
	free(u->name);
	free(u->instance);
	free(u->display);
	free(u);
}

void ue_free_all(void)
{
	while (ues) {
		struct ue *u = ues;

		ues = u->next;
		ue_free(u);
	}
}
