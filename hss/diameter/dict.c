/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/dict.h"

#include <stdbool.h>

struct cx_dict cx_dict;

static const struct {
	avp_code_t code;
	vendor_id_t vendor;
	bool m;
	enum dict_avp_basetype type;
	const char *name;
} avps[CX_AVP_COUNT] = {
#define X(id, code) [AVP_##id] = {code, 0, true, AVP_TYPE_OCTETSTRING, NULL},
    CX_BASE_AVPS(X)
#undef X
#define X(id, code, m, type, name) [AVP_##id] = {code, VENDOR_3GPP, m, AVP_TYPE_##type, name},
	CX_AVPS(X)
#undef X
};

/* Which AVP in which message or group, how often: min, max (-1: any number). */
struct rule {
	enum cx_avp avp;
	int min, max;
};

#define COMMON_RULES                                                                               \
	{AVP_SESSION_ID, 1, 1}, {AVP_VENDOR_SPECIFIC_APPLICATION_ID, 1, 1},                        \
	    {AVP_AUTH_SESSION_STATE, 1, 1}, {AVP_ORIGIN_HOST, 1, 1},                               \
	{                                                                                          \
		AVP_ORIGIN_REALM, 1, 1                                                             \
	}
#define REQUEST_RULES                                                                              \
	COMMON_RULES, {AVP_DESTINATION_REALM, 1, 1},                                               \
	{                                                                                          \
		AVP_DESTINATION_HOST, 0, 1                                                         \
	}
/* answers with an error may leave out what the tables of TS 29.229 demand, so these are the least
 */
#define ANSWER_RULES                                                                               \
	{AVP_SESSION_ID, 1, 1}, {AVP_ORIGIN_HOST, 1, 1}, {AVP_ORIGIN_REALM, 1, 1},                 \
	    {AVP_RESULT_CODE, 0, 1},                                                               \
	{                                                                                          \
		AVP_EXPERIMENTAL_RESULT, 0, 1                                                      \
	}
#define END                                                                                        \
	{                                                                                          \
		CX_AVP_COUNT, 0, 0                                                                 \
	}

enum { RULES_MAX = 16 };

/* TS 29.229 6.1 */
static const struct {
	command_code_t code;
	const char *request, *answer;
	struct rule request_rules[RULES_MAX], answer_rules[RULES_MAX];
} commands[CX_MESSAGES] = {
    [MSG_UA] = {300,
		"3GPP/User-Authorization-Request",
		"3GPP/User-Authorization-Answer",
		{REQUEST_RULES,
		 {AVP_USER_NAME, 1, 1},
		 {AVP_PUBLIC_IDENTITY, 1, 1},
		 {AVP_VISITED_NETWORK_IDENTIFIER, 1, 1},
		 {AVP_USER_AUTHORIZATION_TYPE, 0, 1},
		 END},
		{ANSWER_RULES, {AVP_SERVER_NAME, 0, 1}, {AVP_SERVER_CAPABILITIES, 0, 1}, END}},
    [MSG_SA] = {301,
		"3GPP/Server-Assignment-Request",
		"3GPP/Server-Assignment-Answer",
		{REQUEST_RULES,
		 {AVP_USER_NAME, 0, 1},
		 {AVP_PUBLIC_IDENTITY, 0, -1},
		 {AVP_SERVER_NAME, 1, 1},
		 {AVP_SERVER_ASSIGNMENT_TYPE, 1, 1},
		 {AVP_USER_DATA_ALREADY_AVAILABLE, 1, 1},
		 END},
		{ANSWER_RULES,
		 {AVP_USER_NAME, 0, 1},
		 {AVP_USER_DATA, 0, 1},
		 {AVP_CHARGING_INFORMATION, 0, 1},
		 END}},
    [MSG_LI] = {302,
		"3GPP/Location-Info-Request",
		"3GPP/Location-Info-Answer",
		{REQUEST_RULES,
		 {AVP_PUBLIC_IDENTITY, 1, 1},
		 {AVP_ORIGINATING_REQUEST, 0, 1},
		 {AVP_USER_AUTHORIZATION_TYPE, 0, 1},
		 END},
		{ANSWER_RULES, {AVP_SERVER_NAME, 0, 1}, {AVP_SERVER_CAPABILITIES, 0, 1}, END}},
    [MSG_MA] = {303,
		"3GPP/Multimedia-Auth-Request",
		"3GPP/Multimedia-Auth-Answer",
		{REQUEST_RULES,
		 {AVP_USER_NAME, 1, 1},
		 {AVP_PUBLIC_IDENTITY, 1, 1},
		 {AVP_SIP_AUTH_DATA_ITEM, 1, 1},
		 {AVP_SIP_NUMBER_AUTH_ITEMS, 1, 1},
		 {AVP_SERVER_NAME, 1, 1},
		 END},
		{ANSWER_RULES,
		 {AVP_USER_NAME, 0, 1},
		 {AVP_PUBLIC_IDENTITY, 0, 1},
		 {AVP_SIP_AUTH_DATA_ITEM, 0, -1},
		 END}},
    [MSG_RT] = {304,
		"3GPP/Registration-Termination-Request",
		"3GPP/Registration-Termination-Answer",
		{COMMON_RULES,
		 {AVP_DESTINATION_HOST, 1, 1},
		 {AVP_DESTINATION_REALM, 1, 1},
		 {AVP_USER_NAME, 1, 1},
		 {AVP_PUBLIC_IDENTITY, 0, -1},
		 {AVP_DEREGISTRATION_REASON, 1, 1},
		 END},
		{ANSWER_RULES, END}},
    [MSG_PP] = {305,
		"3GPP/Push-Profile-Request",
		"3GPP/Push-Profile-Answer",
		{COMMON_RULES,
		 {AVP_DESTINATION_HOST, 1, 1},
		 {AVP_DESTINATION_REALM, 1, 1},
		 {AVP_USER_NAME, 1, 1},
		 {AVP_USER_DATA, 0, 1},
		 {AVP_CHARGING_INFORMATION, 0, 1},
		 END},
		{ANSWER_RULES, END}},
};

