/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings that may change at run time. */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/cfg/cfg.h"
#include "../../core/cfg/cfg_struct.h"

static cfg_def_t definitions[] = {
    {"linger_seconds", CFG_VAR_INT, 1, 86400, 0, 0,
     "how long an Inactive connection is kept for its sessions, s"},
    {"min_expires", CFG_VAR_INT, 0, 0, 0, 0, "shortest registration accepted (423 below), s"},
    {"max_expires", CFG_VAR_INT, 0, 0, 0, 0, "longest registration granted (0: no bound), s"},
    {0, 0, 0, 0, 0, 0}};

/* The same variables under the group's old name, "seamless", for one release. */
static cfg_def_t old_definitions[4];

static struct cfg_group_seamless start, old_start;
static void *now = &start, *old_now = &old_start;

int seamless_cfg_declare(const struct cfg_group_seamless *values)
{
	start = old_start = *values;
	memcpy(old_definitions, definitions, sizeof(definitions));
	if (cfg_declare("seamless_scscf", definitions, &start, cfg_sizeof(seamless), &now))
		return -1;
	return cfg_declare("seamless", old_definitions, &old_start, cfg_sizeof(seamless), &old_now);
}

void seamless_cfg_update(void)
{
	cfg_update();
}

/* The old group counts as long as the new one says what it said at the start. */
#define VALUE(name)                                                                                \
	(cfg_get(seamless, now, name) != start.name ? cfg_get(seamless, now, name)                 \
						    : cfg_get(seamless, old_now, name))

int seamless_cfg_linger_seconds(void)
{
	int v = VALUE(linger_seconds);

	return v > 0 ? v : 1;
}

int seamless_cfg_min_expires(void)
{
	int v = VALUE(min_expires);

	return v > 0 ? v : 0;
}

int seamless_cfg_max_expires(void)
{
	int v = VALUE(max_expires);

	return v > 0 ? v : 0;
}
