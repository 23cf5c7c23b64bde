/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Server-Assignment-Request and -Answer. */
#include "modules/ims_seamless_scscf/cx.h"
#include "../../core/mem/shm_mem.h"

/* Result-Code, else Experimental-Result-Code; exactly one of them stands in an answer. */
static int result_of(AAAMessage *saa)
{
	str data = cx_data(saa, AVP_Result_Code, 0);
	AAA_AVP_LIST list;
	AAA_AVP *avp;
	int code;

	if (data.s)
		return cx_u32(data, &code) ? CX_MALFORMED : code;
	data = cx_data(saa, AVP_IMS_Experimental_Result, 0);
	if (!data.s)
		return CX_MALFORMED;
	list = seamless_cdp.AAAUngroupAVPS(data);
	avp = seamless_cdp.AAAFindMatchingAVPList(list, 0, AVP_IMS_Experimental_Result_Code, 0, 0);
	code = avp && !cx_u32(avp->data, &code) ? code : CX_MALFORMED;
	seamless_cdp.AAAFreeAVPList(&list);
	return code;
}

static void on_answer(int is_timeout, void *arg, AAAMessage *saa, long elapsed_ms)
{
	int result = is_timeout || !saa ? CX_NO_ANSWER : result_of(saa);
	struct cx_question *q = arg;

	seamless_cfg_update();
	q->answered(q, result == AAA_SUCCESS ? 0 : result, saa);
	if (saa)
		seamless_cdp.AAAFreeMessage(&saa);
}

static AAAMessage *make_sar(const struct cx_sar *sar)
{
	AAASession *session = seamless_cdp.AAACreateSession(0);
	AAAMessage *m = seamless_cdp.AAACreateRequest(IMS_Cx, IMS_SAR, Flag_Proxyable, session);
	const str realm = seamless_params.cxdx_dest_realm, name = seamless_params.scscf_name;
	bool ok;

	if (session)
		seamless_cdp.AAADropSession(session);
	if (!m)
		return NULL;
	/* cdp sends by the Session-Id without looking whether there is one. */
	ok = m->sessionId && cx_add(m, AVP_Destination_Realm, 0, realm.s, realm.len) &&
	     cx_add_application(m) &&
	     cx_add_u32(m, AVP_Auth_Session_State, 0, CX_AUTH_SESSION_NO_STATE) &&
	     cx_add(m, AVP_IMS_Public_Identity, CX_VENDOR_3GPP, sar->impu.p, sar->impu.len) &&
	     cx_add(m, AVP_IMS_Server_Name, CX_VENDOR_3GPP, name.s, name.len) &&
	     (!sar->impi.len || cx_add(m, AVP_User_Name, 0, sar->impi.p, sar->impi.len)) &&
	     cx_add_u32(m, AVP_IMS_Server_Assignment_Type, CX_VENDOR_3GPP,
			(uint32_t)sar->assignment_type) &&
	     cx_add_u32(m, AVP_IMS_User_Data_Already_Available, CX_VENDOR_3GPP,
			(uint32_t)sar->user_data_available);
	if (!ok)
		seamless_cdp.AAAFreeMessage(&m);
	return m;
}

/*
 * cdp sends a request whose transaction it has no memory for, and then nobody is told of its answer.
 * Room for one, so that this takes a shortage that begins in this very moment.
 */
static bool room_for_transaction(void)
{
	void *p = shm_malloc(512);

	if (p)
		shm_free(p);
	return p != NULL;
}

int cx_send_sar(const struct cx_sar *sar, struct cx_question *q)
{
	AAAMessage *m = room_for_transaction() ? make_sar(sar) : NULL;
	bool ok;

	if (!m)
		return -1;
	/* A message that is not sent is freed by cdp, and the callback is not called. */
	if (seamless_params.cxdx_forced_peer.len)
		ok = seamless_cdp.AAASendMessageToPeer(m, &seamless_params.cxdx_forced_peer,
						       (void *)on_answer, q) == 1;
	else
		ok = seamless_cdp.AAASendMessage(m, (void *)on_answer, q) == 1;
	return ok ? 0 : -1;
}

