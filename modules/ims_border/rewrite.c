/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table applied to a message of Kamailio, and what is written anew. */
#include "modules/ims_border/border.h"

#include "../../core/usr_avp.h"

#include <sys/random.h>

/* A header larger than this that must be edited is cut (header_edit.h). */
#define EDIT_MAX 4096

static int apply(sip_msg_t *msg, struct hdr_field *h, enum border_action action,
		 const struct border_privacy *privacy)
{
	static char buf[EDIT_MAX];
	size_t len;

	switch (border_edit(action, kam_header_body(h), privacy, buf, sizeof(buf), &len)) {
	case BORDER_DROP:
		counter_inc(border_counters.cut);
		return kam_header_remove(msg, h);
	case BORDER_REPLACE:
		counter_inc(border_counters.changed);
		return kam_header_replace(msg, h, slice_make(buf, len));
	case BORDER_KEEP:
		break;
	}
	return 0;
}

void border_blank(sip_msg_t *msg, enum border_way way)
{
	if ((msg->parsed_flag & HDR_EOH_F) != HDR_EOH_F)
		kam_headers_blank_unread(msg);
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		enum border_action action =
		    border_table_action(&border_table, slice_of(h->name), way);

		if (action != BORDER_PASS && action != BORDER_FLOW)
			kam_header_blank(h);
	}
}

int border_rewrite(sip_msg_t *msg, enum border_way way)
{
	struct border_privacy privacy = {false, false};

	for (struct hdr_field *h = msg->headers; h; h = h->next)
		if (kam_header_is(h, "Privacy"))
			border_privacy_add(&privacy, kam_header_body(h));
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		enum border_action action =
		    border_table_action(&border_table, slice_of(h->name), way);

		/* It needs the request to compare with: answers.c. */
		if (action == BORDER_PASS || action == BORDER_AS_SENT)
			continue;
		if (apply(msg, h, action, &privacy) == 0)
			continue;
		counter_inc(border_counters.no_memory);
		border_blank(msg, way);
		return -1;
	}
	return 0;
}

/* Kamailio ends the headers at any empty line, of an LF alone too; others read on to CRLF CRLF. */
static bool ends_with_crlf(const sip_msg_t *msg)
{
	const char *end = msg->unparsed;

	return end - msg->buf >= 2 && msg->buf + msg->len - end >= 2 &&
	       !memcmp(end - 2, "\r\n\r\n", 4);
}

bool border_hides(const sip_msg_t *msg)
{
	const char *end = msg->unparsed;

	if (!ends_with_crlf(msg))
		return true;
	for (const char *at = msg->buf; at < end; at++)
		if (*at == '\0' || (*at == '\r' && (at + 1 == end || at[1] != '\n')))
			return true;
	return false;
}

int border_new_icid(char icid[BORDER_ICID_MAX])
{
	uint8_t random[16];

	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		LM_ERR("no random numbers from the kernel\n");
		return -1;
	}
	border_icid_make(random, icid);
	return 0;
}

int border_add_charging(sip_msg_t *msg, const char *icid, bool answer)
{
	const struct border_charging c = {
	    .icid = icid,
	    .generated_at = answer ? SLICE_NULL : slice_of(border_params.icid_generated_at),
	    .orig_ioi = answer ? SLICE_NULL : slice_of(border_params.orig_ioi),
	    .term_ioi = answer ? slice_of(border_params.term_ioi) : SLICE_NULL};
	char line[512];
	int n = border_charging_write(&c, line, sizeof(line));

	return n < 0 ? -1 : kam_header_add_last(msg, slice_make(line, (size_t)n));
}

static int_str note_name(void)
{
	int_str name;

	name.s = (str)str_init("ims_border_note");
	return name;
}

int border_note_store(const struct border_note *n)
{
	int_str value;

	value.s.s = (char *)n;
	value.s.len = sizeof(*n);
	if (add_avp(AVP_NAME_STR | AVP_VAL_STR, note_name(), value) < 0) {
		LM_ERR("no memory for a note\n");
		return -1;
	}
	return 0;
}

int border_note_load(struct border_note *n)
{
	int_str value;

	if (!search_first_avp(AVP_NAME_STR | AVP_VAL_STR, note_name(), &value, NULL) ||
	    value.s.len != (int)sizeof(*n))
		return -1;
	memcpy(n, value.s.s, sizeof(*n));
	return 0;
}

int border_note_of(struct cell *t, struct border_note *n)
{
	avp_list_t *before = set_avp_list(AVP_TRACK_FROM | AVP_CLASS_URI, &t->uri_avps_from);
	int rc = border_note_load(n);

	set_avp_list(AVP_TRACK_FROM | AVP_CLASS_URI, before);
	return rc;
}
