/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AVPs of Cx messages. */
#include "modules/ims_seamless_scscf/cx.h"
#include "../../core/mem/shm_mem.h"

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

static AAA_AVP *make(int code, int vendor, const char *data, size_t len)
{
	int flags = AAA_AVP_FLAG_MANDATORY | (vendor ? AAA_AVP_FLAG_VENDOR_SPECIFIC : 0);

	return seamless_cdp.AAACreateAVP(code, flags, vendor, (char *)data, len,
					 AVP_DUPLICATE_DATA);
}

bool cx_add(AAAMessage *m, int code, int vendor, const char *data, size_t len)
{
	AAA_AVP *avp = make(code, vendor, data, len);

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

/* cdp's AAAAddAVPToList() does not look whether there is an AVP. */
static bool add_u32_to(AAA_AVP_LIST *list, int code, uint32_t v)
{
	char buf[4];
	AAA_AVP *avp;

	put_u32(buf, v);
	avp = make(code, 0, buf, 4);
	if (avp)
		seamless_cdp.AAAAddAVPToList(list, avp);
	return avp != NULL;
}

bool cx_add_group(AAAMessage *m, int code, const struct cx_u32_avp *members, size_t n)
{
	AAA_AVP_LIST list = {0};
	str group = STR_NULL;
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++)
		ok = add_u32_to(&list, members[i].code, members[i].value);
	if (ok)
		group = seamless_cdp.AAAGroupAVPS(list);
	seamless_cdp.AAAFreeAVPList(&list);
	ok = group.s && cx_add(m, code, 0, group.s, group.len);
	if (group.s)
		shm_free(group.s);
	return ok;
}

bool cx_add_application(AAAMessage *m)
{
	static const struct cx_u32_avp members[] = {{AVP_Vendor_Id, CX_VENDOR_3GPP},
						    {AVP_Auth_Application_Id, IMS_Cx}};

	return cx_add_group(m, AVP_Vendor_Specific_Application_Id, members, 2);
}

str cx_data(AAAMessage *m, int code, int vendor)
{
	AAA_AVP *avp = m ? seamless_cdp.AAAFindMatchingAVP(m, 0, code, vendor, 0) : NULL;
	str none = {0, 0};

	return avp ? avp->data : none;
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
