/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The questions to the HSS about a REGISTER, and its answers. */
#include "modules/ims_seamless_scscf/save.h"

static int assignment_type(const struct scscf_plan_set *s)
{
	if (s->deregisters)
		return AVP_IMS_SAR_USER_DEREGISTRATION;
	return s->known ? AVP_IMS_SAR_RE_REGISTRATION : AVP_IMS_SAR_REGISTRATION;
}

/* Charging functions of the first answer that names any. Only one answer at a time carries them for
 * set 0. */
static void keep_charging(struct save *p, AAAMessage *saa)
{
	str cf[4];
	size_t at = 0;

	cx_charging(saa, cf);
	for (int i = 0; i < 4; i++) {
		if (cf[i].len <= 0 || at + (size_t)cf[i].len > sizeof(p->charging_text))
			continue;
		memcpy(p->charging_text + at, cf[i].s, (size_t)cf[i].len);
		p->charging[i].s = p->charging_text + at;
		p->charging[i].len = cf[i].len;
		at += (size_t)cf[i].len;
	}
}

static void note_answer(struct save *p, size_t set, enum scscf_hss_answer answer)
{
	const struct scscf_plan_set *s = &p->reg->sets[set];

	(void)seamless_lock();
	scscf_hss_answered(p->reg->talk, s->asked, !s->deregisters, answer);
	seamless_unlock();
}

/* In a process of cdp, or in the worker that asks. */
static void on_answer(struct cx_question *cx, int result, AAAMessage *saa)
{
	struct save_question *q = (struct save_question *)cx;
	struct save *p = q->save;
	const struct scscf_plan_set *s = &p->reg->sets[q->set];
	str xml = saa ? cx_user_data(saa) : (str)STR_NULL;

	note_answer(p, q->set, cx_hss_answer(result));
	if (result) {
		LM_INFO("SAR for %.*s: %s (%d)\n", (int)s->impu.len, s->impu.p,
			result == CX_NO_ANSWER ? "no answer" : "refused", result);
		mb_atomic_inc(&p->failed);
		if (result > 0)
			mb_atomic_inc(&p->refused);
	} else if (xml.s && xml.len > 0 && !s->deregisters) {
		p->profile[q->set] = user_data_parse(xml);
		if (q->set == 0)
			keep_charging(p, saa);
	}
	/* Without it there would be no record, and who has none cannot be called. */
	if (!result && !s->deregisters && !p->profile[q->set] && (!s->known || p->lost[q->set]))
		mb_atomic_inc(&p->failed);
	if (kam_wait_done(&p->wait))
		p->all_answered(p);
}

void save_look_for_records(struct save *p)
{
	for (size_t i = 0; i < p->reg->sets_n; i++) {
		struct scscf_plan_set *s = &p->reg->sets[i];

		if (!s->known || s->deregisters || !p->reg->contact ||
		    usrloc_has_records(s->impus, s->impus_n))
			continue;
		p->lost[i] = s->sar = true;
		counter_inc(seamless_counters.records_healed);
		LM_INFO("usrloc has lost a record of the set of %.*s\n", (int)s->impu.len,
			s->impu.p);
	}
}

bool save_must_ask(const struct save *p)
{
	for (size_t i = 0; i < p->reg->sets_n; i++)
		if (p->reg->sets[i].sar)
			return true;
	return false;
}

static int ask(struct save *p, size_t i)
{
	const struct scscf_plan_set *s = &p->reg->sets[i];
	const struct cx_sar sar = {
	    .impi = p->reg->rq.impi,
	    .impu = s->impu,
	    .assignment_type = assignment_type(s),
	    .user_data_available = s->known && !p->lost[i] ? AVP_IMS_SAR_USER_DATA_ALREADY_AVAILABLE
							   : AVP_IMS_SAR_USER_DATA_NOT_AVAILABLE,
	};
	struct save_question *q = &p->question[i];

	q->cx.answered = on_answer;
	q->save = p;
	q->set = i;
	(void)seamless_lock();
	scscf_hss_asked(p->reg->talk, s->asked, !s->deregisters);
	seamless_unlock();
	kam_wait_expect(&p->wait);
	if (!cx_send_sar(&sar, &q->cx))
		return 0;
	note_answer(p, i, SCSCF_HSS_REFUSED);
	return -1;
}

int save_ask_hss(struct save *p)
{
	bool sent = false;

	for (size_t i = 0; i < p->reg->sets_n; i++) {
		if (!p->reg->sets[i].sar)
			continue;
		if (!ask(p, i)) {
			sent = true;
			continue;
		}
		/* No peer: the others would not go either. The asker still counts himself. */
		mb_atomic_inc(&p->failed);
		(void)kam_wait_done(&p->wait);
		break;
	}
	if (!sent)
		return -1;
	if (kam_wait_done(&p->wait))
		p->all_answered(p);
	return 0;
}
