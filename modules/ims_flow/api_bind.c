/* SPDX-License-Identifier: GPL-2.0-or-later */
/* api.h for other modules. */
#include "modules/ims_flow/attempt.h"
#include "modules/ims_flow/changes.h"
#include "modules/ims_flow/exports.h"

#include "../../core/parser/parse_uri.h"

static int api_by_received(struct sip_msg *msg, flow_id_t *id)
{
	struct flow_set *f;
	int slot;

	TABLE_LOCK();
	f = set_of_received(msg, &slot);
	if (f)
		*id = f->id;
	TABLE_UNLOCK();
	return f ? FLOW_API_OK : FLOW_API_NOT_OURS;
}

static int api_by_token(const char *user, int len, flow_id_t *id)
{
	uint64_t found;
	int rc;

	TABLE_LOCK();
	rc = flow_token_decode(&shared->keys, slice_make(user, len), &found);
	if (rc == FLOW_TOKEN_OK && !flow_by_id(table, found))
		rc = FLOW_API_GONE;
	else if (rc == FLOW_TOKEN_OK)
		*id = found;
	else
		rc = rc == FLOW_TOKEN_FORGED ? FLOW_API_FORGED : FLOW_API_NOT_OURS;
	TABLE_UNLOCK();
	return rc;
}

static int api_by_contact(const char *text, int len, flow_id_t *id)
{
	struct netaddr ip;
	struct flow_set *f;
	sip_uri_t uri;

	if (parse_uri((char *)text, len, &uri) < 0 || !uri_address(&uri, &ip))
		return FLOW_API_GONE;
	TABLE_LOCK();
	f = flow_by_server(table, &ip, uri.port_no ? uri.port_no : SIP_PORT, NULL);
	if (f)
		*id = f->id;
	TABLE_UNLOCK();
	return f ? FLOW_API_OK : FLOW_API_GONE;
}

static int api_by_register(struct sip_msg *msg, flow_id_t *id)
{
	struct flow_attempt a;
	bool there;

	(void)msg;
	if (attempt_load(&a))
		return FLOW_API_GONE;
	TABLE_LOCK();
	there = flow_by_id(table, a.set_id) != NULL;
	TABLE_UNLOCK();
	if (there)
		*id = a.set_id;
	return there ? FLOW_API_OK : FLOW_API_GONE;
}

static int api_beside(struct sip_msg *msg)
{
	(void)msg;
	return attempt_set_beside() ? FLOW_API_GONE : FLOW_API_OK;
}

static int api_get(flow_id_t id, struct flow_api_info *out)
{
	struct flow_set *f;

	TABLE_LOCK();
	f = flow_by_id(table, id);
	if (f)
		info_of(f, out);
	TABLE_UNLOCK();
	return f ? FLOW_API_OK : FLOW_API_GONE;
}

static int api_hold(flow_id_t id, int64_t until_ms)
{
	struct flow_effects *fx = changes_begin();
	struct flow_set *f;
	bool there;

	TABLE_LOCK();
	f = flow_by_id(table, id);
	there = f && (flow_alive(f) || f->state == FLOW_PENDING);
	if (there)
		flow_hold(table, f, until_ms, &settings.timers, flow_now(), fx);
	TABLE_UNLOCK();
	changes_end(fx);
	return there ? FLOW_API_OK : FLOW_API_GONE;
}

static int api_release(flow_id_t id)
{
	return api_hold(id, 0);
}

static int api_drop(flow_id_t id, const char *reason)
{
	struct flow_effects *fx = changes_begin();
	struct flow_set *f;

	TABLE_LOCK();
	f = flow_by_id(table, id);
	if (f)
		flow_drop(table, f, reason ? reason : FLOW_REASON_DROPPED, &settings.timers,
			  flow_now(), fx);
	TABLE_UNLOCK();
	changes_end(fx);
	return f ? FLOW_API_OK : FLOW_API_GONE;
}

static int api_each(flow_each_h h, void *arg)
{
	int rc = 0;

	for (uint32_t i = 0; i < flow_table_max(table) && rc == 0; i++) {
		struct flow_api_info info;
		struct flow_set *f;

		TABLE_LOCK();
		f = flow_at(table, i);
		if (f)
			info_of(f, &info);
		TABLE_UNLOCK();
		if (f)
			rc = h(&info, arg);
	}
	return rc;
}

static int api_token(flow_id_t id, char *buf, unsigned size)
{
	bool there;

	if (size <= FLOW_TOKEN_LEN)
		return FLOW_API_FAULT;
	TABLE_LOCK();
	there = flow_by_id(table, id) != NULL;
	if (there)
		flow_token_encode(&shared->keys, id, buf);
	TABLE_UNLOCK();
	return there ? FLOW_API_OK : FLOW_API_GONE;
}

static int api_by_routed(struct sip_msg *msg, flow_id_t *id)
{
	uint64_t routed = pv_routed(msg);

	if (routed)
		*id = routed;
	return routed ? FLOW_API_OK : FLOW_API_NOT_OURS;
}

static int api_asserted(struct sip_msg *msg, char *buf, unsigned size)
{
	return pv_asserted(msg, buf, size) ? FLOW_API_NOT_OURS : FLOW_API_OK;
}

static int api_record_route(struct sip_msg *msg, const char *ue_params)
{
	return record_route_with(msg, slice_str(ue_params)) > 0 ? FLOW_API_OK : FLOW_API_FAULT;
}

static int api_secret(unsigned i, const char *label, unsigned char out[32])
{
	bool there;

	TABLE_LOCK();
	there = i < shared->keys.n;
	if (there)
		hmac_sha256(&shared->keys.keys[i].key, label, strlen(label), out);
	TABLE_UNLOCK();
	return there ? FLOW_API_OK : FLOW_API_GONE;
}

static bool api_access_side(struct sip_msg *msg)
{
	return ki_flow_access_side(msg) > 0;
}

int bind_ims_flow(struct ims_flow_api *api)
{
	if (!api)
		return -1;
	api->by_received = api_by_received;
	api->by_token = api_by_token;
	api->by_contact = api_by_contact;
	api->by_register = api_by_register;
	api->beside = api_beside;
	api->get = api_get;
	api->hold = api_hold;
	api->release = api_release;
	api->drop = api_drop;
	api->each = api_each;
	api->subscribe = events_subscribe;
	api->token = api_token;
	api->by_routed = api_by_routed;
	api->asserted = api_asserted;
	api->record_route = api_record_route;
	api->secret = api_secret;
	api->access_side = api_access_side;
	return 0;
}
