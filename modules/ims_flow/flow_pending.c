/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_flow/flow_pending.h"

#define EVICT_STEPS 256

static bool asked_before(const struct flow_set *f, const struct flow_attempt *a)
{
	if (!flow_ip_eq(&f->ue, &a->ue) || f->ue_port != a->ue_port)
		return false;
	for (int i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state == SA_TEMPORARY && f->sa[i].port_us == a->sa.port_us)
			return true;
	return false;
}

void flow_pending_limit(struct flow_table *t, const struct flow_attempt *a, struct flow_effects *fx)
{
	struct slice impi = slice_str(a->impi);
	struct flow_set *f = flow_by_impi(t, impi, NULL), *oldest = NULL;
	unsigned pending = 0;

	while (f) {
		struct flow_set *next = flow_by_impi(t, impi, f);

		if (f->state == FLOW_PENDING && asked_before(f, a)) {
			flow_remove(t, f, fx);
		} else if (f->state == FLOW_PENDING) {
			pending++;
			if (!oldest || f->made_ms <= oldest->made_ms)
				oldest = f;
		}
		f = next;
	}
	if (pending >= FLOW_PENDING_MAX)
		flow_remove(t, oldest, fx);
}

bool flow_pending_evict(struct flow_table *t, struct flow_effects *fx)
{
	for (unsigned i = 0; i < EVICT_STEPS; i++) {
		struct flow_set *f = flow_under_hand(t);

		if (f && f->state == FLOW_PENDING) {
			flow_remove(t, f, fx);
			return true;
		}
	}
	return false;
}

bool flow_has_ue_spi(const struct flow_set *f, const struct sa_set *sa)
{
	for (int i = 0; i < FLOW_SA_SETS; i++)
		if (f->sa[i].state != SA_FREE &&
		    (f->sa[i].spi_uc == sa->spi_uc || f->sa[i].spi_us == sa->spi_us ||
		     f->sa[i].spi_uc == sa->spi_us || f->sa[i].spi_us == sa->spi_uc))
			return true;
	return false;
}

void flow_pending_remove_namesake(struct flow_table *t, const struct flow_attempt *a,
				  struct flow_effects *fx)
{
	struct slice impi = slice_str(a->impi);
	struct flow_set *f = flow_by_impi(t, impi, NULL);

	while (f) {
		struct flow_set *next = flow_by_impi(t, impi, f);

		if (!flow_alive(f) && f->id != a->set_id && flow_ip_eq(&f->ue, &a->ue) &&
		    flow_has_ue_spi(f, &a->sa))
			flow_remove(t, f, fx);
		f = next;
	}
}