/* TS 29.229 6.3; groups that only travel past us have no rules. */
static const struct {
	enum cx_avp group;
	struct rule rules[RULES_MAX];
} groups[] = {
    {AVP_SERVER_CAPABILITIES,
     {{AVP_MANDATORY_CAPABILITY, 0, -1},
      {AVP_OPTIONAL_CAPABILITY, 0, -1},
      {AVP_SERVER_NAME, 0, -1},
      END}},
    {AVP_SIP_AUTH_DATA_ITEM,
     {{AVP_SIP_ITEM_NUMBER, 0, 1},
      {AVP_SIP_AUTHENTICATION_SCHEME, 0, 1},
      {AVP_SIP_AUTHENTICATE, 0, 1},
      {AVP_SIP_AUTHORIZATION, 0, 1},
      {AVP_SIP_AUTHENTICATION_CONTEXT, 0, 1},
      {AVP_CONFIDENTIALITY_KEY, 0, 1},
      {AVP_INTEGRITY_KEY, 0, 1},
      END}},
    {AVP_DEREGISTRATION_REASON, {{AVP_REASON_CODE, 1, 1}, {AVP_REASON_INFO, 0, 1}, END}},
    {AVP_CHARGING_INFORMATION,
     {{AVP_PRIMARY_ECF, 0, 1},
      {AVP_SECONDARY_ECF, 0, 1},
      {AVP_PRIMARY_CCF, 0, 1},
      {AVP_SECONDARY_CCF, 0, 1},
      END}},
    {AVP_SUPPORTED_FEATURES,
     {{AVP_VENDOR_ID, 1, 1}, {AVP_FEATURE_LIST_ID, 1, 1}, {AVP_FEATURE_LIST, 1, 1}, END}},
    {AVP_ASSOCIATED_IDENTITIES, {{AVP_USER_NAME, 0, -1}, END}},
    {AVP_ASSOCIATED_REGISTERED_IDENTITIES, {{AVP_USER_NAME, 0, -1}, END}},
};

static int load_avp(struct dictionary *dict, enum cx_avp id)
{
	struct dict_avp_request find = {avps[id].vendor, avps[id].code, NULL};
	struct dict_avp_data data = {
	    .avp_code = avps[id].code,
	    .avp_vendor = avps[id].vendor,
	    .avp_name = (char *)avps[id].name,
	    .avp_flag_mask = AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY,
	    .avp_flag_val = (uint8_t)(AVP_FLAG_VENDOR | (avps[id].m ? AVP_FLAG_MANDATORY : 0)),
	    .avp_basetype = avps[id].type,
	};

	if (!avps[id].name) /* of the base protocol: there already */
		return fd_dict_search(dict, DICT_AVP, AVP_BY_CODE_AND_VENDOR, &find,
				      &cx_dict.avp[id], ENOENT);
	return fd_dict_new(dict, DICT_AVP, &data, NULL, &cx_dict.avp[id]);
}

