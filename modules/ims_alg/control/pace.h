/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of the new calls an overloaded gateway is given (H.248.11): each second with an overload
 * event takes a part away, each second without one gives some back. Pure.
 */
#ifndef IMS_ALG_PACE_H
#define IMS_ALG_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	unsigned percent; /* of new calls that pass; 100: all */
	bool told;	  /* an event has come in this second */
	int64_t second_end;
};

void pace_init(struct pace *p);
/* The gateway says that it is overloaded. */
void pace_overload(struct pace *p, int64_t now_ms);
/* Time has passed. True once when all calls pass again. */
bool pace_tick(struct pace *p, int64_t now_ms);
/* Does this new call pass? dice: uniform. */
static inline bool pace_admits(const struct pace *p, uint32_t dice)
{
	return dice % 100 < p->percent;
}

#endif
