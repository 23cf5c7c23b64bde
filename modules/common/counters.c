/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/counters.h"

#include "../../core/dprint.h"

/* A counter under the old name of its group shows the value of the new one. */
static counter_val_t value_of(counter_handle_t h, void *param)
{
	return counter_get_val(*(counter_handle_t *)param);
}

int kam_counters_register(const char *group, const char *old, const struct kam_counter *list,
			  counter_handle_t *handles, int n)
{
	counter_handle_t alias;

	for (int i = 0; i < n; i++) {
		if (counter_register(&handles[i], group, list[i].name, 0, NULL, NULL, list[i].text,
				     0) < 0) {
			LM_ERR("counter %s.%s cannot be registered\n", group, list[i].name);
			return -1;
		}
		/* Another module may have the old name: then there is none. */
		if (old)
			(void)counter_register(&alias, old, list[i].name, 0, value_of, &handles[i],
					       list[i].text, 0);
	}
	return 0;
}
