/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Sh application, TS 29.329 6.1: which AVPs a request must and may have, and who answers it. */
#include "hss/config.h"
#include "hss/diameter/application.h"
#include "hss/diameter/common_rules.h"
#include "hss/diameter/sh_server.h"

static const struct rule udr[] = {
    COMMON_RULES,
    {AVP_USER_IDENTITY, 1, 1},
    {AVP_DATA_REFERENCE, 1, -1},
    {AVP_SERVER_NAME, 0, 1},
    {AVP_SERVICE_INDICATION, 0, -1},
    {AVP_IDENTITY_SET, 0, -1},
    {AVP_REQUESTED_DOMAIN, 0, 1},
    {AVP_CURRENT_LOCATION, 0, 1},
    {AVP_DSAI_TAG, 0, -1},
    {AVP_USER_NAME, 0, 1},
    {AVPS, 0, 0},
};

static const struct rule pur[] = {
    COMMON_RULES,
    {AVP_USER_IDENTITY, 1, 1},
    {AVP_DATA_REFERENCE, 1, -1}, /* several need Update-Eff-Enhance */
    {AVP_SH_USER_DATA, 1, 1},
    {AVP_USER_NAME, 0, 1},
    {AVPS, 0, 0},
};

static const struct rule snr[] = {
    COMMON_RULES,
    {AVP_USER_IDENTITY, 1, 1},
    {AVP_DATA_REFERENCE, 1, -1},
    {AVP_SUBS_REQ_TYPE, 1, 1},
    {AVP_SERVER_NAME, 0, 1},
    {AVP_SERVICE_INDICATION, 0, -1},
    {AVP_IDENTITY_SET, 0, -1},
    {AVP_SEND_DATA_INDICATION, 0, 1},
    {AVP_EXPIRY_TIME, 0, 1},
    {AVP_DSAI_TAG, 0, -1},
    {AVP_ONE_TIME_NOTIFICATION, 0, 1},
    {AVP_USER_NAME, 0, 1},
    {AVPS, 0, 0},
};

static struct command commands[] = {
    [SH_COMMAND_UD] = {306, "User-Data", udr, sh_answer_udr, NULL},
    [SH_COMMAND_PU] = {307, "Profile-Update", pur, sh_answer_pur, NULL},
    [SH_COMMAND_SN] = {308, "Subscribe-Notifications", snr, sh_answer_snr, NULL},
    [SH_COMMAND_PN] = {309, "Push-Notification", NULL, NULL, NULL},
};

struct application sh_application = {
    .id = 16777217,
    .name = "3GPP Sh",
    .role = PEER_SH,
    .commands = commands,
    .n_commands = sizeof(commands) / sizeof(commands[0]),
};
