/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines that act on the lab: accesses cut and restored, commands run while the phones go on. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ue/scn_run.h"

extern char **environ;

struct job {
	struct io output, ended;
	struct text *text; /* may be NULL */
	pid_t pid;
	int status;
	bool over;
};

static void drain(struct job *j)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(j->output.fd, buf, sizeof(buf))) > 0)
		if (j->text)
			text_put(j->text, slice_make(buf, (size_t)n));
	if (n == 0)
		loop_del(&j->output);
}

static void on_output(struct io *io, uint32_t events)
{
	(void)events;
	drain(io->owner);
}

static void on_end(struct io *io, uint32_t events)
{
	struct job *j = io->owner;

	(void)events;
	drain(j);
	waitpid(j->pid, &j->status, 0);
	j->over = true;
	loop_del(&j->ended);
}

static bool job_over(void *arg)
{
	return ((struct job *)arg)->over;
}

static int start(struct job *j, const char *command)
{
	char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, ue_dup(slice_str(command)), NULL};
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	int p[2], err;

	if (pipe2(p, O_CLOEXEC) != 0) {
		free(argv[2]);
		return -1;
	}
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&fa, p[1], 1);
	posix_spawn_file_actions_adddup2(&fa, p[1], 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setpgroup(&attr, 0); /* so that a time-out reaches its children too */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	err = posix_spawn(&j->pid, "/bin/sh", &fa, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	free(argv[2]);
	close(p[1]);
	j->output = (struct io){.fd = p[0], .ready = on_output, .owner = j};
	if (err) {
		close(p[0]);
		errno = err;
		return -1;
	}
	j->ended =
	    (struct io){.fd = (int)syscall(SYS_pidfd_open, j->pid, 0), .ready = on_end, .owner = j};
	loop_add(&j->output, EPOLLIN);
	if (j->ended.fd >= 0) {
		fcntl(j->ended.fd, F_SETFD, FD_CLOEXEC);
		loop_add(&j->ended, EPOLLIN);
	}
	return 0;
}

int scn_shell(const char *command, struct text *output, uint64_t limit_ms)
{
	struct job j = {.text = output};

	elog_flush();
	if (start(&j, command) != 0)
		return -1;
	if (j.ended.fd < 0) { /* a kernel without pidfd_open */
		waitpid(j.pid, &j.status, 0);
		drain(&j);
	} else if (!scn_wait(job_over, &j, limit_ms, 0)) {
		kill(-j.pid, SIGKILL);
		waitpid(j.pid, &j.status, 0);
	}
	io_close(&j.output);
	if (j.ended.fd >= 0)
		close(j.ended.fd);
	return WIFEXITED(j.status) ? WEXITSTATUS(j.status) : 128 + WTERMSIG(j.status);
}

static int run_command(struct scn_args *a, unsigned from, struct text *output)
{
	char *cmd = a->n > from ? scn_raw(a, from, a->line->n) : NULL;
	int rc;

	if (a->n <= from)
		return scn_fail(a, SCN_SYNTAX, NULL, "%s: no command", a->w[0]);
	if (!cmd)
		return SCN_SYNTAX;
	if (a->check_only) {
		free(cmd);
		return SCN_OK;
	}
	rc = scn_shell(cmd, output, 120000);
	elog_event("run", "cmd", cmd, "exit", elog_num(rc), NULL);
	if (rc != 0)
		rc = scn_fail(a, SCN_FAILED, NULL, "`%s` ended with %d%s%.500s", cmd, rc,
			      output->len ? ", its output:\n" : "", output->p ? output->p : "");
	free(cmd);
	return rc;
}

static int lab_run(struct scn_args *a)
{
	struct text out = {0};
	int rc = run_command(a, 1, &out);

	if (rc == SCN_OK && out.len)
		elog_line("run", "%.*s", (int)slice_trim(text_slice(&out)).len, out.p);
	text_free(&out);
	return rc;
}

static int lab_capture(struct scn_args *a)
{
	struct text out = {0};
	struct slice rest, line;
	int rc = run_command(a, 2, &out);

	if (rc == SCN_OK && !a->check_only) {
		rest = text_slice(&out);
		line = slice_trim(slice_cut(&rest, '\n'));
		char *v = ue_dup(line);

		scn_set_var(slice_str(a->w[1]), v);
		free(v);
	}
	text_free(&out);
	return rc;
}

static int lab_access(struct scn_args *a)
{
	bool cut = strcmp(a->w[0], "cut") == 0;
	struct access *acc = a->n == 2 ? access_find(slice_str(a->w[1])) : NULL;

	if (!acc)
		return a->check_only && strchr(a->line->raw, '$')
			   ? SCN_OK
			   : scn_fail(a, SCN_SYNTAX, NULL, "%s wants the name of an access",
				      a->w[0]);
	if (a->check_only)
		return SCN_OK;
	if ((cut ? access_cut(acc) : access_restore(acc)) != 0)
		return scn_fail(a, SCN_MACHINE, NULL, "%s %s: %s", a->w[0], acc->name,
				errno == ENODEV && !acc->dev ? "the access has no dev="
							     : strerror(errno));
	elog_line(acc->name, cut ? "cut" : "restored");
	elog_event("access", "access", acc->name, "what", cut ? "cut" : "restore", NULL);
	return SCN_OK;
}

int scn_lab(struct scn_args *a, bool *mine)
{
	*mine = true;
	if (strcmp(a->w[0], "run") == 0)
		return lab_run(a);
	if (strcmp(a->w[0], "capture") == 0)
		return lab_capture(a);
	if (strcmp(a->w[0], "cut") == 0 || strcmp(a->w[0], "restore") == 0)
		return lab_access(a);
	*mine = false;
	return SCN_OK;
}
