/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies in segments (version 3): cut between commands, put together again in order. */
#include <stdlib.h>

#include "h248/transaction/channel.h"

/* What is never cut: a command reply, or an action without commands. */
struct unit {
	const struct h248_action *action;
	const struct h248_command *command; /* NULL: the action has none */
	bool first, last;		    /* of its action */
};

static unsigned list_units(const struct h248_action *a, struct unit *list)
{
	unsigned n = 0;

	for (; a; a = a->next) {
		const struct h248_command *command = a->commands;

		do {
			const struct h248_command *next = command ? command->next : NULL;

			if (list)
				list[n] = (struct unit){a, command, command == a->commands, !next};
			n++;
			command = next;
		} while (command);
	}
	return n;
}

/* The segment with units from up to before to; its length in c->out, or 0 when it is too long. */
static size_t write_part(struct h248_channel *c, uint32_t id, const struct unit *from,
			 const struct unit *to, unsigned number, bool end)
{
	size_t room = (size_t)(to - from) *
		      (sizeof(struct h248_command) + sizeof(struct h248_action) + 16),
	       len = 0;
	struct h248_transaction t = {
	    .kind = H248_REPLY, .id = id, .segmented = true, .segment_end = end};
	struct h248_action *action = NULL;
	void *memory = malloc(room);
	struct h248_arena arena;

	if (!memory)
		return 0;
	h248_arena_init(&arena, memory, room);
	t.segment = (uint16_t)number;
	for (const struct unit *u = from; u < to; u++) {
		if (!action || u->first) {
			action = h248_new_action(&arena, &t.actions, u->action->context);
			if (action && u->first)
				action->properties = u->action->properties;
		}
		if (action && u->command) {
			struct h248_command *copy =
			    h248_new_command(&arena, action, u->command->kind, SLICE_NULL);

			if (copy) {
				*copy = *u->command;
				copy->next = NULL;
			}
		}
		if (action && u->last)
			action->error = u->action->error;
	}
	if (arena.overflow || channel_encode(c, &t, false, &len) ||
	    (c->timers.max_pdu && len > c->timers.max_pdu))
		len = 0;
	explicit_bzero(arena.base, arena.used);
	free(memory);
	return len;
}

/* How many units fit into one segment: doubled up, then halved in. 0: not even one. */
static unsigned fit(struct h248_channel *c, uint32_t id, const struct unit *from,
		    const struct unit *end, unsigned number)
{
	unsigned good = 0, most = (unsigned)(end - from), bad = most + 1, n = 1;

	while (bad - good > 1) {
		if (write_part(c, id, from, from + n, number, n == most))
			good = n;
		else
			bad = n;
		n = bad <= most ? good + (bad - good) / 2 : good * 2;
		if (n > most)
			n = most;
		if (n <= good)
			n = good + 1;
	}
	return good;
}

/* Room for one more part. */
static int grow(struct bytes **parts, unsigned count)
{
	struct bytes *more;

	if (count % 64)
		return 0;
	more = realloc(*parts, (count + 64) * sizeof(**parts));
	if (!more)
		return -1;
	*parts = more;
	return 0;
}

/* One reply may take half of what all remembered ones may. */
static int cut_reply(struct h248_channel *c, uint32_t id, const struct unit *from,
		     const struct unit *end, struct bytes **parts, unsigned *count)
{
	size_t bytes = 0;

	for (unsigned i = 0; from < end; i++) {
		unsigned n = i < SEGMENTS_MAX ? fit(c, id, from, end, i + 1) : 0;
		size_t len = n ? write_part(c, id, from, from + n, i + 1, from + n == end) : 0;

		bytes += len;
		if (!len || bytes > c->timers.max_reply_bytes / 2 || grow(parts, i) ||
		    bytes_copy(&(*parts)[i], c->out, len))
			return H248_E_SIZE;
		from += n;
		*count = i + 1;
	}
	return H248_OK;
}

int segment_reply(struct h248_channel *c, const struct h248_transaction *t, struct bytes **parts,
		  unsigned *count)
{
	unsigned units = list_units(t->actions, NULL);
	struct unit *list = calloc(units ? units : 1, sizeof(list[0]));
	struct bytes *out = NULL;
	int rc = H248_E_MEMORY;

	*count = 0;
	if (list) {
		list_units(t->actions, list);
		rc = units ? cut_reply(c, t->id, list, list + units, &out, count) : H248_E_SIZE;
	}
	free(list);
	if (rc) {
		for (unsigned i = 0; i < *count; i++)
			bytes_free(&out[i]);
		free(out);
		*count = 0;
		return rc;
	}
	*parts = out;
	return H248_OK;
}

