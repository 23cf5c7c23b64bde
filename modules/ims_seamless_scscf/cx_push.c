/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the HSS sends of its own accord (TS 29.228 6.1.3, 6.2.2).
 *
 * The stock registrar takes the contacts of everybody who shares an identity that an RTR names, and
 * answers only if each has a record; to a PPR it says nothing. This handler comes before it (cdp asks
 * them in the order in which they came), does all of it, and leaves no request behind for stock.
 */
#include "modules/ims_seamless_scscf/core/sizes.h"
#include "modules/ims_seamless_scscf/cx.h"
#include "modules/ims_seamless_scscf/unregistered.h"
#include "modules/ims_seamless_scscf/user_data.h"

#define FLAG_REQUEST		0x80 /* RFC 6733 3 */
#define IDENTITIES_MAX		(SCSCF_IMPI_SETS_MAX * SCSCF_SET_IMPUS_MAX)
#define ERROR_USER_UNKNOWN	5001
#define ERROR_NOT_SUPPORTED	5009 /* DIAMETER_ERROR_NOT_SUPPORTED_USER_DATA */
#define RESULT_MISSING_AVP	5005
#define RESULT_UNABLE_TO_COMPLY 5012

static AAAMessage *answer(AAAMessage *request, uint32_t result, bool experimental)
{
	const struct cx_u32_avp members[] = {{AVP_Vendor_Id, CX_VENDOR_3GPP},
					     {AVP_IMS_Experimental_Result_Code, result}};
	AAAMessage *m = seamless_cdp.AAACreateResponse(request);
	bool ok;

	if (!m)
		return NULL;
	ok = cx_add_application(m) &&
	     cx_add_u32(m, AVP_Auth_Session_State, 0, CX_AUTH_SESSION_NO_STATE) &&
	     (experimental ? cx_add_group(m, AVP_IMS_Experimental_Result, members, 2)
			   : cx_add_u32(m, AVP_Result_Code, 0, result));
	if (!ok)
		seamless_cdp.AAAFreeMessage(&m);
	return m;
}

/* ---- RTR ---- */

static size_t read_identities(AAAMessage *rtr, struct slice *out, size_t max)
{
	AAA_AVP *avp = NULL;
	size_t n = 0;

	while (n < max && (avp = seamless_cdp.AAAFindMatchingAVP(rtr, avp, AVP_IMS_Public_Identity,
								 CX_VENDOR_3GPP, 0))) {
		out[n++] = slice_of(avp->data);
		avp = avp->next;
		if (!avp)
			break;
	}
	return n;
}

/* RFC 3680 5.1, TS 24.229 5.4.1.5: for good, or only from this S-CSCF. */
static enum scscf_contact_event event_of_reason(AAAMessage *rtr)
{
	str group = cx_data(rtr, AVP_IMS_Deregistration_Reason, CX_VENDOR_3GPP);
	int code = AVP_IMS_Deregistration_Reason_Permanent_Termination;
	AAA_AVP_LIST list;
	AAA_AVP *avp;

	if (!group.s)
		return SCSCF_CONTACT_REJECTED;
	list = seamless_cdp.AAAUngroupAVPS(group);
	avp = seamless_cdp.AAAFindMatchingAVPList(list, 0, AVP_IMS_Reason_Code, CX_VENDOR_3GPP, 0);
	if (avp)
		(void)cx_u32(avp->data, &code);
	seamless_cdp.AAAFreeAVPList(&list);
	return code == AVP_IMS_Deregistration_Reason_Permanent_Termination
		   ? SCSCF_CONTACT_REJECTED
		   : SCSCF_CONTACT_DEACTIVATED;
}

/* Without names it is about all of this IMPI (TS 29.228 6.1.3.1). */
static size_t all_identities(struct slice impi, struct slice *out, size_t max,
			     struct scscf_arena *a)
{
	struct scscf_model *m = seamless_lock();
	struct scscf_subscriber *s = scscf_model_subscriber(m, impi);
	size_t n = 0;

	for (struct scscf_implicit_set *set = s ? s->sets : NULL; set; set = set->next)
		for (size_t i = 0; i < set->n && n < max; i++)
			out[n++] = scscf_arena_text(a, set->impu[i].impu);
	seamless_unlock();
	return n;
}

/* Contacts of identities that the model does not know at all. Returns how many have a record. */
static size_t unbind_strangers(const struct slice *impus, size_t n)
{
	size_t records = 0;

	for (size_t i = 0; i < n; i++) {
		struct scscf_model *m = seamless_lock();
		bool known = scscf_model_set(m, SLICE_NULL, impus[i]) != NULL;

		seamless_unlock();
		records += usrloc_has_record(impus[i]);
		if (!known)
			usrloc_unbind_all(impus[i]);
	}
	return records;
}

