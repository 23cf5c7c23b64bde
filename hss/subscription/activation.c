/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/subscription/activation.h"

#include <stdio.h>

static bool tag_character(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && !strchr(",\"\\'<>", c);
}

bool dsai_is_tag(struct slice tag)
{
	for (size_t i = 0; i < tag.len; i++)
		if (!tag_character(tag.p[i]))
			return false;
	return tag.len > 0 && tag.len < DSAI_TAG_SIZE;
}

static bool listed(const char *tags, struct slice tag)
{
	struct slice list = slice_str(tags);

	while (list.p && list.len)
		if (slice_eq(slice_cut(&list, ','), tag))
			return true;
	return false;
}

int dsai_tags(struct slice list, char out[DSAI_TAGS_SIZE])
{
	char tags[DSAI_TAGS_SIZE] = "";

	if (list.len >= sizeof(tags))
		return -1;
	while (list.p && (list.len || tags[0])) { /* nothing at all is no tag */
		struct slice tag = slice_cut(&list, ',');

		if (!dsai_is_tag(tag) || listed(tags, tag))
			return -1;
		snprintf(tags + strlen(tags), sizeof(tags) - strlen(tags), "%s%.*s",
			 tags[0] ? "," : "", (int)tag.len, tag.p);
	}
	strcpy(out, tags);
	return 0;
}

static bool alike(const struct impu *a, const struct impu *b)
{
	return a == b || (a->alias && a->alias == b->alias);
}

bool dsai_exists(const struct subscription *sub, int impu, struct slice tag, struct slice server)
{
	for (size_t i = 0; i < subscription_ifcs(sub); i++) {
		const struct ifc *f = subscription_ifc(sub, i);

		if (f->profile == sub->impu[impu].profile && listed(f->dsai, tag) &&
		    (!server.len || slice_eq_nocase(slice_str(f->as), server)))
			return true;
	}
	return false;
}

bool dsai_active(const struct subscription *sub, int impu, struct slice tag)
{
	for (size_t i = 0; i < sub->n_impu; i++)
		if (alike(&sub->impu[impu], &sub->impu[i]) && listed(sub->impu[i].masked, tag))
			return false;
	return true;
}

/* The tags without this one, and with it at the end if it is to be there. */
static int relist(const char *tags, struct slice tag, bool with, char out[DSAI_TAGS_SIZE])
{
	struct slice list = slice_str(tags);
	char made[2 * DSAI_TAGS_SIZE] = "";

	while (list.p && list.len) {
		struct slice t = slice_cut(&list, ',');

		if (!slice_eq(t, tag))
			snprintf(made + strlen(made), sizeof(made) - strlen(made), "%s%.*s",
				 made[0] ? "," : "", (int)t.len, t.p);
	}
	if (with)
		snprintf(made + strlen(made), sizeof(made) - strlen(made), "%s%.*s",
			 made[0] ? "," : "", (int)tag.len, tag.p);
	return slice_copy(slice_str(made), out, DSAI_TAGS_SIZE);
}

int dsai_switch(struct subscription *sub, int impu, struct slice tag, bool active)
{
	char tags[DSAI_TAGS_SIZE];

	for (size_t i = 0; i < sub->n_impu && !active; i++)
		if (alike(&sub->impu[impu], &sub->impu[i]) &&
		    relist(sub->impu[i].masked, tag, true, tags))
			return -1;
	for (size_t i = 0; i < sub->n_impu; i++)
		if (alike(&sub->impu[impu], &sub->impu[i]) &&
		    relist(sub->impu[i].masked, tag, !active, tags) == 0)
			strcpy(sub->impu[i].masked, tags);
	return 0;
}

struct slice dsai_unbound(const struct subscription *sub, int impu)
{
	struct slice list = slice_str(sub->impu[impu].masked);

	while (list.p && list.len) {
		struct slice tag = slice_cut(&list, ',');

		if (!dsai_exists(sub, impu, tag, SLICE_NULL))
			return tag;
	}
	return SLICE_NULL;
}

void dsai_forget_unbound(struct subscription *sub)
{
	for (size_t i = 0; i < sub->n_impu; i++) {
		char tag[DSAI_TAG_SIZE], tags[DSAI_TAGS_SIZE];

		while (slice_copy(dsai_unbound(sub, (int)i), tag, sizeof(tag)) == 0 && tag[0]) {
			relist(sub->impu[i].masked, slice_str(tag), false, tags);
			strcpy(sub->impu[i].masked, tags);
		}
	}
}

bool ifc_masked(const struct subscription *sub, int impu, const struct ifc *f)
{
	struct slice list = slice_str(f->dsai);

	while (list.p && list.len)
		if (dsai_active(sub, impu, slice_cut(&list, ',')))
			return false;
	return f->dsai[0] != '\0';
}

bool same_service(const struct subscription *sub, int a, int b)
{
	if (sub->impu[a].profile != sub->impu[b].profile)
		return false;
	for (size_t i = 0; i < subscription_ifcs(sub); i++) {
		const struct ifc *f = subscription_ifc(sub, i);

		if (f->profile == sub->impu[a].profile && f->dsai[0] &&
		    ifc_masked(sub, a, f) != ifc_masked(sub, b, f))
			return false;
	}
	return true;
}

void service_switch(struct impu *service, bool active)
{
	service->inactive = !active;
	if (!active)
		service->unregistered = false;
}
