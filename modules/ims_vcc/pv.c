/* SPDX-License-Identifier: GPL-2.0-or-later */
/* $vcc(NAME): what is known of the user whom the message, or the event route, is about. */
#include "modules/ims_vcc/choose.h"

#include "modules/common/pv.h"
#include "sip/name_addr.h"

enum pv_name {
	PV_USER,
	PV_STATE,
	PV_REGISTERED,
	PV_ACCESS,
	PV_VISITED,
	PV_CONTACTS,
	PV_EXPIRES,
	PV_SCSCF,
	PV_CS,
	PV_WISH,
	PV_CAUSE,
	PV_DOMAIN,
	PV_FALLBACK,
	PV_CSRN,
	PV_NAMES
};

static const char *const names[PV_NAMES] = {
    "user",  "state", "registered", "access", "visited", "contacts", "expires",
    "scscf", "cs",    "wish",	    "cause",  "domain",	 "fallback", "csrn"};

static int pv_parse(pv_spec_t *spec, str *in)
{
	return kam_pv_name(spec, in, names, PV_NAMES);
}

static struct vcc_user *by_header(struct vcc_store *s, struct slice value)
{
	struct sip_name_addr a;

	while (sip_name_addr_next(&value, &a) == 1) {
		struct vcc_user *u = vcc_users_find(s, a.uri);

		if (u)
			return u;
	}
	return NULL;
}

struct vcc_user *vcc_user_of(struct vcc_store *s, sip_msg_t *msg)
{
	struct vcc_user *u;

	if (vcc_event_user)
		return vcc_users_by_id(s, vcc_event_user);
	if (msg->first_line.type != SIP_REQUEST)
		return NULL;
	if (msg->REQ_METHOD == METHOD_REGISTER)
		return by_header(s, kam_header(msg, "To", NULL));
	u = vcc_users_find(s, slice_of(*GET_RURI(msg)));
	return u ? u : by_header(s, kam_header(msg, "P-Asserted-Identity", NULL));
}

static size_t contacts_of(const struct vcc_user *u, int64_t now)
{
	size_t n = 0;

	for (unsigned i = 0; i < VCC_CONTACTS_MAX; i++)
		n += u->contact[i].uri[0] && u->contact[i].expires_ms > now;
	return n;
}

/* What it is: a text in buf, or a number (false). */
static bool text_of(const struct vcc_user *u, enum pv_name name, int64_t now, char *buf,
		    size_t size, unsigned *number)
{
	const struct vcc_contact *c = vcc_last_contact(u, now);
	struct slice text = SLICE_NULL;

	switch (name) {
	case PV_USER:
		text = slice_str(vcc_user_name(u));
		break;
	case PV_STATE:
		text = slice_str(state_name(&vcc_registration_table, u->state));
		break;
	case PV_ACCESS:
		text = vcc_last_access(u, now);
		break;
	case PV_VISITED:
		text = slice_str(c && c->visited[0] ? c->visited : u->visited);
		break;
	case PV_SCSCF:
		text = slice_str(u->scscf);
		break;
	case PV_CS:
		text = slice_str(vcc_cs_name((enum vcc_cs_state)u->cs));
		break;
	case PV_WISH:
		text = slice_str(
		    vcc_wish_name(vcc_wishes_terminating(&u->wishes, vcc_last_access(u, now))));
		break;
	case PV_REGISTERED:
		*number = vcc_is_registered(u);
		return false;
	case PV_CONTACTS:
		*number = (unsigned)contacts_of(u, now);
		return false;
	default:
		*number = vcc_left(vcc_told_until(u), now);
		return false;
	}
	if (slice_copy(text, buf, size))
		buf[0] = '\0';
	return true;
}

/* Of the last vcc_select() for this message. */
static int get_chosen(sip_msg_t *msg, pv_param_t *param, pv_value_t *res, enum pv_name name)
{
	const struct vcc_chosen *c = vcc_chosen_of(msg);
	str value;

	if (!c || !c->subscriber || (name == PV_CSRN && !c->csrn[0]))
		return pv_get_null(msg, param, res);
	value =
	    str_of_text(name == PV_CSRN ? c->csrn
					: vcc_domain_name(name == PV_DOMAIN ? c->choice.first
									    : c->choice.second));
	return pv_get_strval(msg, param, res, &value);
}

static int pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	enum pv_name name = (enum pv_name)param->pvn.u.isname.name.n;
	/* pv_get_strval() keeps the pointer: some may stand in one line of the cfg. */
	static char texts[PV_NAMES][VCC_URI_MAX];
	char *buf = texts[name];
	bool text = true, known;
	unsigned number = 0;
	struct vcc_store *s;
	struct vcc_user *u;
	str value;

	if (name == PV_CAUSE) {
		if (!vcc_event_cause)
			return pv_get_null(msg, param, res);
		value = str_of_text(vcc_event_cause);
		return pv_get_strval(msg, param, res, &value);
	}
	if (name >= PV_DOMAIN)
		return get_chosen(msg, param, res, name);
	if (!vcc_event_user && kam_headers_parse(msg))
		return pv_get_null(msg, param, res);
	s = vcc_lock();
	u = vcc_user_of(s, msg);
	known = u != NULL;
	if (known)
		text = text_of(u, name, vcc_now_ms(), buf, VCC_URI_MAX, &number);
	vcc_unlock();
	if (!known)
		return name == PV_REGISTERED ? pv_get_uintval(msg, param, res, 0)
					     : pv_get_null(msg, param, res);
	if (!text)
		return pv_get_uintval(msg, param, res, number);
	value = str_of_text(buf);
	return pv_get_strval(msg, param, res, &value);
}

pv_export_t vcc_pvs[] = {
    {{"vcc", sizeof("vcc") - 1}, PVT_OTHER, pv_get, 0, pv_parse, 0, 0, 0},
    {{0, 0}, 0, 0, 0, 0, 0, 0, 0},
};
