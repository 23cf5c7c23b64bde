/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Cx/Dx application, TS 29.229 6.1: which AVPs a request must and may have, and who answers it. */
#include "hss/config.h"
#include "hss/diameter/application.h"
#include "hss/diameter/common_rules.h"
#include "hss/diameter/cx_server.h"
#include "hss/diameter/partner.h"

static const struct rule uar[] = {
    COMMON_RULES,
    {AVP_USER_NAME, 1, 1},
    {AVP_PUBLIC_IDENTITY, 1, 1},
    {AVP_VISITED_NETWORK_IDENTIFIER, 1, 1},
    {AVP_USER_AUTHORIZATION_TYPE, 0, 1},
    {AVP_UAR_FLAGS, 0, 1},
    {AVPS, 0, 0},
};
static const struct rule sar[] = {
    COMMON_RULES,
    {AVP_USER_NAME, 0, 1},
    {AVP_PUBLIC_IDENTITY, 0, -1},
    {AVP_SERVER_NAME, 1, 1},
    {AVP_SERVER_ASSIGNMENT_TYPE, 1, 1},
    {AVP_USER_DATA_ALREADY_AVAILABLE, 1, 1},
    {AVP_SCSCF_RESTORATION_INFO, 0, 1},
    {AVP_MULTIPLE_REGISTRATION_INDICATION, 0, 1},
    {AVP_SAR_FLAGS, 0, 1},
    {AVPS, 0, 0},
};
static const struct rule lir[] = {
    COMMON_RULES,
    {AVP_PUBLIC_IDENTITY, 1, 1},
    {AVP_ORIGINATING_REQUEST, 0, 1},
    {AVP_USER_AUTHORIZATION_TYPE, 0, 1},
    {AVPS, 0, 0},
};
static const struct rule mar[] = {
    COMMON_RULES,
    {AVP_USER_NAME, 1, 1},
    {AVP_PUBLIC_IDENTITY, 1, 1},
    {AVP_SIP_AUTH_DATA_ITEM, 1, 1},
    {AVP_SIP_NUMBER_AUTH_ITEMS, 1, 1},
    {AVP_SERVER_NAME, 1, 1},
    {AVPS, 0, 0},
};

static struct command commands[] = {
    [CX_COMMAND_UA] = {300, "User-Authorization", uar, cx_answer_uar, NULL, NULL, 0},
    [CX_COMMAND_SA] = {301, "Server-Assignment", sar, cx_answer_sar, NULL, NULL, 0},
    [CX_COMMAND_LI] = {302, "Location-Info", lir, cx_answer_lir, NULL, NULL, 0},
    [CX_COMMAND_MA] = {303, "Multimedia-Auth", mar, cx_answer_mar, NULL, partner_answer_mar,
		       PARTNER_MAR},
    [CX_COMMAND_RT] = {304, "Registration-Termination", NULL, NULL, NULL, NULL, 0},
    [CX_COMMAND_PP] = {305, "Push-Profile", NULL, NULL, NULL, NULL, 0},
};

struct application cx_application = {
    .id = 16777216,
    .name = "3GPP Cx/Dx",
    .role = PEER_CX,
    .commands = commands,
    .n_commands = sizeof(commands) / sizeof(commands[0]),
};
