/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/nobody.h"
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int nobody_needs(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct sock_filter drop[] = {{BPF_RET | BPF_K, 0, 0, 0}};
		const struct sock_fprog program = {1, drop};

		if (setuid(NOBODY) < 0)
			_exit(1);
		_exit(setsockopt(socket(AF_INET, SOCK_STREAM, 0), SOL_SOCKET, SO_ATTACH_FILTER,
				 &program, sizeof(program)) < 0);
	}
	waitpid(pid, &status, 0);
	return status == 0 ? -1 : CAP_NET_ADMIN;
}

void nobody_become(int capability)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	uint32_t bits = capability < 0 ? 0 : 1u << capability;
	struct __user_cap_data_struct data[2] = {{bits, bits, bits}};

	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0 ||
	    syscall(SYS_capset, &head, data) < 0 ||
	    (bits && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0)) {
		perror("becoming nobody");
		_exit(127);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}
