/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cfg functions seamless_pcscf_dialog() and seamless_pcscf_session(), which counts the sessions on each flow set by the final answers that
 * tm passes. */
#include "seamless.h"
#include "core/register_check.h"
#include "sip/replaces.h"

#include "../../core/dprint.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/parser/parse_from.h"
#include "../../core/parser/parse_to.h"

/* What the transaction callback needs, with the text behind it; owned by tm, freed by forget(). */
struct passing {
	int method;
	struct pcscf_message message;
	char text[];
};

int seamless_set_of(sip_msg_t *msg, flow_id_t *id, bool *from_ue)
{
	struct slice user;
	int rc;

	*from_ue = seamless_flow.by_received(msg, id) == FLOW_API_OK;
	if (*from_ue)
		return 0;
	if (msg->route && pcscf_route_top_user(slice_of(msg->route->body), &user) == 0) {
		rc = seamless_flow.by_token(user.p, (int)user.len, id);
		if (rc != FLOW_API_NOT_OURS)
			return rc == FLOW_API_OK ? 0 : -1;
	}
	return seamless_flow.by_contact(GET_RURI(msg)->s, GET_RURI(msg)->len, id) == FLOW_API_OK
		   ? 0
		   : -1;
}

static struct slice keep(char **at, struct slice s)
{
	struct slice kept = {*at, s.len};

	if (s.len > 0)
		memcpy(*at, s.p, s.len);
	*at += s.len;
	return kept;
}

static struct passing *passing_new(int method, const struct pcscf_message *m)
{
	struct passing *p =
	    shm_malloc(sizeof(*p) + m->call_id.len + m->from_tag.len + m->to_tag.len +
		       m->replaces_call_id.len + m->replaces_to_tag.len + m->replaces_from_tag.len);
	char *at;

	if (!p)
		return NULL;
	p->method = method;
	p->message = *m;
	at = p->text;
	p->message.call_id = keep(&at, m->call_id);
	p->message.from_tag = keep(&at, m->from_tag);
	p->message.to_tag = keep(&at, m->to_tag);
	p->message.replaces_call_id = keep(&at, m->replaces_call_id);
	p->message.replaces_to_tag = keep(&at, m->replaces_to_tag);
	p->message.replaces_from_tag = keep(&at, m->replaces_from_tag);
	return p;
}

static void forget(void *param)
{
	shm_free(param);
}

/*
 * A final answer goes to who asked. RESPONSE_FWDED comes before a 2xx is sent: the request that
 * follows it, in another process, must find the session where it is now. RESPONSE_OUT comes for
 * what tm makes up by itself, too (408).
 */
static void final_answer(struct cell *t, int type, struct tmcb_params *params)
{
	const struct passing *p = *params->param;
	struct pcscf_message m = p->message;
	sip_msg_t *rpl = params->rpl;

	(void)t;
	if (params->code < 200 || (type == TMCB_RESPONSE_FWDED) != (params->code < 300))
		return;
	if (rpl && rpl != FAKED_REPLY && m.to_tag.len == 0 &&
	    parse_headers(rpl, HDR_TO_F, 0) == 0 && rpl->to)
		m.to_tag = slice_of(get_to(rpl)->tag_value);
	if (p->method == METHOD_BYE)
		pcscf_bye_answered(seamless_lock(), &m, seamless_now_ms());
	else
		pcscf_invite_answered(seamless_lock(), &m, params->code, seamless_now_ms());
	seamless_unlock();
	/* Inside tm: what follows is done by the timer. */
}

static void read_replaces(const sip_msg_t *msg, struct pcscf_message *m)
{
	struct slice body = kam_header(msg, "Replaces", NULL);
	struct sip_replaces r;

	if (body.len == 0 || sip_replaces_parse(body, &r))
		return;
	m->replaces_call_id = r.call_id;
	m->replaces_to_tag = r.to_tag;
	m->replaces_from_tag = r.from_tag;
}

static int read_message(sip_msg_t *msg, struct pcscf_message *m)
{
	if (kam_headers_parse(msg) || !msg->callid || !msg->to || parse_from_header(msg) < 0)
		return -1;
	m->call_id = slice_of(msg->callid->body);
	m->from_tag = slice_of(get_from(msg)->tag_value);
	m->to_tag = slice_of(get_to(msg)->tag_value);
	if (msg->REQ_METHOD == METHOD_INVITE && m->to_tag.len == 0)
		read_replaces(msg, m);
	return 0;
}

static bool matters(const sip_msg_t *msg, const struct pcscf_message *m)
{
	switch (msg->REQ_METHOD) {
	case METHOD_INVITE:
		return true;
	case METHOD_BYE:
	case METHOD_UPDATE:
		return m->to_tag.len > 0;
	default:
		return false;
	}
}

static int begin(const struct pcscf_message *m)
{
	int err = pcscf_invite(seamless_lock(), m, seamless_now_ms());

	seamless_unlock();
	if (err) {
		LM_INFO("a session is not counted: %s\n", pcscf_strerror(err));
		counter_inc(seamless_counters.sessions_failed);
		return -1;
	}
	if (m->to_tag.len == 0)
		counter_inc(seamless_counters.sessions);
	return 1;
}

int ki_seamless_session(sip_msg_t *msg)
{
	struct pcscf_message m = {0};
	struct passing *p;

	if (msg->first_line.type != SIP_REQUEST || read_message(msg, &m) || !matters(msg, &m) ||
	    seamless_set_of(msg, &m.set_id, &m.from_ue))
		return -1;
	if (msg->REQ_METHOD == METHOD_INVITE && begin(&m) < 0)
		return -1;
	p = passing_new(msg->REQ_METHOD, &m);
	if (!p) {
		SHM_MEM_ERROR;
		return -1;
	}
	if (seamless_tm.register_tmcb(msg, NULL, TMCB_RESPONSE_FWDED | TMCB_RESPONSE_OUT,
				      final_answer, p, forget) <= 0) {
		LM_ERR("cannot follow the transaction\n");
		shm_free(p);
		return -1;
	}
	return 1;
}

int ki_seamless_dialog(sip_msg_t *msg)
{
	bool refreshes = msg->REQ_METHOD == METHOD_INVITE || msg->REQ_METHOD == METHOD_UPDATE;
	struct pcscf_message m = {.from_ue = true};
	bool may;

	if (msg->first_line.type != SIP_REQUEST || read_message(msg, &m) || m.to_tag.len == 0 ||
	    seamless_flow.by_received(msg, &m.set_id) != FLOW_API_OK)
		return -1;
	may = pcscf_may_be_in_dialog(seamless_lock(), &m, refreshes);
	seamless_unlock();
	return may ? 1 : -1;
}