enum scscf_hss_answer cx_hss_answer(int result)
{
	if (!result)
		return SCSCF_HSS_DONE;
	return result > 0 ? SCSCF_HSS_REFUSED : SCSCF_HSS_LOST;
}

/* ---- outside of REGISTERs ---- */

static const struct {
	int assignment_type;
	bool registered, correction;
} tells[] = {
    [CX_TELL_RAN_OUT] = {AVP_IMS_SAR_TIMEOUT_DEREGISTRATION, false, false},
    [CX_TELL_ADMINISTRATIVE] = {AVP_IMS_SAR_ADMINISTRATIVE_DEREGISTRATION, false, false},
    [CX_TELL_REGISTERED] = {AVP_IMS_SAR_REGISTRATION, true, true},
    [CX_TELL_NOT_REGISTERED] = {AVP_IMS_SAR_USER_DEREGISTRATION, false, true},
};

struct tell {
	struct cx_question cx; /* first */
	enum cx_tell what;
	struct scscf_hss_talk *talk;
	size_t impu_len;
	char impu[];
};

static void tell_over(struct tell *t, enum scscf_hss_answer answer)
{
	struct slice impu = slice_make(t->impu, t->impu_len);
	struct scscf_effects e;
	struct scscf_model *m;

	scscf_effects_init(&e);
	m = seamless_lock();
	scscf_hss_answered(t->talk, impu, tells[t->what].registered, answer);
	scscf_hss_end(m, t->talk, &e);
	seamless_unlock();
	shm_free(t);
	effects_later(&e);
}

static void on_tell_answered(struct cx_question *q, int result, AAAMessage *saa)
{
	struct tell *t = (struct tell *)q;
	enum scscf_hss_answer answer = cx_hss_answer(result);

	if (result) {
		counter_inc(seamless_counters.hss_failures);
		LM_INFO("SAR of type %d for %.*s: %d\n", tells[t->what].assignment_type,
			(int)t->impu_len, t->impu, result);
	}
	if (answer == SCSCF_HSS_LOST && tells[t->what].correction)
		answer = SCSCF_HSS_GIVEN_UP;
	tell_over(t, answer);
}

static struct tell *tell_make(struct slice impi, struct slice impu, enum cx_tell what)
{
	struct tell *t = shm_malloc(sizeof(*t) + impu.len);
	struct scscf_model *m;

	if (!t)
		return NULL;
	t->cx.answered = on_tell_answered;
	t->what = what;
	t->impu_len = impu.len;
	memcpy(t->impu, impu.p, impu.len);
	m = seamless_lock();
	t->talk = scscf_hss_begin(m, impi);
	if (t->talk && scscf_hss_note(m, t->talk, impu)) {
		scscf_hss_end(m, t->talk, NULL);
		t->talk = NULL;
	}
	if (t->talk)
		scscf_hss_asked(t->talk, impu, tells[what].registered);
	seamless_unlock();
	if (t->talk)
		return t;
	shm_free(t);
	return NULL;
}

void cx_tell(struct slice impi, struct slice impu, enum cx_tell what)
{
	const struct cx_sar sar = {
	    .impi = impi,
	    .impu = impu,
	    .assignment_type = tells[what].assignment_type,
	    .user_data_available = AVP_IMS_SAR_USER_DATA_ALREADY_AVAILABLE,
	};
	struct tell *t = tell_make(impi, impu, what);

	if (!t) {
		counter_inc(seamless_counters.no_memory);
		return;
	}
	if (cx_send_sar(&sar, &t->cx)) {
		counter_inc(seamless_counters.hss_failures);
		LM_INFO("SAR of type %d for %.*s not sent\n", sar.assignment_type, (int)impu.len,
			impu.p);
		tell_over(t, SCSCF_HSS_REFUSED);
	}
}
