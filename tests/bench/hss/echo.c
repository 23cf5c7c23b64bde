/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What freeDiameter itself costs: a server of libfdcore with the HSS's dictionary that answers UAR,
 * LIR, SAR and MAR with DIAMETER_SUCCESS and nothing else. Arguments: the address to serve on, and
 * "plain", as freeDiameter comes, or "quiet": with hooks that keep it from writing out every message
 * for a log that nobody reads.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hss/diameter/dict.h"

static struct command commands[] = {
    {.code = 300, .name = "User-Authorization"},
    {.code = 301, .name = "Server-Assignment"},
    {.code = 302, .name = "Location-Info"},
    {.code = 303, .name = "Multimedia-Auth"},
};
static struct application app = {
    .id = 16777216,
    .name = "3GPP Cx/Dx",
    .commands = commands,
    .n_commands = sizeof(commands) / sizeof(commands[0]),
};

static int on_request(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
		      enum disp_action *action)
{
	int err = fd_msg_new_answer_from_req(fd_g_config->cnf_dict, msg, 0);

	(void)avp;
	(void)session;
	(void)opaque;
	(void)action;
	if (err == 0)
		err = fd_msg_rescode_set(*msg, (char *)"DIAMETER_SUCCESS", NULL, NULL, 1);
	return err ? err : fd_msg_send(msg, NULL, NULL);
}

static int on_peer(struct peer_info *info, int *auth, int (**cb2)(struct peer_info *))
{
	(void)cb2;
	info->config.pic_flags.sec = PI_SEC_NONE;
	*auth = 1;
	return 0;
}

static void on_hook(enum fd_hook_type type, struct msg *msg, struct peer_hdr *peer, void *other,
		    struct fd_hook_permsgdata *pmd, void *regdata)
{
	(void)type;
	(void)msg;
	(void)peer;
	(void)other;
	(void)pmd;
	(void)regdata;
}

static int configure(const char *address)
{
	static char path[64]; /* libfdcore keeps the pointer */
	int fd = memfd_create("freeDiameter.conf", MFD_CLOEXEC);

	if (fd < 0)
		return errno;
	dprintf(
	    fd,
	    "Identity = \"hss.home1.net\";\nRealm = \"home1.net\";\nPort = 3868;\nSecPort = 0;\n"
	    "NoRelay;\nNo_SCTP;\nListenOn = \"%s\";\n",
	    address);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return fd_core_parseconf(path);
}

static int serve(void)
{
	int err = 0;

	for (size_t i = 0; i < app.n_commands && err == 0; i++) {
		struct disp_when when = {.app = app.object, .command = commands[i].request};

		err = fd_disp_register(on_request, DISP_HOW_CC, &when, NULL, NULL);
	}
	return err ? err : fd_disp_app_support(app.object, dict.vendor, 1, 0);
}

static int start(const char *address, bool quiet)
{
	struct fd_hook_hdl *hook;
	int err = fd_core_initialize();

	if (err == 0)
		err = dict_load();
	if (err == 0)
		err = dict_load_application(&app);
	if (err == 0)
		err = configure(address);
	if (err == 0)
		err = serve();
	if (err == 0)
		err = fd_peer_validate_register(on_peer);
	if (err == 0 && quiet)
		err = fd_hook_register(UINT32_MAX, on_hook, NULL, NULL, &hook);
	if (err == 0)
		err = fd_core_start();
	return err ? err : fd_core_waitstartcomplete();
}

int main(int argc, char **argv)
{
	sigset_t set;
	int sig, err;

	if (argc != 3)
		return 2;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	err = start(argv[1], strcmp(argv[2], "quiet") == 0);
	if (err) {
		fprintf(stderr, "bench-hss-echo: %s\n", strerror(err));
		return 1;
	}
	sigwait(&set, &sig);
	_exit(0); /* libfdcore takes seconds to end */
}