static AAAMessage *on_rtr(AAAMessage *rtr)
{
	struct slice impi = slice_of(cx_data(rtr, AVP_User_Name, 0)), impus[IDENTITIES_MAX];
	size_t n = read_identities(rtr, impus, IDENTITIES_MAX), records, sets;
	bool named = n > 0;
	struct scscf_arena a = {0};
	struct scscf_effects e;
	struct scscf_model *m;

	if (!named)
		n = all_identities(impi, impus, IDENTITIES_MAX, &a);
	(void)unregistered_forget(impus, n);
	usrloc_no_sar(impus, n);
	records = unbind_strangers(impus, n);
	scscf_effects_init(&e);
	m = seamless_lock();
	scscf_hss_recalled(m, impi, impus, named ? n : 0);
	sets = scscf_model_deregister(m, impi, impus, named ? n : 0, event_of_reason(rtr),
				      SCSCF_END_BY_HSS, kam_now_ms(), &e);
	seamless_unlock();
	usrloc_follow_all(&e);
	effects_later(&e);
	scscf_arena_free(&a);
	counter_inc(seamless_counters.network_deregs);
	LM_INFO("RTR for %.*s: %zu identities, %zu sets\n", (int)impi.len, impi.p, n, sets);
	return records || sets ? answer(rtr, AAA_SUCCESS, false)
			       : answer(rtr, ERROR_USER_UNKNOWN, true);
}

/* ---- PPR ---- */

/* New identities get the contacts of the others: stock must have room for a document of all. */
static bool profile_fits(struct slice impi, const struct slice *impus, const bool *barred, size_t n)
{
	enum scscf_shadow room =
	    scscf_shadow_room(seamless_lock(), impi, impus, barred, n, SLICE_NULL, SLICE_NULL, 0);

	seamless_unlock();
	if (room != SCSCF_SHADOW_FULL)
		return true;
	LM_ERR("PPR for %.*s refused: %zu identities with these contacts are more than stock has "
	       "room for in its document\n",
	       (int)impi.len, impi.p, n);
	return false;
}

static AAAMessage *on_ppr(AAAMessage *ppr)
{
	str impi = cx_data(ppr, AVP_User_Name, 0), xml = cx_user_data(ppr), charging[4];
	struct slice impus[SCSCF_SET_IMPUS_MAX];
	bool barred[SCSCF_SET_IMPUS_MAX];
	ims_subscription *s;
	struct scscf_effects e;
	struct scscf_model *m;
	bool unregistered;
	size_t n;
	int rc;

	if (impi.len <= 0 || xml.len <= 0)
		return answer(ppr, RESULT_MISSING_AVP, false);
	s = user_data_parse(xml);
	if (!s)
		return answer(ppr, ERROR_NOT_SUPPORTED, true);
	cx_charging(ppr, charging);
	n = user_data_identities(s, impus, barred, SCSCF_SET_IMPUS_MAX);
	unregistered = unregistered_forget(impus, n);
	if (!slice_eq(slice_of(s->private_identity), slice_of(impi)))
		rc = USRLOC_E_UNKNOWN;
	else if (!profile_fits(slice_of(impi), impus, barred, n) || memory_scarce())
		rc = USRLOC_E_STOCK;
	else
		rc = usrloc_replace_profile(s, charging);
	if (!rc) {
		scscf_effects_init(&e);
		m = seamless_lock();
		scscf_hss_pushed(m, slice_of(impi));
		rc = scscf_model_change_set(m, slice_of(impi), impus, barred, n, kam_now_ms(), &e);
		seamless_unlock();
		/* A user who is registered, but whom the model does not know, is stock's alone. */
		if (rc == SCSCF_MODEL_E_UNKNOWN)
			rc = 0;
		effects_later(&e);
	}
	seamless_ul.unref_subscription(s);
	/* Who calls him next has the new profile fetched. */
	if (rc == USRLOC_E_UNKNOWN && unregistered)
		rc = 0;
	LM_INFO("PPR for %.*s: %s\n", impi.len, impi.s,
		!rc			 ? "done"
		: rc == USRLOC_E_UNKNOWN ? "not registered"
					 : "failed");
	if (!rc) {
		counter_inc(seamless_counters.profile_changes);
		return answer(ppr, AAA_SUCCESS, false);
	}
	return rc == USRLOC_E_UNKNOWN ? answer(ppr, ERROR_USER_UNKNOWN, true)
				      : answer(ppr, RESULT_UNABLE_TO_COMPLY, false);
}

static AAAMessage *on_request(AAAMessage *request, void *param)
{
	AAAMessage *m;

	if (request->applicationId != IMS_Cx ||
	    (request->commandCode != IMS_RTR && request->commandCode != IMS_PPR))
		return NULL;
	seamless_cfg_update();
	m = request->commandCode == IMS_RTR ? on_rtr(request) : on_ppr(request);
	/* The stock registrar's handler looks at requests only. */
	request->flags &= ~FLAG_REQUEST;
	return m;
}

/* It has had its turn: cdp must find the request as it was. */
static AAAMessage *on_request_over(AAAMessage *request, void *param)
{
	request->flags |= FLAG_REQUEST;
	return NULL;
}

int cx_push_init(void)
{
	return seamless_cdp.AAAAddRequestHandler(on_request, NULL) ? 0 : -1;
}

int cx_push_init_last(void)
{
	return seamless_cdp.AAAAddRequestHandler(on_request_over, NULL) ? 0 : -1;
}
