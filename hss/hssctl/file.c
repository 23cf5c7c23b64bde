/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that hssctl reads: mapped, or from a pipe as long as it is. They may hold keys. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hss/hssctl/hssctl.h"

/* Grow without leaving a copy behind. */
static char *grow(char *old, size_t len, size_t size)
{
	char *p = malloc(size);

	if (p && old)
		memcpy(p, old, len);
	if (old)
		explicit_bzero(old, len);
	free(old);
	return p;
}

static int read_all(int fd, struct file *out)
{
	size_t size = 65536, len = 0;
	char *text = malloc(size);

	while (text) {
		ssize_t n = read(fd, text + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			out->text = slice_make(text, len);
			return (int)n;
		}
		len += (size_t)n;
		if (len == size) {
			size *= 2;
			text = grow(text, len, size);
		}
	}
	errno = ENOMEM;
	return -1;
}

static int map(int fd, size_t size, struct file *out)
{
	void *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (p == MAP_FAILED)
		return -1;
	out->text = slice_make(p, size);
	out->mapped = true;
	return 0;
}

/* Half a key at least in hex digits: then it is not shown again. */
static bool may_be_key(const char *text)
{
	size_t run = 0;

	for (; *text && run < 16; text++)
		run = strchr("0123456789abcdefABCDEF", *text) ? run + 1 : 0;
	return run >= 16;
}

int file_open(const char *path, struct file *out)
{
	int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), err;
	struct stat st;

	memset(out, 0, sizeof(*out));
	if (fd < 0 && may_be_key(path))
		return complain(
		    "a key comes from a file, or from stdin with -, never from the command line");
	if (fd < 0)
		return complain("cannot read %s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    lseek(fd, 0, SEEK_CUR) == 0)
		err = map(fd, (size_t)st.st_size, out);
	else
		err = read_all(fd, out);
	if (err) {
		complain("cannot read %s: %s", path, strerror(errno));
		file_close(out);
	}
	if (fd != STDIN_FILENO)
		close(fd);
	return err ? 1 : 0;
}

void file_close(struct file *file)
{
	char *text = (char *)(uintptr_t)file->text.p;

	if (file->mapped) {
		munmap(text, file->text.len);
	} else if (text) {
		explicit_bzero(text, file->text.len);
		free(text);
	}
	memset(file, 0, sizeof(*file));
}
