/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/store/master_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 4096 };

static const char prefix[] = "credential:";
static const char credentials[] = "/run/credentials/ims-hss.service";

static int name_file(const char *where, struct master_key *m)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	int n;

	m->credential = strncmp(where, prefix, sizeof(prefix) - 1) == 0;
	if (m->credential)
		n = snprintf(m->path, sizeof(m->path), "%s/%s", dir ? dir : credentials,
			     where + sizeof(prefix) - 1);
	else
		n = snprintf(m->path, sizeof(m->path), "%s", where);
	return n > 0 && (size_t)n < sizeof(m->path) ? 0 : -1;
}

/* systemd lets the service's user read a credential by an access list, which shows as rights of the group. */
static int check_file(const struct master_key *m, const struct stat *st, char *why, size_t size)
{
	if (!S_ISREG(st->st_mode))
		snprintf(why, size, "master key %s is no file", m->path);
	else if (st->st_mode & (m->credential ? 007 : 077))
		snprintf(why, size,
			 "master key %s can be used by others than its owner: chmod 600 it",
			 m->path);
	else
		return 0;
	return -1;
}

static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < size && n > 0) {
		n = read(fd, text + len, size - len);
		if (n > 0)
			len += (size_t)n;
	}
	return n < 0 ? n : (ssize_t)len;
}

static int parse(const struct master_key *m, int fd, struct seal_ring *ring, char *why, size_t size)
{
	char text[FILE_MAX], reason[160];
	ssize_t n = read_all(fd, text, sizeof(text));
	int err = -1;

	if (n < 0)
		snprintf(why, size, "cannot read master key %s: %s", m->path, strerror(errno));
	else if (n == FILE_MAX)
		snprintf(why, size, "master key %s is too big", m->path);
	else if (seal_ring_parse(slice_make(text, (size_t)n), ring, reason, sizeof(reason)))
		snprintf(why, size, "master key %s: %s", m->path, reason);
	else
		err = 0;
	explicit_bzero(text, sizeof(text));
	return err;
}

int master_key_read(const struct master_key *m, struct seal_ring *ring, struct stat *read,
		    char *why, size_t size)
{
	/* a FIFO in its place holds nobody up */
	int fd = open(m->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err;

	if (fd < 0) {
		snprintf(why, size, "cannot read master key %s: %s", m->path, strerror(errno));
		return -1;
	}
	if (fstat(fd, read)) {
		snprintf(why, size, "cannot read master key %s: %s", m->path, strerror(errno));
		err = -1;
	} else {
		err = check_file(m, read, why, size);
	}
	if (err == 0)
		err = parse(m, fd, ring, why, size);
	close(fd);
	return err;
}

/* The key itself in the place of its file's name. */
static bool is_key(const char *where)
{
	size_t n;

	if (strncmp(where, prefix, sizeof(prefix) - 1) == 0)
		where += sizeof(prefix) - 1;
	n = strspn(where, "0123456789abcdefABCDEF");
	return n >= 32 && !where[n];
}

int master_key_open(const char *where, struct master_key *out, char *why, size_t size)
{
	memset(out, 0, sizeof(*out));
	if (is_key(where)) {
		snprintf(
		    why, size,
		    "the master key is given by the name of its file, not by itself: put it into "
		    "a file with mode 600 that only its owner reads");
		return -1;
	}
	if (name_file(where, out)) {
		snprintf(why, size, "the path of the master key is too long");
		return -1;
	}
	return master_key_read(out, &out->ring, &out->read, why, size);
}

bool master_key_changed(const struct master_key *m)
{
	const struct stat *was = &m->read;
	struct stat is;

	return stat(m->path, &is) == 0 && (is.st_ino != was->st_ino || is.st_size != was->st_size ||
					   is.st_mtim.tv_sec != was->st_mtim.tv_sec ||
					   is.st_mtim.tv_nsec != was->st_mtim.tv_nsec);
}

void master_key_close(struct master_key *m)
{
	explicit_bzero(m, sizeof(*m));
}
