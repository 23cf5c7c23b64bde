/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gateway as a whole: H.248 association above, model in the middle, media engine below. One
 * thread; the main loop is in gateway.c.
 */
#ifndef AGW_CONTROL_GATEWAY_H
#define AGW_CONTROL_GATEWAY_H

#include "agw/control/config.h"
#include "agw/control/limits.h"
#include "agw/control/model.h"
#include "agw/control/overload.h"
#include "daemon/control.h"
#include "daemon/log.h"
#include "daemon/metrics.h"
#include "h248/codec.h"
#include "h248/run.h"

enum { ROOT_VALUES = 6, CODES_MAX = 600, MEDIA_EVENTS_MAX = 16 };

/* What the MGC has set on ROOT. */
struct root_state {
	bool events_given, realm_change, overload; /* Events: ipra/arc, ocp/mg_overload */
	uint32_t request_id, mit_ms;		   /* it/ito */
	uint32_t values[ROOT_VALUES];		   /* root properties 3..8 */
	bool notify_running;			   /* one outstanding Notify at a time */
};

/* Strangers on the H.248 port (strangers.c). */
struct strangers {
	uint64_t seen;	    /* of the library's counter, at the last look */
	uint64_t in_second; /* since second_ms */
	int64_t second_ms;
	int64_t filter_until_ms; /* 0: there is no filter */
	uint64_t floods;	 /* counter */
};

struct gateway {
	struct config cfg;
	const char *config_path;
	struct model model;
	struct realms realms;
	struct media *media;
	struct h248_entity *entity;
	struct h248_transport *transport;
	bool draining, stop;
	bool touched; /* the request being carried out has asked the media plane for something */
	bool replies_wait; /* some wait for the media plane */
	int64_t next_second_ms;

	struct root_state root;
	struct overload overload;
	struct limits limits;
	struct strangers strangers;

	/* counters */
	uint64_t commands[H248_COMMANDS], errors[CODES_MAX], notifies, notifies_lost,
	    heartbeats_orphaned, reloads, reloads_refused;
	uint64_t media_events[MEDIA_EVENTS_MAX];

	struct control control;
	struct control_path control_path;
	struct metrics metrics;
	struct server *control_server, *metrics_server;
	struct listing *listings; /* under way, for agwctl */
};

/* commands.c: a request of the MGC (h248_entity_config.request). */
void gateway_request(void *user, struct h248_peer *peer, struct h248_job *job, int64_t now_ms);
/*
 * Carry out the actions of a transaction. *list gets their replies, in the arena. False when one
 * ended with an error: the rest was not carried out.
 */
bool gateway_run_actions(struct gateway *g, const struct h248_action *actions, struct h248_arena *a,
			 struct h248_action **list, int64_t now_ms);
/* Send the replies whose effect has come true. */
void gateway_release_replies(struct gateway *g, int64_t now_ms);
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
/* Of one stream, where the MGC has asked for them there; of all such, in a Media descriptor. */
void audit_stream_statistics(const struct stream *s, struct h248_arena *a, struct h248_stream *out,
			     int64_t now_ms);
void audit_streams_statistics(const struct termination *t, struct h248_arena *a,
			      struct h248_command *reply, int64_t now_ms);

/* notify.c */
void notify_media_event(const struct media_event *ev, void *gateway);
void notify_second(struct gateway *g, int64_t now_ms); /* heartbeats */
void notify_realms_changed(struct gateway *g, int64_t now_ms);
/* A call has been set up; tell if we are overloaded (ocp). */
void notify_new_call(struct gateway *g, int64_t now_ms);

/* gateway.c: see how much is in use, and decide. */
void gateway_measure(struct gateway *g);
/* Take no new calls, end with the last. */
void gateway_drain(struct gateway *g);

/* strangers.c: a flood from hosts that are no controller of ours is kept away by a filter on the
 * H.248 socket. After each reading of the socket; after each change of the controllers. */
void strangers_look(struct gateway *g, int64_t now_ms);
void strangers_controllers_changed(struct gateway *g);

/* ctl.c, metrics.c: may be switched off by an empty setting. 0, or -1 (logged). */
int ctl_open(struct gateway *g);
/* The folder that the control socket is to be in, where its parent is there. */
void ctl_make_folder(const char *path);
int metrics_start(struct gateway *g);
/* show.c: some more of what agwctl asked for; called each turn of the loop while any is under way. */
void listings_go_on(struct gateway *g);
/* At the end: what is under way is told so. */
void listings_drop(struct gateway *g);

/* start.c */
int gateway_start(struct gateway *g); /* 0, or -1 (logged) */
void gateway_end(struct gateway *g);
/*
 * Would a start succeed? Does what a start does, and takes it back; sends nothing. Ports that the
 * gateway behind the same control socket holds are no failure. 0, or -1: each reason is logged.
 */
int gateway_try(struct gateway *g);
/* gateway.c */
int gateway_run(struct gateway *g); /* until stop; 0 or -1 when start-up failed */
/* reload.c: read and check the file; 0, or -1 with why. */
int gateway_load(const struct gateway *g, struct config *out, char *why, size_t size);
/*
 * Read the configuration again. 0 with, in text, what of it only a start can change ("" if nothing);
 * or -1 with the reason, and nothing has changed. Both are logged.
 */
int gateway_reload(struct gateway *g, char *text, size_t size);

#endif
