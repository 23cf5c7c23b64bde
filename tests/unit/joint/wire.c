/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/joint/world.h"

#include <string.h>

#define DELAY_MAX_MS 1500

static struct joint_message *wire;

struct joint_message *joint_message(enum joint_kind kind, int user)
{
	struct joint_message *m = calloc(1, sizeof(*m));

	ck_assert_ptr_nonnull(m);
	m->kind = kind;
	m->user = user;
	return m;
}

uint64_t joint_send(struct joint_message *m, uint64_t after)
{
	struct joint_message **at = &wire;

	m->due = world.now + 1 + joint_chance(DELAY_MAX_MS);
	if (m->due <= after)
		m->due = after + 1;
	while (*at && (*at)->due <= m->due)
		at = &(*at)->next;
	m->next = *at;
	*at = m;
	world.user[m->user].under_way++;
	return m->due;
}

struct joint_message *joint_receive(uint64_t now)
{
	struct joint_message *m = wire;

	if (!m || m->due > now)
		return NULL;
	wire = m->next;
	world.user[m->user].under_way--;
	return m;
}

void joint_wire_free(void)
{
	struct joint_message *m;

	while ((m = joint_receive(UINT64_MAX)) != NULL) {
		free(m->body);
		free(m);
	}
}
