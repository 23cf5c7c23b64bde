/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table's memory: the state file, mapped, so that it outlives the process; or plain shared
 * memory. A file that ims_flow has not made is never written to.
 */
#include "modules/ims_flow/exports.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct flow_table *table;
static size_t table_bytes;
static int file = -1; /* stays open: the lock on it belongs to it */
static struct flow_clock now;

/* How long a Kamailio that is ending may still hold the file. */
#define LOCK_STEPS   30
#define LOCK_STEP_US 100000

static void read_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	now.wall_ms = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	now.now_ms = flow_now();
}

/* The kernel has a new name for itself after each start. */
static void read_boot(void)
{
	char text[37] = "";
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, 36) : -1;
	unsigned at = 0;

	if (fd >= 0)
		close(fd);
	memset(now.boot, 0, sizeof(now.boot));
	for (ssize_t i = 0; i + 1 < n && at < sizeof(now.boot); i += 2) {
		if (text[i] == '-')
			i++;
		if (slice_hex(slice_make(text + i, 2), &now.boot[at++], 1))
			break;
	}
}

static int refuse(const char *path, const char *why)
{
	LM_ERR("state file %s: %s\n", path, why);
	return -1;
}

static int lock(const char *path)
{
	for (int i = 0; i < LOCK_STEPS; i++) {
		if (flock(file, LOCK_EX | LOCK_NB) == 0)
			return 0;
		usleep(LOCK_STEP_US);
	}
	return refuse(path, "another Kamailio works with it: give each one a file of its own");
}

/* Only what is empty, or begins as one of ours does, is written to. */
static int check_ours(const char *path)
{
	char head[FLOW_TABLE_MARK_LEN];
	struct stat st;

	if (fstat(file, &st) < 0 || !S_ISREG(st.st_mode))
		return refuse(path, "it is not a file; let state_file name one");
	if (st.st_size == 0) {
		flow_table_mark(head);
		if (pwrite(file, head, sizeof(head), 0) != sizeof(head))
			return refuse(path, strerror(errno));
		return 0;
	}
	if (pread(file, head, sizeof(head), 0) != sizeof(head) || !flow_table_is_marked(head))
		return refuse(path, "it exists, and ims_flow has not made it; it is left as it is: "
				    "let state_file name another one");
	return 0;
}

static int open_file(size_t bytes)
{
	char path[512];

	if (settings.state_file.len >= (int)sizeof(path))
		return refuse("", "the name is too long");
	snprintf(path, sizeof(path), "%.*s", settings.state_file.len, settings.state_file.s);
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return refuse(path, strerror(errno));
	if (lock(path) || check_ours(path))
		return -1;
	/* A full disk is found now, not by a signal in the middle of a call. */
	if ((fallocate(file, 0, 0, (off_t)bytes) < 0 && errno != EOPNOTSUPP) ||
	    ftruncate(file, (off_t)bytes) < 0)
		return refuse(path, strerror(errno));
	return 0;
}

int table_open(void)
{
	size_t bytes = flow_table_bytes(settings.max_sets);
	struct keyed_hash_key key;
	uint32_t torn;
	void *memory;
	int rc;

	if (settings.state_file.len && open_file(bytes))
		return -1;
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		      file < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, file, 0);
	if (memory == MAP_FAILED || keyed_hash_key_random(&key)) {
		LM_ERR("%zu octets for %d flow sets: %s\n", bytes, settings.max_sets,
		       strerror(errno));
		return -1;
	}
	read_boot();
	read_clock();
	table_bytes = bytes;
	rc = flow_table_attach(memory, bytes, settings.max_sets, &key, &now, &table, &torn);
	if (rc < 0) {
		LM_ERR("max_sets %d is out of range\n", settings.max_sets);
		return -1;
	}
	if (rc == FLOW_TABLE_FOUND)
		LM_NOTICE("state file: %u flow sets found, %u given up because they were being "
			  "changed\n",
			  flow_table_count(table), torn);
	return 0;
}

void table_note_time(void)
{
	read_clock();
	flow_table_note_time(table, &now);
}

void table_close(void)
{
	munmap(table, table_bytes);
	table = NULL;
	if (file >= 0)
		close(file);
	file = -1;
}
