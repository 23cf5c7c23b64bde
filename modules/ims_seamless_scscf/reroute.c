/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seamless_scscf_route(): a request inside a dialog whose receiver has moved goes by the Path of the
 * connection that holds it now. The far end's route set still names the old P-CSCF and never
 * changes (RFC 3261 12.2.1.1), so what follows us in it is replaced here.
 */
#include "modules/ims_seamless_scscf/glue.h"
#include "../../core/dset.h"

#include "modules/common/headers.h"

/* Room for Path and contact while no lock is held. */
struct way {
	char path[SCSCF_MODEL_TEXT_MAX + 1], contact[SCSCF_MODEL_TEXT_MAX + 1];
	uint64_t connection;
	bool moved;
};

static void find_way(const struct dialog_ids *ids, struct way *w)
{
	enum scscf_session_side from;
	struct scscf_model *m = seamless_lock();
	struct scscf_session *s =
	    scscf_session_find(m, ids->call_id, ids->from_tag, ids->to_tag, &from);
	struct scscf_session_way way;

	w->moved = s && scscf_session_way(m, s, scscf_other_side(from), &way) &&
		   !slice_copy(way.path, w->path, sizeof(w->path)) &&
		   !slice_copy(way.contact, w->contact, sizeof(w->contact));
	w->connection = w->moved ? way.connection : 0;
	seamless_unlock();
}

/* A session may pass us twice, for the caller and for the callee: only the pass that leaves towards
 * the UE counts. */
static bool next_hop_is_mine(struct sip_msg *msg)
{
	return msg->dst_uri.s && uri_is_mine(slice_of(msg->dst_uri));
}

/* The rest of the old way goes. */
static int change_routes(struct sip_msg *msg, const char *path)
{
	char line[sizeof("Route: \r\n") + SCSCF_MODEL_TEXT_MAX];
	int len = snprintf(line, sizeof(line), "Route: %s\r\n", path);

	return kam_headers_remove(msg, HDR_ROUTE_T) ||
		       kam_header_add_first(msg, slice_make(line, (size_t)len))
		   ? -1
		   : 0;
}

/* 1: sent onto the connection's way (the cfg relays), -1: nothing to change. To be called after
 * loose_route(). */
int seamless_route(struct sip_msg *msg)
{
	static struct way w;
	struct slice list;
	struct dialog_ids ids;
	struct sip_name_addr first;
	str uri;

	if (read_dialog_ids(msg, &ids) || !ids.to_tag.len)
		return -1;
	find_way(&ids, &w);
	if (!w.moved || next_hop_is_mine(msg))
		return -1;
	list = slice_str(w.path);
	if (sip_name_addr_next(&list, &first) != 1)
		return -1;
	uri = str_of(slice_str(w.contact));
	if (change_routes(msg, w.path) || rewrite_uri(msg, &uri) < 0)
		return -1;
	uri = str_of(first.uri);
	if (set_dst_uri(msg, &uri) < 0)
		return -1;
	counter_inc(seamless_counters.requests_rerouted);
	seamless_last.kind = "reroute";
	seamless_last.connection = w.connection;
	return 1;
}
