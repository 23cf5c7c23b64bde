/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internal: the generator's parts for each other. Each makes one construct, or fills *out. */
#ifndef TEST_H248_GENERATE_PARTS_H
#define TEST_H248_GENERATE_PARTS_H

#include "unit/h248/generate.h"

/* 0 .. n - 1 */
uint32_t rnd(struct generator *g, uint32_t n);
bool coin(struct generator *g);
/* Now and then, in messages of at least that version. */
bool since(struct generator *g, uint8_t version);

#define NEW(type) ((type *)h248_alloc(g->arena, sizeof(type)))

struct slice pick(struct generator *g, const char *const *list, uint32_t n);
#define PICK(...)                                                                                  \
	pick(g, (const char *const[]){__VA_ARGS__},                                                \
	     (uint32_t)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))

/* generate_words.c */
struct slice name(struct generator *g);
struct slice tid(struct generator *g);
struct slice quoted(struct generator *g);
void relation(struct generator *g, struct h248_parm *p);
struct h248_parm *parms(struct generator *g, bool packaged, bool values, uint32_t least);
struct h248_parm *statistics(struct generator *g, bool values);
struct h248_mid mid(struct generator *g);
struct h248_request_id request_id(struct generator *g);
void error(struct generator *g, struct h248_error *e);
/* generate_media.c */
void media(struct generator *g, struct h248_media *m);
/* generate_events.c */
void digit_map(struct generator *g, struct h248_digit_map *d);
/* May Signals be empty? */
bool no_signals(const struct generator *g);
struct h248_signal *signal_list(struct generator *g, bool lists, uint32_t least);
void events(struct generator *g, struct h248_events *e, unsigned level);
struct h248_event *event_list(struct generator *g, bool timed, bool requested, unsigned level);
/* generate_command.c */
void command(struct generator *g, struct h248_action *a, bool reply);

#endif