void segments_drop(struct h248_channel *c, struct request *r)
{
	c->segment_bytes -= r->segment_bytes + r->segment_slots * sizeof(r->segments[0]);
	for (unsigned i = 0; i < r->segment_slots; i++)
		bytes_free(&r->segments[i]);
	free(r->segments);
	r->segments = NULL;
	r->segment_slots = 0;
	r->segment_bytes = 0;
}

static const struct h248_transaction *find_reply(const struct h248_message *m, uint32_t id,
						 unsigned segment)
{
	const struct h248_transaction *t = m->transactions;

	while (t && !(t->kind == H248_REPLY && t->id == id && t->segmented &&
		      t->segment == segment && !t->malformed))
		t = t->next;
	return t;
}

/* Appends the actions of a segment; one that goes on where the last stopped is joined to it. */
static void join(struct h248_action **list, struct h248_action *more)
{
	struct h248_action *last = *list;

	while (last && last->next)
		last = last->next;
	if (last && more && last->context == more->context && !last->error.code &&
	    !more->properties) {
		struct h248_command **tail = &last->commands;

		while (*tail)
			tail = &(*tail)->next;
		*tail = more->commands;
		last->error = more->error;
		more = more->next;
	}
	*(last ? &last->next : list) = more;
}

/* All segments as one reply. H248_OK, H248_E_MEMORY (a larger arena may do), or another error. */
static int put_together(struct request *r, struct h248_arena *arena, struct h248_transaction *whole)
{
	*whole = (struct h248_transaction){.kind = H248_REPLY, .id = r->node.id};
	for (unsigned i = 0; i < r->segment_last; i++) {
		const struct h248_transaction *t;
		struct h248_message *m;
		int rc = h248_decode(slice_make(r->segments[i].p, r->segments[i].len), NULL, arena,
				     &m, NULL);

		if (rc)
			return rc;
		t = find_reply(m, r->node.id, i + 1);
		if (!t)
			return H248_E_SYNTAX;
		join(&whole->actions, t->actions);
		if (t->error.code)
			whole->error = t->error;
	}
	return H248_OK;
}

static int deliver(struct h248_channel *c, struct request *r)
{
	int rc = H248_E_MEMORY;

	for (size_t factor = 8; factor <= 64 && rc == H248_E_MEMORY; factor *= 2) {
		size_t room = r->segment_bytes * factor + 65536;
		void *memory = room <= DELIVER_MAX ? malloc(room) : NULL;
		struct h248_transaction whole;
		struct h248_arena arena;

		if (!memory)
			return -1;
		h248_arena_init(&arena, memory, room);
		rc = put_together(r, &arena, &whole);
		if (rc == H248_OK)
			request_finish(c, r, H248_REPLIED, &whole);
		explicit_bzero(arena.base, arena.used);
		free(memory);
	}
	return rc == H248_OK ? 1 : -1;
}

/* May so many bytes more be kept? Counted when they are. */
static int account(struct h248_channel *c, size_t bytes)
{
	if (c->segment_bytes + bytes > REASSEMBLY_ALL)
		return -1;
	c->segment_bytes += bytes;
	return 0;
}

/* A slot for segment n, counted from 1. */
static int make_slot(struct h248_channel *c, struct request *r, unsigned n)
{
	unsigned slots = r->segment_slots ? r->segment_slots : 16;
	struct bytes *more;

	if (n <= r->segment_slots)
		return 0;
	while (slots < n)
		slots *= 2;
	if (account(c, (slots - r->segment_slots) * sizeof(more[0])))
		return -1;
	more = realloc(r->segments, slots * sizeof(r->segments[0]));
	if (!more) {
		c->segment_bytes -= (slots - r->segment_slots) * sizeof(more[0]);
		return -1;
	}
	memset(more + r->segment_slots, 0, (slots - r->segment_slots) * sizeof(more[0]));
	r->segments = more;
	r->segment_slots = slots;
	return 0;
}

int segment_receive(struct h248_channel *c, struct request *r, struct slice text,
		    const struct h248_transaction *reply)
{
	unsigned n = reply->segment;

	if (n < 1 || n > SEGMENTS_MAX || (r->segment_last && n > r->segment_last))
		return -1;
	if (make_slot(c, r, n))
		return -1;
	if (!r->segments[n - 1].p) {
		if (r->segment_bytes + text.len > REASSEMBLY_MAX || account(c, text.len))
			return -1;
		if (bytes_copy(&r->segments[n - 1], text.p, text.len)) {
			c->segment_bytes -= text.len;
			return -1;
		}
		r->segment_bytes += text.len;
		r->segment_count++;
	}
	if (reply->segment_end)
		r->segment_last = n;
	if (!r->segment_last || r->segment_count < r->segment_last)
		return 0;
	return deliver(c, r);
}
