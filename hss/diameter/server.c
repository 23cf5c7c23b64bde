/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/server.h"

#include <pthread.h>
#include <stdlib.h>

#include "daemon/log.h"
#include "hss/config.h"
#include "hss/counters.h"
#include "hss/diameter/send_guard.h"

static __thread bool dispatching; /* this thread runs a handler */
static const struct config *config;

void server_set_config(const struct config *cfg)
{
	config = cfg;
}

void server_dispatching(bool is)
{
	dispatching = is;
}

static struct slice source_of(struct msg *msg)
{
	DiamId_t id = NULL;
	size_t len = 0;

	return fd_msg_source_get(msg, &id, &len) || !id ? SLICE_NULL : slice_make(id, len);
}

static unsigned int roles_of(struct slice name)
{
	const struct config_peer *p = config_peer(config, name);

	return p ? p->roles : 0;
}

const struct config_peer *incoming_peer(const struct incoming *in)
{
	return config_peer(config, source_of(in->msg));
}

bool incoming_speaks_for(const struct incoming *in, struct slice origin_host)
{
	struct slice source = source_of(in->msg);

	return slice_eq_nocase(source, origin_host) || (roles_of(source) & PEER_RELAY);
}

static void add_result(struct builder *b, struct result result)
{
	struct builder g;

	if (!result.experimental) {
		add_u32(b, AVP_RESULT_CODE, result.code);
		return;
	}
	g = open_group(b, AVP_EXPERIMENTAL_RESULT);
	add_u32(&g, AVP_VENDOR_ID, VENDOR_3GPP);
	add_u32(&g, AVP_EXPERIMENTAL_RESULT_CODE, result.code);
	close_group(b, &g);
}

/* What is no answer of the application has the E bit (RFC 6733 7.1.3). */
static void mark_error(struct builder *b, struct result result)
{
	struct msg_hdr *hdr;

	if (result.experimental || result.code / 1000 != 3 || b->err)
		return;
	b->err = fd_msg_hdr(b->parent, &hdr);
	if (b->err == 0)
		hdr->msg_flags |= CMD_FLAG_ERROR;
}

struct builder incoming_answer(struct incoming *in, struct result result)
{
	struct builder b = {NULL, 0};

	b.err = fd_msg_new_answer_from_req(fd_g_config->cnf_dict, &in->msg, MSGFL_ANSW_NOSID);
	b.parent = in->msg;
	mark_error(&b, result);
	add_application(&b, in->app->id);
	add_result(&b, result);
	add_u32(&b, AVP_AUTH_SESSION_STATE, 1);
	if (b.err == 0)
		b.err = fd_msg_add_origin(b.parent, 0);
	return b;
}

/* The last thing that can be said when memory is short; nothing if even that fails. */
static int unable(struct incoming *in)
{
	struct msg_hdr *hdr;
	int err = fd_msg_hdr(in->msg, &hdr);

	if (err)
		return err;
	if (!(hdr->msg_flags &
	      CMD_FLAG_REQUEST)) { /* the answer that failed: back to its request */
		struct msg *request;

		err = fd_msg_answ_getq(in->msg, &request);
		if (err == 0)
			err = fd_msg_answ_detach(in->msg);
		if (err)
			return err;
		fd_msg_free(in->msg);
		in->msg = request;
	}
	err = fd_msg_new_answer_from_req(fd_g_config->cnf_dict, &in->msg, MSGFL_ANSW_NOSID);
	return err ? err
		   : fd_msg_rescode_set(in->msg, (char *)"DIAMETER_UNABLE_TO_COMPLY", NULL, NULL,
					1);
}

void incoming_send(struct incoming *in, struct builder *b)
{
	int err = b->err;

	if (err) {
		log_line(LOG_ERR, "%s-Request not answered as it should be: %s",
			 in->command ? in->command->name : "a", strerror(err));
		err = unable(in);
	}
	if (err == 0)
		err = dispatching || in->later ? send_guard_answer(&in->msg)
					       : fd_msg_send(&in->msg, NULL, NULL);
	if (err && in->msg)
		fd_msg_free(in->msg);
	free(in);
}

/* What wire_check() found, if it found anything. */
static bool find_fault(struct msg *msg, struct wire_fault *fault)
{
	struct avp *avp = NULL;
	struct avp_hdr *hdr;

	return fd_msg_search_avp(msg, dict.octets, &avp) == 0 && avp &&
	       fd_msg_avp_hdr(avp, &hdr) == 0 && hdr->avp_value &&
	       wire_fault_read(hdr->avp_value->os.data, hdr->avp_value->os.len, fault) == 0;
}

