/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "ue/sip_edit.h"

void ue_sip_edits_add(struct ue_sip_edits *l, enum ue_sip_edit_kind kind, int which,
		      struct slice value)
{
	if (l->n < UE_SIP_EDITS_MAX)
		l->e[l->n++] = (struct ue_sip_edit){kind, which, ue_dup(value)};
}

void ue_sip_edits_free(struct ue_sip_edits *l)
{
	while (l->n)
		free(l->e[--l->n].value);
}

static struct slice header_name(struct slice line)
{
	return slice_trim(slice_cut(&line, ':'));
}

/* Where the body begins. */
static size_t head_length(struct slice m)
{
	const char *end = m.len ? memmem(m.p, m.len, "\r\n\r\n", 4) : NULL;

	return end ? (size_t)(end - m.p) + 4 : m.len;
}

/* Rebuild the message without the headers called name and with extra (a header without CRLF) at the
 * end. */
static void rewrite(struct text *message, struct slice name, struct slice extra, struct slice body)
{
	struct slice rest = slice_make(message->p, head_length(text_slice(message)));
	struct text out = {0};
	bool first = true, dropping = false;

	while (rest.len) {
		struct slice line = slice_cut(&rest, '\n'), bare = line;

		if (bare.len && bare.p[bare.len - 1] == '\r')
			bare.len--;
		if (bare.len == 0)
			break;
		if (!first && bare.p[0] != ' ' && bare.p[0] != '\t')
			dropping = name.len && slice_eq_nocase(header_name(bare), name);
		if (first || !dropping) {
			text_put(&out, bare);
			text_put(&out, SLICE_LIT("\r\n"));
		}
		first = false;
	}
	if (extra.len) {
		text_put(&out, extra);
		text_put(&out, SLICE_LIT("\r\n"));
	}
	text_put(&out, SLICE_LIT("\r\n"));
	text_put(&out, body);
	text_free(message);
	*message = out;
}

static struct slice body_of(const struct text *message)
{
	size_t head = head_length(text_slice(message));

	return slice_make(message->p + head, message->len - head);
}

static void apply_one(const struct ue_sip_edit *e, struct text *message, bool *length_edited)
{
	struct slice value = slice_str(e->value), name = header_name(value);
	struct text header = {0};
	char *body = ue_dup(body_of(message));

	if (slice_eq_nocase(name, SLICE_LIT("Content-Length")) && e->kind != UE_SIP_EDIT_BODY)
		*length_edited = true;
	switch (e->kind) {
	case UE_SIP_EDIT_ADD:
		rewrite(message, SLICE_NULL, value, slice_str(body));
		break;
	case UE_SIP_EDIT_REPLACE:
		rewrite(message, name, value, slice_str(body));
		break;
	case UE_SIP_EDIT_STRIP:
		rewrite(message, value, SLICE_NULL, slice_str(body));
		break;
	case UE_SIP_EDIT_BODY:
		rewrite(message, SLICE_NULL, SLICE_NULL, value);
		break;
	case UE_SIP_EDIT_BODY_TYPE:
		text_add(&header, "Content-Type: %s", e->value);
		rewrite(message, SLICE_LIT("Content-Type"), text_slice(&header), slice_str(body));
		break;
	}
	text_free(&header);
	free(body);
}

void ue_sip_edits_apply(const struct ue_sip_edits *l, int which, struct text *message)
{
	bool length_edited = false;
	unsigned done = 0;

	for (unsigned i = 0; i < l->n; i++)
		if (l->e[i].which == 0 || l->e[i].which == which) {
			apply_one(&l->e[i], message, &length_edited);
			done++;
		}
	if (done && !length_edited) {
		struct text header = {0};
		char *body = ue_dup(body_of(message));

		text_add(&header, "Content-Length: %zu", strlen(body));
		rewrite(message, SLICE_LIT("Content-Length"), text_slice(&header), slice_str(body));
		text_free(&header);
		free(body);
	}
}
