/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seamless_check(): what can be refused before anybody is challenged. */
#include "modules/ims_seamless_scscf/save.h"
#include "../../core/data_lump_rpl.h"

static int refuse(struct sip_msg *msg, int status, const char *reason, const char *header)
{
	str r = {(char *)reason, (int)strlen(reason)};

	if (header && !add_lump_rpl(msg, (char *)header, (int)strlen(header), LUMP_RPL_HDR))
		return 0;
	(void)seamless_sl.freply(msg, status, &r);
	return 0;
}

/*
 * 1: go on. 0: refused, a reply was sent. An option tag in Require that is not ours is the cfg's
 * business; ours while switched off is 420. A REGISTER that is malformed in what the save would
 * read is 400 at once, without a challenge.
 */
int seamless_check(struct sip_msg *msg)
{
	int tag = read_requires(msg, SLICE_LIT("seamless-ims"));
	struct contact_list contacts = {0};
	struct dialog_ids ids;
	struct slice value;

	if (tag < 0) {
		counter_inc(seamless_cnt.malformed);
		LM_INFO("malformed Require or Proxy-Require\n");
		return refuse(msg, 400, "Bad Require", NULL);
	}
	if (tag == 0)
		return 1;
	if (!seamless_params.enabled) {
		counter_inc(seamless_cnt.unsupported);
		LM_INFO("seamless-ims required, but switched off\n");
		return refuse(msg, 420, "Bad Extension", "Unsupported: seamless-ims\r\n");
	}
	if (msg->REQ_METHOD != METHOD_REGISTER)
		return 1;
	if (read_dialog_ids(msg, &ids) ||
	    sip_param_get(ids.to_params, SLICE_LIT("imsglobreg"), &value) < 0) {
		counter_inc(seamless_cnt.malformed);
		LM_INFO("malformed To, From, Call-ID or CSeq\n");
		return refuse(msg, 400, "Bad Request", NULL);
	}
	for (struct hdr_field *h = msg->headers; h; h = h->next) {
		if (h->type != HDR_CONTACT_T || !contact_list_add(&contacts, slice_of(h->body)))
			continue;
		counter_inc(seamless_cnt.malformed);
		LM_INFO("malformed Contact\n");
		return refuse(msg, 400, "Bad Contact", NULL);
	}
	return 1;
}
