/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What strangers write at the border: header bodies under each rule of the table, tickets and routes
 * of dialogs, texts of rules, Record-Route of an answer. The first octet chooses the rule. What must
 * not pass does not pass, and no made-up ticket opens.
 */
#include "modules/ims_border/core/header_edit.h"
#include "modules/ims_border/core/record_routes.h"
#include "modules/ims_border/core/ticket.h"
#include "sip/option_tags.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void edit(enum border_action action, struct slice body)
{
	const struct border_privacy shown = {false, false}, hidden = {true, true};
	char buf[1024], again[1024];
	size_t len, len2;
	enum border_edit e = border_edit(action, body, &shown, buf, sizeof(buf), &len);
	struct slice left = e == BORDER_KEEP ? body : slice_make(buf, len);

	if (e == BORDER_DROP)
		return;
	/* What is left is left again. */
	if (border_edit(action, left, &shown, again, sizeof(again), &len2) != BORDER_KEEP)
		abort();
	if (action == BORDER_NO_SEC_AGREE && sip_option_tags_has(left, SLICE_LIT("sec-agree")) == 1)
		abort();
	if (action == BORDER_NOT_WITH_ID &&
	    border_edit(action, body, &hidden, buf, sizeof(buf), &len) != BORDER_DROP)
		abort();
}

static void open_ticket(struct slice text)
{
	static struct hmac_sha256_key key;
	static const uint8_t nonce[BORDER_TICKET_NONCE];
	struct border_dialog d = {.impi = SLICE_LIT("a@b"),
				  .call_id = slice_cut(&text, '\n'),
				  .far_tag = slice_cut(&text, '\n')};
	struct slice ticket = slice_cut(&text, '\n');
	char made[BORDER_TICKET_MAX], icid[BORDER_ICID_MAX];

	hmac_sha256_key(&key, "k", 1);
	while (text.p && d.routes_n < BORDER_ROUTES_MAX)
		d.route[d.routes_n++] = slice_cut(&text, '\n');
	if (border_ticket_open(&key, &d, ticket, icid) == 0)
		abort();
	if (border_ticket_make(&key, &d, "i", nonce, made) == 0 &&
	    border_ticket_open(&key, &d, slice_str(made), icid))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct border_table table;
	struct border_privacy privacy = {false, false};
	char icid[BORDER_ICID_MAX];
	struct slice text, body;

	if (!size)
		return 0;
	text = slice_make((const char *)data + 1, size - 1);
	if (data[0] % (BORDER_ACTIONS + 2) < BORDER_ACTIONS) {
		edit((enum border_action)(data[0] % (BORDER_ACTIONS + 2)), text);
		return 0;
	}
	if (data[0] % (BORDER_ACTIONS + 2) == BORDER_ACTIONS) {
		open_ticket(text);
		return 0;
	}
	border_privacy_add(&privacy, text);
	if (border_icid_read(text, icid) == 0 && !icid[0])
		abort();
	border_table_init(&table);
	border_table_rule(&table, text);
	if (border_table_action(&table, SLICE_LIT("WWW-Authenticate"), BORDER_CORE_ANSWER) !=
	    BORDER_NO_KEYS)
		abort();
	while (border_raw_header_next(&text, "Record-Route", &body))
		if (body.len &&
		    (body.p < (const char *)data || body.p + body.len > (const char *)data + size))
			abort();
	return 0;
}
