/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building a model node by node. */
#include "h248/message.h"

/* A node of its type at the end of a list that is linked by `next`. */
#define APPEND(arena, list, type)                                                                  \
	({                                                                                         \
		type **tail_ = (list);                                                             \
		type *node_ = h248_alloc(arena, sizeof(type));                                     \
		if (node_) {                                                                       \
			while (*tail_)                                                             \
				tail_ = &(*tail_)->next;                                           \
			*tail_ = node_;                                                            \
		}                                                                                  \
		node_;                                                                             \
	})

struct h248_transaction *h248_new_transaction(struct h248_arena *arena,
					      struct h248_message *message,
					      enum h248_transaction_kind kind, uint32_t id)
{
	struct h248_transaction *t =
	    message ? APPEND(arena, &message->transactions, struct h248_transaction) : NULL;

	if (t) {
		t->kind = kind;
		t->id = id;
	}
	return t;
}

struct h248_action *h248_new_action(struct h248_arena *arena, struct h248_action **list,
				    uint32_t context)
{
	struct h248_action *a = list ? APPEND(arena, list, struct h248_action) : NULL;

	if (a)
		a->context = context;
	return a;
}

struct h248_command *h248_new_command(struct h248_arena *arena, struct h248_action *action,
				      enum h248_command_kind kind, struct slice tid)
{
	struct h248_command *c =
	    action ? APPEND(arena, &action->commands, struct h248_command) : NULL;

	if (c) {
		c->kind = kind;
		c->tid.id = tid;
	}
	return c;
}

struct h248_descriptor *h248_new_descriptor(struct h248_arena *arena, struct h248_command *command,
					    enum h248_descriptor_kind kind)
{
	struct h248_descriptor *d =
	    command ? APPEND(arena, &command->descriptors, struct h248_descriptor) : NULL;

	if (d)
		d->kind = kind;
	return d;
}

struct h248_stream *h248_new_stream(struct h248_arena *arena, struct h248_descriptor *media,
				    uint16_t id)
{
	struct h248_stream *s =
	    media ? APPEND(arena, &media->u.media.streams, struct h248_stream) : NULL;

	if (s) {
		s->has_id = id != 0;
		s->id = id;
	}
	return s;
}

struct h248_local_control *h248_new_control(struct h248_arena *arena, struct h248_stream *stream)
{
	if (!stream)
		return NULL;
	if (!stream->control)
		stream->control = h248_alloc(arena, sizeof(*stream->control));
	return stream->control;
}

struct h248_parm *h248_new_parm(struct h248_arena *arena, struct h248_parm **list, const char *pkg,
				const char *item, struct slice value, bool quoted)
{
	struct h248_parm *p = list ? APPEND(arena, list, struct h248_parm) : NULL;

	if (p) {
		p->name.pkg = slice_str(pkg);
		p->name.item = slice_str(item);
		if (value.p) {
			p->relation = H248_EQ;
			p->value.text = value;
			p->value.quoted = quoted;
		}
	}
	return p;
}

struct h248_event *h248_new_event(struct h248_arena *arena, struct h248_event **list,
				  const char *pkg, const char *item)
{
	struct h248_event *e = list ? APPEND(arena, list, struct h248_event) : NULL;

	if (e) {
		e->name.pkg = slice_str(pkg);
		e->name.item = slice_str(item);
	}
	return e;
}

struct h248_signal *h248_new_signal(struct h248_arena *arena, struct h248_signals *signals,
				    const char *pkg, const char *item)
{
	struct h248_signal *s = signals ? APPEND(arena, &signals->list, struct h248_signal) : NULL;

	if (s) {
		s->name.pkg = slice_str(pkg);
		s->name.item = slice_str(item);
	}
	return s;
}

struct h248_descriptor *h248_new_error(struct h248_arena *arena, struct h248_command *command,
				       unsigned code, const char *text)
{
	struct h248_descriptor *d = h248_new_descriptor(arena, command, H248_D_ERROR);

	if (d) {
		d->u.error.code = (uint16_t)code;
		d->u.error.text = slice_str(text ? text : h248_error_text(code));
	}
	return d;
}

struct h248_package *h248_new_package(struct h248_arena *arena, struct h248_descriptor *packages,
				      const char *name, uint16_t version)
{
	struct h248_package *p =
	    packages ? APPEND(arena, &packages->u.packages, struct h248_package) : NULL;

	if (p) {
		p->name = slice_str(name);
		p->version = version;
	}
	return p;
}

const struct h248_descriptor *h248_descriptor_find(const struct h248_command *command,
						   enum h248_descriptor_kind kind)
{
	const struct h248_descriptor *d = command->descriptors;

	while (d && d->kind != kind)
		d = d->next;
	return d;
}
