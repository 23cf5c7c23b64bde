/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of the flow tokens: from a file, which is made with a fresh key if it is not there. */
#include "modules/ims_flow/exports.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 4096

/* "1 <64 hex digits>" */
static int fresh_line(char *buf, size_t size)
{
	uint8_t key[32];
	int n;

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return -1;
	n = snprintf(buf, size, "1 ");
	for (unsigned i = 0; i < sizeof(key); i++)
		n += snprintf(buf + n, size - n, "%02x", key[i]);
	n += snprintf(buf + n, size - n, "\n");
	explicit_bzero(key, sizeof(key));
	return n;
}

static int make_file(const char *path)
{
	char line[128];
	int n = fresh_line(line, sizeof(line)), rc = -1;
	int fd = n > 0 ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;

	if (fd >= 0) {
		rc = write(fd, line, n) == n && fsync(fd) == 0 ? 0 : -1;
		close(fd);
	}
	explicit_bzero(line, sizeof(line));
	return rc;
}

/* Keys for this run only: tokens do not outlive it. */
static int random_keys(struct flow_token_keys *keys)
{
	char line[128];
	int n = fresh_line(line, sizeof(line)), rc = -1;

	if (n > 0)
		rc = flow_token_keys_parse(slice_make(line, n), keys, NULL);
	explicit_bzero(line, sizeof(line));
	return rc;
}

static int read_file(const char *path, struct flow_token_keys *keys)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
	char text[FILE_MAX];
	struct stat st;
	unsigned line = 0;
	ssize_t n = 0;

	if (fd < 0) {
		LM_ERR("key file %s: %s\n", path, strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) == 0 && (st.st_mode & 0077))
		LM_WARN("key file %s can be read by others: chmod 600\n", path);
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n > 0 && n < FILE_MAX)
		rc = flow_token_keys_parse(slice_make(text, n), keys, &line);
	if (rc)
		LM_ERR("key file %s: line %u is not \"ID HEX\" with 64 hex digits\n", path, line);
	explicit_bzero(text, sizeof(text));
	return rc;
}

int keys_load(bool create)
{
	struct flow_token_keys keys;
	char path[512];
	int rc;

	if (!settings.key_file.len) {
		rc = create ? random_keys(&keys) : -1;
	} else {
		snprintf(path, sizeof(path), "%.*s", settings.key_file.len, settings.key_file.s);
		if (create && access(path, F_OK) < 0 && make_file(path) < 0) {
			LM_ERR("cannot make key file %s: %s\n", path, strerror(errno));
			return -1;
		}
		rc = read_file(path, &keys);
	}
	if (rc == 0) {
		TABLE_LOCK();
		memcpy(&shared->keys, &keys, sizeof(keys));
		TABLE_UNLOCK();
		explicit_bzero(&keys, sizeof(keys));
	}
	return rc;
}
