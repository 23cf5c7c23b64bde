/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seamless_scscf_check(): what can be refused before anybody is challenged. */
#include "modules/ims_seamless_scscf/glue.h"

#include "../../core/mem/shm_mem.h"
#include "../../core/parser/parse_to.h"

#include "modules/common/headers.h"
#include "modules/common/reply.h"
#include "modules/ims_seamless_scscf/core/identity.h"

#include "sip/option_tags.h"

#define UNSUPPORTED_MAX 256

static int malformed(struct sip_msg *msg, const char *reason, const char *why)
{
	counter_inc(seamless_counters.malformed);
	LM_INFO("%s\n", why);
	(void)kam_reply(msg, 400, reason, NULL);
	return 0;
}

static bool supported(struct slice tag)
{
	if (slice_eq_nocase(tag, SLICE_LIT("seamless-ims")))
		return seamless_params.enabled != 0;
	return sip_option_tags_has(slice_of(seamless_params.supported_tags), tag) == 1;
}

/*
 * Tags this registrar does not know, as a list in buf (RFC 3261 8.2.2.3). Require is for us as the
 * UAS of a REGISTER; of Proxy-Require and of other requests only our own tag concerns us. -1:
 * malformed.
 */
static int unsupported_tags(struct sip_msg *msg, char *buf, size_t size)
{
	size_t len = 0;
	int n = 0;

	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		struct slice list = slice_of(h->body), tag;
		bool all = h->type == HDR_REQUIRE_T && msg->REQ_METHOD == METHOD_REGISTER;
		int rc;

		if (h->type != HDR_REQUIRE_T && h->type != HDR_PROXYREQUIRE_T)
			continue;
		while ((rc = sip_option_tags_next(&list, &tag)) == 1) {
			if (supported(tag) ||
			    (!all && !slice_eq_nocase(tag, SLICE_LIT("seamless-ims"))))
				continue;
			n++;
			if (len + tag.len + 3 < size &&
			    !(n > 1 && sip_option_tags_has(slice_make(buf, len), tag) == 1))
				len += (size_t)snprintf(buf + len, size - len, "%s%.*s",
							len ? ", " : "", (int)tag.len, tag.p);
		}
		if (rc < 0)
			return -1;
	}
	return n;
}

static bool authorized_twice(const struct sip_msg *msg)
{
	int n = 0;

	for (const struct hdr_field *h = msg->headers; h; h = h->next)
		n += h->type == HDR_AUTHORIZATION_T;
	return n > 1;
}

/*
 * The identity in To is what is registered (RFC 3261 10.2); application servers are chosen by what
 * P-Asserted-Identity or From says. A REGISTER that names somebody else there would hand his
 * identities to them.
 */
static bool names_another(struct sip_msg *msg, const struct dialog_ids *ids)
{
	char a[SCSCF_IDENTITY_MAX], b[SCSCF_IDENTITY_MAX];
	struct slice to, other, asserted;
	struct sip_name_addr id;

	if (scscf_identity_key(ids->to_uri, a, &to) ||
	    scscf_identity_key(ids->from_uri, b, &other) || !slice_eq(to, other))
		return true;
	for (struct hdr_field *h = kam_header_find(msg->headers, "P-Asserted-Identity"); h;
	     h = kam_header_find(h->next, "P-Asserted-Identity")) {
		asserted = kam_header_body(h);
		while (sip_name_addr_next(&asserted, &id) == 1)
			if (scscf_identity_key(id.uri, b, &other) || !slice_eq(to, other))
				return true;
	}
	return false;
}

bool memory_short(void)
{
	return shm_available() / 1024 < (unsigned long)seamless_params.memory_reserve_kilobytes;
}

bool memory_scarce(void)
{
	unsigned long quarter = (unsigned long)seamless_params.memory_reserve_kilobytes / 4;

	if (shm_available() / 1024 >= quarter)
		return false;
	counter_inc(seamless_counters.no_memory);
	LM_WARN("only %lu kB of shared memory are free: nothing is bound\n",
		shm_available() / 1024);
	return true;
}

/*
 * The stock cdp dies when it finds no memory for a request to the HSS. So nothing begins while less
 * than the reserve is free: what is under way, and what ends something, still has that.
 */
static bool begins(const struct sip_msg *msg)
{
	bool in_dialog = msg->to && get_to(msg)->tag_value.len;

	return !(msg->REQ_METHOD & (METHOD_ACK | METHOD_CANCEL)) &&
	       (msg->REQ_METHOD == METHOD_REGISTER || !in_dialog);
}

static int no_room(struct sip_msg *msg)
{
	counter_inc(seamless_counters.no_memory);
	LM_WARN("%.*s refused: only %lu kB of shared memory are free\n",
		msg->first_line.u.request.method.len, msg->first_line.u.request.method.s,
		shm_available() / 1024);
	(void)kam_reply(msg, 503, "Short Of Memory", "Retry-After: 30\r\n");
	return 0;
}

/* 1: go on. 0: refused, a reply was sent: 503, 420, or 400 for what the save could not read, without
 * a challenge. */
int seamless_check(struct sip_msg *msg)
{
	char tags[UNSUPPORTED_MAX] = "", header[UNSUPPORTED_MAX + 32];
	struct sip_contact_list contacts = {0};
	struct dialog_ids ids;
	struct slice value;
	int n;

	if (kam_headers_parse(msg))
		return malformed(msg, "Bad Request", "headers cannot be read");
	if (begins(msg) && memory_short())
		return no_room(msg);
	n = unsupported_tags(msg, tags, sizeof(tags));
	if (n < 0)
		return malformed(msg, "Bad Require", "malformed Require or Proxy-Require");
	if (n > 0) {
		counter_inc(seamless_counters.unsupported);
		LM_INFO("required, but not supported or switched off: %s\n", tags);
		snprintf(header, sizeof(header), "Unsupported: %s\r\n", tags);
		(void)kam_reply(msg, 420, "Bad Extension", header);
		return 0;
	}
	/* The one that is verified is found by its realm, the one that is believed comes first. */
	if (msg->REQ_METHOD == METHOD_REGISTER && authorized_twice(msg))
		return malformed(msg, "Bad Authorization", "more than one Authorization");
	if (msg->REQ_METHOD != METHOD_REGISTER)
		return 1;
	if (read_dialog_ids(msg, &ids))
		return malformed(msg, "Bad Request", "malformed To, From, Call-ID or CSeq");
	if (names_another(msg, &ids)) {
		counter_inc(seamless_counters.other_identity);
		LM_INFO("REGISTER of %.*s names another identity\n", (int)ids.to_uri.len,
			ids.to_uri.p);
		(void)kam_reply(msg, 403, "From Is Not To", NULL);
		return 0;
	}
	if (!seamless_params.save_all && read_requires(msg, SLICE_LIT("seamless-ims")) != 1)
		return 1;
	if (sip_param_get(ids.to_params, SLICE_LIT("imsglobreg"), &value) < 0)
		return malformed(msg, "Bad Request", "malformed To, From, Call-ID or CSeq");
	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (h->type == HDR_CONTACT_T && sip_contact_list_add(&contacts, slice_of(h->body)))
			return malformed(msg, "Bad Contact", "malformed Contact");
	return 1;
}
