/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rounds of changes to flow sets, and telling others what became of them. */
#ifndef IMS_FLOW_CHANGES_H
#define IMS_FLOW_CHANGES_H

#include "modules/ims_flow/glue.h"

/* Open, change and close a round of changes: kernel lock taken, effects empty. */
struct flow_effects *changes_begin(void);
/* Carry the effects out, unlock, and tell the events. */
void changes_end(struct flow_effects *fx);

/* events.c: tell handlers and event_route[flow:dead] what is noted in fx; no lock is held. */
void events_tell(const struct flow_effects *fx);
/* As subscribe() of api.h. */
int events_subscribe(unsigned mask, flow_event_h h, void *arg);
/* Find event_route[flow:dead]; before the workers start. 0, or -1 without memory. */
int events_init(void);
/* A copy for others; under the table lock, or of a copy. */
void info_of(const struct flow_set *f, struct flow_api_info *out);

#endif
