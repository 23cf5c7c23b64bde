/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the gateway implements of H.248's packages: tables with one row an item. A row says how the
 * item is read, carried out and printed. What has no row is not declared here, and so
 * h248_check_command() refuses it with the code that is due. To add an item, add its row.
 */
#ifndef AGW_CONTROL_ITEMS_H
#define AGW_CONTROL_ITEMS_H

#include "agw/control/gateway.h"
#include "h248/check.h"

/* A property of LocalControl (local_control.c). */
struct property_item {
	const char *package, *name;
	bool quoted; /* its value is a string */
	/* Take its value; 0, or -1: no value that can be had. */
	int (*parse)(const struct h248_parm *p, struct stream_control *c);
	/* The value in force, in the arena; p NULL: nothing to print. */
	struct slice (*print)(const struct stream *s, struct h248_arena *a);
};

/* A signal on the streams of a termination (signals.c). */
struct signal_item {
	const char *package, *name;
	const char *const *parms; /* names of its parameters, NULL at the end */
	/* Can a stream of this protocol have it? */
	bool (*fits)(enum media_proto proto);
	/* Carry it out on a copy of a stream. 0 or an error code with *why. */
	unsigned (*apply)(const struct h248_signal *signal, struct stream *s, const char **why);
};

/* An event of a termination (events.c). The row's place in the table is its enum event_kind. */
struct event_item {
	const char *package, *name;
	const char *const *parms;
	/* Read its parameters; NULL: it has none. 0 or an error code with *why. */
	unsigned (*parse)(const struct h248_event *e, const struct config *cfg,
			  struct armed_event *x, const char **why);
	/* The parameters in force, for audits; NULL: it has none. */
	void (*print)(const struct armed_event *x, struct h248_arena *a, struct h248_event *out);
};
extern const struct event_item event_items[EVENT_KINDS];

/* A statistic of a termination (statistics.c). */
struct statistic_item {
	const char *package, *name;
	bool rtp_only;
	struct slice (*print)(const struct media_leg_stats *sum, int64_t open_ms,
			      struct h248_arena *a);
};

/* A property of ROOT (on_root.c). */
struct root_property_item {
	const char *package, *name;
	bool quoted;
	/* Take its value; NULL: it is read-only. 0, or -1: no value that can be had. */
	int (*parse)(const struct h248_parm *p, struct root_state *root);
	struct slice (*print)(const struct gateway *g, struct h248_arena *a);
};

/* An event of ROOT (on_root.c). */
struct root_event_item {
	const char *package, *name;
	const char *const *parms;
	unsigned (*parse)(const struct h248_event *e, struct root_state *root, const char **why);
	/* Append it to the list where it is armed. */
	void (*print)(const struct root_state *root, struct h248_arena *a,
		      struct h248_event **list);
};

/* Declare the rows of a table. 0, or -1: a row is not in the library's package table. */
int local_control_declare(struct h248_support *items);
int signals_declare(struct h248_support *items);
int events_declare(struct h248_support *items);
int statistics_declare(struct h248_support *items);
int root_declare(struct h248_support *items);
/* One item with its parameters, for the functions above. */
int items_add(struct h248_support *items, const char *package, enum h248_item_kind kind,
	      const char *name, enum h248_item_kind parm_kind, const char *const *parms);

/* Before anything else here; 0, or -1 as above. */
int items_init(void);
/* For h248_check_command(). */
const struct h248_check_options *items_options(void);
/* Is anything of that package implemented? For audits of Packages. */
bool items_has_package(const struct h248_package_info *package);

/* Is that the item of this row? The item is looked up first, so that one inherited from another
 * package (gm/rsb is rtcph's) has one row. */
bool items_is(const struct h248_item *item, const char *package, const char *name);

/* What no table row can say: parts of descriptors that the gateway does not carry out. 0, or the
 * error code with *why. */
unsigned items_refuse(const struct h248_command *cmd, bool on_root, const char **why);
unsigned items_refuse_context(const struct h248_context_properties *p, const char **why);

#endif
