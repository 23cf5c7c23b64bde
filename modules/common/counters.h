/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counters as one list:
 *
 *   #define EXAMPLE_COUNTERS(X)                     \
 *           X(registers, "REGISTERs seen")          \
 *           X(refused, "REGISTERs refused")
 *   KAM_COUNTERS_DECLARE(example, EXAMPLE_COUNTERS)      in a header
 *   KAM_COUNTERS_DEFINE(example, EXAMPLE_COUNTERS)       in one file
 *
 * makes the handles example_counters.registers and example_counters.refused, for counter_inc(), and
 * example_counters_init(), to be called in mod_init. The counters are read with
 * `kamcmd cnt.grp_get_all GROUP` and by xhttp_prom.
 */
#ifndef KAM_COUNTERS_H
#define KAM_COUNTERS_H

#include "../../core/counters.h"

struct kam_counter {
	const char *name, *text;
};

/*
 * Make the counters of a group; handles has a place for each. The same under an old name of the
 * group (NULL: it has none). 0, or -1 (logged).
 */
int kam_counters_register(const char *group, const char *old, const struct kam_counter *list,
			  counter_handle_t *handles, int n);

#define KAM_COUNTER_ROW_(name, text)	{#name, text},
#define KAM_COUNTER_MEMBER_(name, text) counter_handle_t name;

#define KAM_COUNTERS_DECLARE(prefix, LIST)                                                         \
	struct prefix##_counters {                                                                 \
		LIST(KAM_COUNTER_MEMBER_)                                                          \
	};                                                                                         \
	extern struct prefix##_counters prefix##_counters;                                         \
	int prefix##_counters_init(const char *group, const char *old);

#define KAM_COUNTERS_DEFINE(prefix, LIST)                                                          \
	struct prefix##_counters prefix##_counters;                                                \
	int prefix##_counters_init(const char *group, const char *old)                             \
	{                                                                                          \
		static const struct kam_counter list[] = {LIST(KAM_COUNTER_ROW_)};                 \
                                                                                                   \
		return kam_counters_register(group, old, list,                                     \
					     (counter_handle_t *)&prefix##_counters,               \
					     (int)(sizeof(list) / sizeof(list[0])));               \
	}

#endif
