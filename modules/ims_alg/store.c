/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/ims_alg/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { RECORD_MAX = 262144, LOCK_STEPS = 30, LOCK_STEP_US = 100000 };
#define MARK "made by ims_alg 1"

static const char *const suffix[] = {".call", ".context"};
static int dir = -1, mark = -1;
/* Behind each record stands its hash with the key of the mark: one that a disk, or somebody, has changed is none. */
static struct keyed_hash_key sum_key;

bool alg_store_on(void)
{
	return dir >= 0;
}

static int refuse(const char *why)
{
	LM_ERR("state_dir %s: %s\n", alg_settings.state_dir, why);
	return -1;
}

/* The mark is locked as long as this Kamailio runs; behind it stands the key. */
static int take_mark(bool empty, struct keyed_hash_key *key)
{
	struct {
		char text[sizeof(MARK)];
		struct keyed_hash_key key;
	} head = {.text = ""};

	mark = openat(dir, "ims_alg.mark", O_RDWR | O_CLOEXEC | O_NOFOLLOW | (empty ? O_CREAT : 0),
		      0600);
	if (mark < 0)
		return refuse("it is not empty, and ims_alg has not made it: name another one");
	for (int i = 0; flock(mark, LOCK_EX | LOCK_NB); i++) {
		if (i == LOCK_STEPS)
			return refuse("another Kamailio works with it: give each a folder");
		usleep(LOCK_STEP_US);
	}
	if (pread(mark, &head, sizeof(head), 0) == sizeof(head)) {
		if (memcmp(head.text, MARK, sizeof(MARK)) != 0)
			return refuse("its ims_alg.mark is not ours");
		*key = head.key;
		return 0;
	}
	memcpy(head.text, MARK, sizeof(MARK));
	head.key = *key;
	return pwrite(mark, &head, sizeof(head), 0) == sizeof(head) ? 0 : refuse(strerror(errno));
}

static bool is_empty(void)
{
	DIR *d = fdopendir(dup(dir));
	struct dirent *e;
	bool empty = true;

	while (d && (e = readdir(d)))
		empty = empty && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."));
	if (d)
		closedir(d);
	return empty;
}

int alg_store_init(struct keyed_hash_key *key)
{
	if (!alg_settings.state_dir[0])
		return 0;
	if (mkdir(alg_settings.state_dir, 0700) && errno != EEXIST)
		return refuse(strerror(errno));
	dir = open(alg_settings.state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0)
		return refuse(strerror(errno));
	if (take_mark(is_empty(), key))
		return -1;
	sum_key = *key;
	return 0;
}

static void name_of(enum alg_store_kind kind, uint64_t call, char out[40])
{
	snprintf(out, 40, "%s%s", kam_id_text(call).text, suffix[kind]);
}

void alg_store_write(enum alg_store_kind kind, uint64_t call, const void *data, size_t size)
{
	uint64_t sum = keyed_hash(&sum_key, slice_make(data, size));
	const struct iovec part[] = {{(void *)(uintptr_t)data, size}, {&sum, sizeof(sum)}};
	char name[40], fresh[48];
	int fd;

	if (dir < 0)
		return;
	name_of(kind, call, name);
	snprintf(fresh, sizeof(fresh), "%s.new", name);
	errno = ENOSPC; /* of what was written in part */
	fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || writev(fd, part, 2) != (ssize_t)(size + sizeof(sum)) ||
	    renameat(dir, fresh, dir, name)) {
		(void)refuse(strerror(errno));
		if (fd >= 0)
			unlinkat(dir, fresh, 0);
	}
	if (fd >= 0)
		close(fd);
}

void alg_store_remove(enum alg_store_kind kind, uint64_t call)
{
	char name[40];

	if (dir < 0)
		return;
	name_of(kind, call, name);
	if (unlinkat(dir, name, 0) && errno != ENOENT)
		(void)refuse(strerror(errno));
}

/* The id in a name of this kind; false: another one. */
static bool is_of_kind(enum alg_store_kind kind, const char *name, uint64_t *call)
{
	return kam_id_parse(slice_make(name, strnlen(name, KAM_ID_DIGITS)), call) &&
	       strcmp(name + KAM_ID_DIGITS, suffix[kind]) == 0;
}

/* What was begun when the power went. */
static bool is_unfinished(enum alg_store_kind kind, const char *name)
{
	size_t n = KAM_ID_DIGITS + strlen(suffix[kind]);

	return strlen(name) > n &&
	       strncmp(name + KAM_ID_DIGITS, suffix[kind], n - KAM_ID_DIGITS) == 0 &&
	       strcmp(name + n, ".new") == 0;
}

/* Length of the record, or -1. */
static ssize_t read_whole(const char *name, char *buf)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	ssize_t n =
	    fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) ? -1 : read(fd, buf, RECORD_MAX);
	uint64_t sum;

	if (fd >= 0)
		close(fd);
	if (n < (ssize_t)sizeof(sum))
		return -1;
	n -= (ssize_t)sizeof(sum);
	memcpy(&sum, buf + n, sizeof(sum));
	return sum == keyed_hash(&sum_key, slice_make(buf, (size_t)n)) ? n : -1;
}

void alg_store_each(enum alg_store_kind kind,
		    int (*f)(uint64_t call, const void *data, size_t size, void *arg), void *arg)
{
	static _Alignas(16) char buf[RECORD_MAX];
	DIR *d = dir < 0 ? NULL : fdopendir(dup(dir));
	struct dirent *e;

	if (!d)
		return;
	rewinddir(d);
	while ((e = readdir(d))) {
		uint64_t call;
		ssize_t n;

		if (is_unfinished(kind, e->d_name))
			unlinkat(dir, e->d_name, 0);
		if (!is_of_kind(kind, e->d_name, &call))
			continue;
		n = read_whole(e->d_name, buf);
		if (n < 0 || f(call, buf, (size_t)n, arg))
			alg_store_remove(kind, call);
	}
	closedir(d);
	explicit_bzero(buf, sizeof(buf));
}
