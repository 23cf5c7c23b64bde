/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stock save() removes contacts without telling anybody: after a REGISTER that may have removed
 * one, the model is compared with usrloc.
 */
#include "modules/ims_seamless_scscf/save.h"
#include "../../core/mem/shm_mem.h"

static void on_stock_answer(struct cell *t, int type, struct tmcb_params *ps)
{
	const str *impi = *ps->param;

	if (ps->code >= 200)
		usrloc_verify_later(slice_of(*impi));
}

static void free_impi(void *impi)
{
	shm_free(impi);
}

/* Stock has removed what it will when it answers. */
static void verify_when_answered(struct sip_msg *msg, struct slice impi)
{
	str *copy = shm_malloc(sizeof(*copy) + impi.len);

	if (!copy) {
		counter_inc(seamless_counters.no_memory);
		return;
	}
	copy->s = memcpy(copy + 1, impi.p, impi.len);
	copy->len = (int)impi.len;
	if (seamless_tm.register_tmcb(msg, NULL, TMCB_RESPONSE_OUT, on_stock_answer, copy,
				      free_impi) <= 0)
		shm_free(copy);
}

void save_watch_stock(struct sip_msg *msg)
{
	struct sip_contact_list contacts;
	struct scscf_register_request rq;
	struct scscf_arena a = {0};
	const char *why;
	bool removes = false;

	if (!read_register(msg, &a, &contacts, &rq, &why)) {
		removes = contacts.star || (rq.has_expires && !rq.expires);
		for (size_t i = 0; i < contacts.n; i++)
			removes = removes ||
				  (contacts.contact[i].has_expires && !contacts.contact[i].expires);
		if (removes)
			verify_when_answered(msg, rq.impi);
	}
	scscf_arena_free(&a);
}