static int load_rules(struct dictionary *dict, const struct rule *rules, struct dict_object *parent)
{
	int err = 0;

	for (; rules->avp != CX_AVP_COUNT && err == 0; rules++) {
		struct dict_rule_data data = {
		    .rule_avp = cx_dict.avp[rules->avp],
		    .rule_position = rules->min ? RULE_REQUIRED : RULE_OPTIONAL,
		    .rule_min = rules->min,
		    .rule_max = rules->max,
		};

		err = fd_dict_new(dict, DICT_RULE, &data, parent, NULL);
	}
	return err;
}

static int load_command(struct dictionary *dict, enum cx_message m)
{
	struct dict_cmd_data request = {commands[m].code, (char *)commands[m].request,
					CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE,
					CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE};
	struct dict_cmd_data answer = {commands[m].code, (char *)commands[m].answer,
				       CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE, CMD_FLAG_PROXIABLE};
	struct dict_object *answer_object;
	int err =
	    fd_dict_new(dict, DICT_COMMAND, &request, cx_dict.application, &cx_dict.request[m]);

	if (err == 0)
		err = fd_dict_new(dict, DICT_COMMAND, &answer, cx_dict.application, &answer_object);
	if (err == 0)
		err = load_rules(dict, commands[m].request_rules, cx_dict.request[m]);
	if (err == 0)
		err = load_rules(dict, commands[m].answer_rules, answer_object);
	return err;
}

/*
 * RFC 6733 5.3.1 wants a Host-IP-Address in a CER, and Kamailio's cdp leaves it out when it cannot
 * tell its own address, as on most reconnects. Nothing here uses it (where a peer may come from is
 * seen at the connection), so it is optional.
 */
static int allow_no_address(struct dictionary *dict)
{
	struct dict_rule_request find = {NULL, NULL};
	struct dict_rule_data data;
	struct dict_object *rule = NULL;
	command_code_t code = 257;
	int err =
	    fd_dict_search(dict, DICT_COMMAND, CMD_BY_CODE_R, &code, &find.rule_parent, ENOENT);

	if (err == 0)
		err = fd_dict_search(dict, DICT_AVP, AVP_BY_NAME, "Host-IP-Address", &find.rule_avp,
				     ENOENT);
	if (err == 0)
		err = fd_dict_search(dict, DICT_RULE, RULE_BY_AVP_AND_PARENT, &find, &rule, ENOENT);
	if (err == 0)
		err = fd_dict_getval(rule, &data);
	if (err == 0)
		err = fd_dict_delete(rule);
	data.rule_position = RULE_OPTIONAL;
	data.rule_min = 0;
	return err ? err : fd_dict_new(dict, DICT_RULE, &data, find.rule_parent, NULL);
}

int cx_dict_load(void)
{
	struct dictionary *dict = fd_g_config->cnf_dict;
	struct dict_vendor_data vendor = {VENDOR_3GPP, (char *)"3GPP"};
	struct dict_application_data application = {APPLICATION_CX, (char *)"3GPP Cx/Dx"};
	int err = fd_dict_new(dict, DICT_VENDOR, &vendor, NULL, &cx_dict.vendor);

	if (err == 0)
		err = fd_dict_new(dict, DICT_APPLICATION, &application, cx_dict.vendor,
				  &cx_dict.application);
	for (int i = 0; i < CX_AVP_COUNT && err == 0; i++)
		err = load_avp(dict, (enum cx_avp)i);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]) && err == 0; i++)
		err = load_rules(dict, groups[i].rules, cx_dict.avp[groups[i].group]);
	for (int i = 0; i < CX_MESSAGES && err == 0; i++)
		err = load_command(dict, (enum cx_message)i);
	return err ? err : allow_no_address(dict);
}

int cx_avp_identify(const struct avp_hdr *hdr)
{
	vendor_id_t vendor = hdr->avp_flags & AVP_FLAG_VENDOR ? hdr->avp_vendor : 0;

	for (int i = 0; i < CX_AVP_COUNT; i++)
		if (avps[i].code == hdr->avp_code && avps[i].vendor == vendor)
			return i;
	return -1;
}
