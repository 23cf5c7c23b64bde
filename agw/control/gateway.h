/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gateway as a whole: H.248 association above, model in the middle, media engine below. One
 * thread; the main loop is in gateway.c.
 */
#ifndef AGW_CONTROL_GATEWAY_H
#define AGW_CONTROL_GATEWAY_H

#include "agw/control/config.h"
#include "agw/control/model.h"
#include "agw/control/overload.h"
#include "h248/codec.h"
#include "h248/run.h"

enum { ROOT_VALUES = 6, CODES_MAX = 600, CTL_CLIENTS_MAX = 8, METRICS_CLIENTS_MAX = 8 };

/* A client of the control socket or of the metrics endpoint. */
struct client {
	int fd; /* -1 = free */
	size_t len;
	char in[1024];
	char *out;
	size_t out_len, out_at, out_size;
	int64_t since_ms;
};

/* What the MGC has set on ROOT. */
struct root_state {
	bool events_given, realm_change, overload; /* Events: ipra/arc, ocp/mg_overload */
	uint32_t request_id, mit_ms;		   /* it/ito */
	uint32_t values[ROOT_VALUES];		   /* root properties 3..8 */
	bool notify_running;			   /* one outstanding Notify at a time */
};

struct gateway {
	struct config cfg;
	const char *config_path;
	struct model model;
	struct realms realms;
	struct media *media;
	struct h248_entity *entity;
	struct h248_transport *transport;
	bool draining, stop, reload;
	int64_t next_second_ms;

	struct root_state root;
	struct overload overload;

	/* counters */
	uint64_t commands[H248_COMMANDS], errors[CODES_MAX], notifies, notifies_lost,
	    heartbeats_orphaned;
	uint64_t media_events[16];

	int ctl_fd, metrics_fd;
	struct client ctl[CTL_CLIENTS_MAX], metrics[METRICS_CLIENTS_MAX];
};

/* commands.c: a request of the MGC (h248_entity_config.request). */
void gateway_request(void *user, struct h248_peer *peer, struct h248_job *job, int64_t now_ms);
/*
 * Carry out the actions of a transaction. *list gets their replies, in the arena. False when one
 * ended with an error: the rest was not carried out.
 */
bool gateway_run_actions(struct gateway *g, const struct h248_action *actions, struct h248_arena *a,
			 struct h248_action **list, int64_t now_ms);
/* Take everything down: what a restart without state means. */
void gateway_clear(struct gateway *g);

/* on_root.c */
void root_init(struct root_state *root);

/* descriptors.c: Media, Signals and Events of Add, Modify and Move, all or nothing. 0 or an error
 * code. */
unsigned descriptors_apply(struct gateway *g, struct termination *t, const struct h248_command *cmd,
			   struct h248_arena *a, struct h248_command *reply, const char **why,
			   int64_t now_ms);

/* audit.c */
unsigned audit_termination(struct gateway *g, const struct termination *t,
			   const struct h248_audit_item *items, struct h248_arena *a,
			   struct h248_command *reply);
unsigned audit_capability(const struct h248_audit_item *items, struct h248_arena *a,
			  struct h248_command *reply);
void audit_packages(struct h248_arena *a, struct h248_command *reply);
void audit_number(struct h248_arena *a, struct h248_parm **list, const char *pkg, const char *item,
		  uint64_t v);
void audit_statistics(const struct termination *t, struct h248_arena *a, struct h248_command *reply,
		      int64_t now_ms);

/* notify.c */
void notify_media_event(const struct media_event *ev, void *gateway);
void notify_second(struct gateway *g, int64_t now_ms); /* heartbeats */
void notify_realms_changed(struct gateway *g, int64_t now_ms);
/* A call has been set up; tell if we are overloaded (ocp). */
void notify_new_call(struct gateway *g, int64_t now_ms);

/* gateway.c: see how much is in use, and decide. */
void gateway_measure(struct gateway *g);

/* ctl.c, metrics.c: polled by the main loop. Each may be switched off by an empty setting. */
int ctl_open(struct gateway *g);
void ctl_command(struct gateway *g, const char *line, struct client *c);
int metrics_open(struct gateway *g);
void metrics_answer(struct gateway *g, struct client *c);

/* client.c */
int client_printf(struct client *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void client_accept(int listen_fd, struct client *list, size_t n);
void client_ready(struct gateway *g, struct client *c, short events, bool metrics);
void client_close(struct client *c);

/* gateway.c */
int gateway_run(struct gateway *g); /* until stop; 0 or -1 when start-up failed */
int gateway_load(struct gateway *g, struct config *out);
void gateway_log(const struct gateway *g, int level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
