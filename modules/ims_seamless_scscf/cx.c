/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Server-Assignment-Request and -Answer (TS 29.229) over the stock cdp module. */
#include "modules/ims_seamless_scscf/cx.h"

#define USER_DATA_AVP 606

static void put_u32(char out[4], uint32_t v)
{
	out[0] = (char)(v >> 24);
	out[1] = (char)(v >> 16);
	out[2] = (char)(v >> 8);
	out[3] = (char)v;
}

int cx_u32(str data, int *out)
{
	const unsigned char *p = (const unsigned char *)data.s;

	if (data.len != 4)
		return -1;
	*out = (int)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
	return 0;
}

bool cx_add(AAAMessage *m, int code, int vendor, const char *data, size_t len)
{
	int flags = AAA_AVP_FLAG_MANDATORY | (vendor ? AAA_AVP_FLAG_VENDOR_SPECIFIC : 0);
	AAA_AVP *avp =
	    seamless_cdp.AAACreateAVP(code, flags, vendor, (char *)data, len, AVP_DUPLICATE_DATA);

	if (!avp)
		return false;
	if (seamless_cdp.AAAAddAVPToMessage(m, avp, m->avpList.tail) != AAA_ERR_SUCCESS) {
		seamless_cdp.AAAFreeAVP(&avp);
		return false;
	}
	return true;
}

bool cx_add_u32(AAAMessage *m, int code, int vendor, uint32_t v)
{
	char buf[4];

	put_u32(buf, v);
	return cx_add(m, code, vendor, buf, 4);
}

bool cx_add_application(AAAMessage *m)
{
	AAA_AVP_LIST list = {0};
	char v[4], app[4];
	AAA_AVP *avp;
	str group;
	bool ok;

	put_u32(v, CX_VENDOR_3GPP);
	put_u32(app, IMS_Cx);
	avp = seamless_cdp.AAACreateAVP(AVP_Vendor_Id, AAA_AVP_FLAG_MANDATORY, 0, v, 4,
					AVP_DUPLICATE_DATA);
	seamless_cdp.AAAAddAVPToList(&list, avp);
	avp = seamless_cdp.AAACreateAVP(AVP_Auth_Application_Id, AAA_AVP_FLAG_MANDATORY, 0, app, 4,
					AVP_DUPLICATE_DATA);
	seamless_cdp.AAAAddAVPToList(&list, avp);
	group = seamless_cdp.AAAGroupAVPS(list);
	seamless_cdp.AAAFreeAVPList(&list);
	ok = group.s && cx_add(m, AVP_Vendor_Specific_Application_Id, 0, group.s, group.len);
	if (group.s)
		shm_free(group.s);
	return ok;
}

str cx_data(AAAMessage *m, int code, int vendor)
{
	AAA_AVP *avp = m ? seamless_cdp.AAAFindMatchingAVP(m, 0, code, vendor, 0) : NULL;
	str none = {0, 0};

	return avp ? avp->data : none;
}

/* Result-Code, else Experimental-Result-Code; exactly one of them stands in an answer. */
static int result_of(AAAMessage *saa)
{
	str data = cx_data(saa, AVP_Result_Code, 0);
	AAA_AVP_LIST list;
	AAA_AVP *avp;
	int code;

	if (data.s)
		return cx_u32(data, &code) ? SAA_MALFORMED : code;
	data = cx_data(saa, AVP_IMS_Experimental_Result, 0);
	if (!data.s)
		return SAA_MALFORMED;
	list = seamless_cdp.AAAUngroupAVPS(data);
	avp = seamless_cdp.AAAFindMatchingAVPList(list, 0, AVP_IMS_Experimental_Result_Code, 0, 0);
	code = avp && !cx_u32(avp->data, &code) ? code : SAA_MALFORMED;
	seamless_cdp.AAAFreeAVPList(&list);
	return code;
}

static void on_answer(int is_timeout, void *arg, AAAMessage *saa, long elapsed_ms)
{
	int result = is_timeout || !saa ? SAA_NO_ANSWER : result_of(saa);

	cx_saa_arrived(arg, result == AAA_SUCCESS ? 0 : result, saa);
	if (saa)
		seamless_cdp.AAAFreeMessage(&saa);
}

int cx_send_sar(struct slice impi, struct slice impu, int assignment_type, int user_data_available,
		void *arg)
{
	AAASession *session = seamless_cdp.AAACreateSession(0);
	AAAMessage *sar = seamless_cdp.AAACreateRequest(IMS_Cx, IMS_SAR, Flag_Proxyable, session);
	bool ok;

	if (session)
		seamless_cdp.AAADropSession(session);
	if (!sar)
		return -1;
	ok = cx_add(sar, AVP_Destination_Realm, 0, seamless_params.cxdx_dest_realm.s,
		    seamless_params.cxdx_dest_realm.len) &&
	     cx_add_application(sar) &&
	     cx_add_u32(sar, AVP_Auth_Session_State, 0, CX_AUTH_SESSION_NO_STATE) &&
	     cx_add(sar, AVP_IMS_Public_Identity, CX_VENDOR_3GPP, impu.p, impu.len) &&
	     cx_add(sar, AVP_IMS_Server_Name, CX_VENDOR_3GPP, seamless_params.scscf_name.s,
		    seamless_params.scscf_name.len) &&
	     cx_add(sar, AVP_User_Name, 0, impi.p, impi.len) &&
	     cx_add_u32(sar, AVP_IMS_Server_Assignment_Type, CX_VENDOR_3GPP,
			(uint32_t)assignment_type) &&
	     cx_add_u32(sar, AVP_IMS_User_Data_Already_Available, CX_VENDOR_3GPP,
			(uint32_t)user_data_available);
	if (!ok) {
		seamless_cdp.AAAFreeMessage(&sar);
		return -1;
	}
	/* A message that is not sent is freed by cdp, and the callback is not called. */
	if (seamless_params.cxdx_forced_peer.len)
		ok = seamless_cdp.AAASendMessageToPeer(sar, &seamless_params.cxdx_forced_peer,
						       (void *)on_answer, arg) == 1;
	else
		ok = seamless_cdp.AAASendMessage(sar, (void *)on_answer, arg) == 1;
	return ok ? 0 : -1;
}

str cx_user_data(AAAMessage *saa)
{
	return cx_data(saa, USER_DATA_AVP, CX_VENDOR_3GPP);
}

void cx_charging(AAAMessage *saa, str out[4])
{
	static const int codes[4] = {
	    AVP_IMS_Primary_Charging_Collection_Function_Name,
	    AVP_IMS_Secondary_Charging_Collection_Function_Name,
	    AVP_IMS_Primary_Event_Charging_Function_Name,
	    AVP_IMS_Secondary_Event_Charging_Function_Name,
	};
	str group = cx_data(saa, AVP_IMS_Charging_Information, CX_VENDOR_3GPP);
	AAA_AVP_LIST list;

	memset(out, 0, 4 * sizeof(*out));
	if (!group.s)
		return;
	list = seamless_cdp.AAAUngroupAVPS(group);
	for (int i = 0; i < 4; i++) {
		AAA_AVP *avp =
		    seamless_cdp.AAAFindMatchingAVPList(list, 0, codes[i], CX_VENDOR_3GPP, 0);

		/* The data lies in the message, which outlives the list. */
		if (avp && avp->data.s >= group.s &&
		    avp->data.s + avp->data.len <= group.s + group.len)
			out[i] = avp->data;
	}
	seamless_cdp.AAAFreeAVPList(&list);
}