/* libfdcore cancels this thread when it stops: not with the store or its transaction held. */
static void answer_whole(struct incoming *in, answer_h answer)
{
	int cancel;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
	answer(in, in->app->arg);
	pthread_setcancelstate(cancel, NULL);
}

static void answer_fault(struct incoming *in, const struct wire_fault *fault)
{
	struct builder b = incoming_answer(in, (struct result){fault->result, false});

	if (fault->failed_len)
		add_raw(&b, AVP_FAILED_AVP, fault->failed, fault->failed_len);
	incoming_send(in, &b);
}

/* A CSCF that asks as an application server, or the other way round. */
static void refuse_role(struct incoming *in)
{
	struct builder b = incoming_answer(in, RESULT_AUTHORIZATION_REJECTED);

	log_line(LOG_INFO, "%s-Request refused: the peer line of who sent it does not say %s",
		 in->command->name, in->app->role == PEER_SH ? "sh" : "cx");
	counter_add(COUNT_refused, 1);
	incoming_send(in, &b);
}

/* A partner's HSS asks what only our own nodes may, or what its partner line does not name. */
static void refuse_partner(struct incoming *in)
{
	struct builder b = incoming_answer(in, RESULT_AUTHORIZATION_REJECTED);

	log_line(LOG_INFO, "%s-Request refused: who sent it is a partner's HSS", in->command->name);
	counter_add(COUNT_partner_refused, 1);
	incoming_send(in, &b);
}

/* May the partner whose HSS asks send this command? */
static bool partner_may(const struct incoming *in)
{
	const struct config_peer *peer = incoming_peer(in);
	const struct config_partner *p = peer ? config_partner(config, peer->partner) : NULL;

	return p && in->command->partner && (p->commands & in->command->partner_command);
}

static void answer_as_its_role(struct incoming *in, unsigned int roles)
{
	struct wire_fault fault;

	if (roles & PEER_PARTNER) {
		if (!partner_may(in))
			refuse_partner(in);
		else if (find_fault(in->msg, &fault))
			answer_fault(in, &fault);
		else
			answer_whole(in, in->command->partner);
	} else if (!(roles & in->app->role)) {
		refuse_role(in);
	} else if (find_fault(in->msg, &fault)) {
		answer_fault(in, &fault);
	} else if (in->command->answer) {
		answer_whole(in, in->command->answer);
	} else {
		refuse_role(in);
	}
}

/*
 * An error returned from here would end the framework, so none is. The message is taken over; who
 * answers it does so by incoming_send().
 */
static int on_request(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
		      enum disp_action *action)
{
	const struct incoming *what = opaque;
	struct incoming *in;
	struct msg_hdr *hdr;

	(void)avp;
	(void)session;
	if (fd_msg_hdr(*msg, &hdr) || !(hdr->msg_flags & CMD_FLAG_REQUEST))
		return 0;
	in = malloc(sizeof(*in));
	if (!in) {
		*action = DISP_ACT_ERROR; /* UNABLE_TO_COMPLY */
		return 0;
	}
	*in = *what;
	in->msg = *msg;
	*msg = NULL;
	dispatching = true;
	answer_as_its_role(in, roles_of(source_of(in->msg)));
	dispatching = false;
	return 0;
}

void server_refuse(struct msg *msg, struct result result)
{
	struct incoming *in = malloc(sizeof(*in));
	struct msg_hdr *hdr;
	struct builder b;

	if (!in ||
	    fd_msg_hdr(msg, &hdr)) { /* the peer asks again, if he needs it (RFC 6733 5.5.4) */
		free(in);
		fd_msg_free(msg);
		return;
	}
	*in = (struct incoming){msg, application_find(hdr->msg_appl), NULL, false};
	b = incoming_answer(in, result);
	incoming_send(in, &b);
}

int server_start(struct application *app)
{
	int err = 0;

	for (size_t i = 0; i < app->n_commands && err == 0; i++) {
		struct command *c = &app->commands[i];
		struct disp_when when = {.app = app->object, .command = c->request};
		struct incoming *what; /* lives as long as the framework */

		if (!c->answer && !c->partner)
			continue;
		what = malloc(sizeof(*what));
		if (!what)
			return ENOMEM;
		*what = (struct incoming){NULL, app, c, false};
		err = fd_disp_register(on_request, DISP_HOW_CC, &when, what, NULL);
	}
	return err;
}
