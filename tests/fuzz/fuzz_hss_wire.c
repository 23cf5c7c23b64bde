/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any octets as a Diameter message: what wire_check() lets through must not make the real libfdcore
 * assert, nor fail where that would end it: it is parsed, searched and answered as libfdcore does.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hss/diameter/dict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const struct rule uar[] = {
    {AVP_SESSION_ID, 1, 1},	 {AVP_DESTINATION_REALM, 1, 1},	      {AVP_USER_NAME, 1, 1},
    {AVP_PUBLIC_IDENTITY, 1, 1}, {AVP_USER_AUTHORIZATION_TYPE, 0, 1}, {AVPS, 0, 0}};
static struct command commands[] = {{.code = 300, .name = "User-Authorization", .rules = uar},
				    {.code = 304, .name = "Registration-Termination"}};
static struct application cx = {
    .id = 16777216, .name = "Cx", .commands = commands, .n_commands = 2};
static struct application *const apps[] = {&cx};
static struct wire_dict wire;

static void silent(int level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
}

static int configure(void)
{
	static char path[64];
	int fd = memfd_create("freeDiameter.conf", 0);

	if (dprintf(fd, "Identity = \"hss.home1.net\";\nRealm = \"home1.net\";\nSecPort = 0;\n"
			"No_SCTP;\nNoRelay;\n") < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fd_core_parseconf(path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fd_log_handler_register(silent);
	if (fd_core_initialize() || configure() || dict_load() || dict_load_application(&cx) ||
	    dict_make_wire(apps, 1, &wire))
		abort();
	return 0;
}

/* Every AVP that libfdcore reads without looking must have a value (p_ce.c, p_dw.c, p_dp.c). */
static void values_are_there(struct msg *msg)
{
	struct avp *avp = NULL, *in = NULL;
	struct avp_hdr *hdr;

	for (fd_msg_browse(msg, MSG_BRW_FIRST_CHILD, &avp, NULL); avp;
	     fd_msg_browse(avp, MSG_BRW_NEXT, &avp, NULL)) {
		if (fd_msg_avp_hdr(avp, &hdr) || hdr->avp_vendor)
			continue;
		switch (hdr->avp_code) {
		case 257:
		case 258:
		case 259:
		case 263:
		case 264:
		case 265:
		case 266:
		case 267:
		case 268:
		case 269:
		case 273:
		case 278:
		case 282:
		case 283:
		case 293:
		case 296:
		case 299:
			if (!hdr->avp_value)
				abort();
		}
		if (hdr->avp_code != 260)
			continue;
		for (fd_msg_browse(avp, MSG_BRW_FIRST_CHILD, &in, NULL); in;
		     fd_msg_browse(in, MSG_BRW_NEXT, &in, NULL))
			if (fd_msg_avp_hdr(in, &hdr) ||
			    (!(hdr->avp_flags & AVP_FLAG_VENDOR) && !hdr->avp_value))
				abort();
	}
}

/* libfdcore's thread for routing or dispatching ends where these fail. */
static void answered(struct msg *msg, struct fd_pei *pei)
{
	uint8_t *out;
	size_t len;

	if (fd_msg_new_answer_from_req(fd_g_config->cnf_dict, &msg, MSGFL_ANSW_ERROR))
		abort();
	if (fd_msg_rescode_set(
		msg, (char *)(pei->pei_errcode ? pei->pei_errcode : "DIAMETER_UNABLE_TO_COMPLY"),
		pei->pei_message, pei->pei_avp, 1))
		abort();
	if (pei->pei_avp_free)
		fd_msg_free(pei->pei_avp);
	if (fd_msg_bufferize(msg, &out, &len)) /* the connection would be closed */
		abort();
	free(out);
	fd_msg_free(msg);
}

static void discarded(struct msg *msg, struct fd_pei *pei)
{
	if (pei->pei_avp_free) /* libfdcore loses it, and the connection */
		fd_msg_free(pei->pei_avp);
	fd_msg_free(msg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *buffer;
	struct msg *msg = NULL;
	struct msg_hdr *hdr;
	struct fd_pei pei;
	const char *why;
	int err;

	if (size < 20 || size > 65535)
		return 0;
	buffer = malloc(size);
	memcpy(buffer, data, size);
	buffer[0] = 1;
	buffer[1] = 0;
	buffer[2] = (uint8_t)(size >> 8);
	buffer[3] = (uint8_t)size;
	if (wire_check(&wire, buffer, size, &why) == WIRE_BROKEN ||
	    fd_msg_parse_buffer(&buffer, size, &msg)) {
		free(buffer);
		return 0;
	}
	err = fd_msg_parse_rules(msg, fd_g_config->cnf_dict, &pei);
	if (err == 0)
		values_are_there(msg);
	if (fd_msg_hdr(msg, &hdr) == 0 && (hdr->msg_flags & CMD_FLAG_REQUEST))
		answered(msg, &pei);
	else
		discarded(msg, &pei);
	return 0;
}
