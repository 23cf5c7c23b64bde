/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules/common/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../core/dprint.h"

#include "base/slice.h"

/* How long a Kamailio that is ending may still hold the file. */
#define LOCK_STEPS   30
#define LOCK_STEP_US 100000

static int refuse(const char *path, const char *why)
{
	LM_ERR("state file %s: %s\n", path, why);
	return -1;
}

static int lock(int fd, const char *path)
{
	for (int i = 0; i < LOCK_STEPS; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		usleep(LOCK_STEP_US);
	}
	return refuse(path, "another Kamailio works with it: give each one a file of its own");
}

/* Only what is empty, or begins as one of ours does, is written to. */
static int check_ours(int fd, const char *path, const void *mark, size_t len)
{
	char head[KAM_STATE_MARK_MAX];
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return refuse(path, "it is not a file; let state_file name one");
	if (st.st_size == 0)
		return pwrite(fd, mark, len, 0) == (ssize_t)len ? 0 : refuse(path, strerror(errno));
	if (pread(fd, head, len, 0) != (ssize_t)len || memcmp(head, mark, len) != 0)
		return refuse(path,
			      "it exists, and " MOD_NAME " has not made it; it is left as it is: "
			      "let state_file name another one");
	return 0;
}

static int open_file(struct kam_state_file *f, str name, const void *mark, size_t mark_len)
{
	char path[512];

	if (slice_copy(slice_make(name.s, (size_t)name.len), path, sizeof(path)))
		return refuse("", "the name is too long");
	f->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->fd < 0)
		return refuse(path, strerror(errno));
	if (lock(f->fd, path) || check_ours(f->fd, path, mark, mark_len))
		return -1;
	/* A full disk is found now, not by a signal in the middle of a call. */
	if ((fallocate(f->fd, 0, 0, (off_t)f->bytes) < 0 && errno != EOPNOTSUPP) ||
	    ftruncate(f->fd, (off_t)f->bytes) < 0)
		return refuse(path, strerror(errno));
	return 0;
}

int kam_state_file_open(struct kam_state_file *f, str name, size_t bytes, const void *mark,
			size_t mark_len)
{
	*f = (struct kam_state_file){.bytes = bytes, .fd = -1};
	if (name.len > 0 && open_file(f, name, mark, mark_len))
		return -1;
	f->memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 f->fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, f->fd, 0);
	if (f->memory != MAP_FAILED)
		return 0;
	LM_ERR("%zu octets of state: %s\n", bytes, strerror(errno));
	f->memory = NULL;
	return -1;
}

void kam_state_file_close(struct kam_state_file *f)
{
	if (f->memory)
		munmap(f->memory, f->bytes);
	if (f->fd >= 0)
		close(f->fd);
	*f = (struct kam_state_file){.fd = -1};
}

void kam_boot_id(uint8_t boot[16])
{
	char text[37] = "";
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, 36) : -1;
	unsigned at = 0;

	if (fd >= 0)
		close(fd);
	memset(boot, 0, 16);
	for (ssize_t i = 0; i + 1 < n && at < 16; i += 2) {
		if (text[i] == '-')
			i++;
		if (slice_hex(slice_make(text + i, 2), &boot[at++], 1))
			break;
	}
}

int64_t kam_wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
