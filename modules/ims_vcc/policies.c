/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operator's policies: the file, in shared memory, and its reload. */
#include "modules/ims_vcc/choose.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../../core/dprint.h"
#include "../../core/mem/shm_mem.h"

static struct vcc_policies **current; /* in shared memory */

const struct vcc_policies *vcc_policies(void)
{
	return *current;
}

/* The whole file, to be freed; NULL: why it could not be read. */
static char *read_file(const char *path, size_t *len, const char **why)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	struct stat st;

	*why = f ? NULL : strerror(errno);
	if (f &&
	    (fstat(fileno(f), &st) || !S_ISREG(st.st_mode) || st.st_size > VCC_POLICY_BYTES_MAX))
		*why = "it is no file, or larger than 64 MB";
	if (!*why) {
		text = malloc((size_t)st.st_size + 1);
		*len = text ? fread(text, 1, (size_t)st.st_size, f) : 0;
		*why = text ? NULL : "no memory";
	}
	if (f)
		fclose(f);
	return text;
}

static struct vcc_policies *build(struct slice text, unsigned *line, const char **why)
{
	struct vcc_policies *p = shm_malloc(vcc_policies_bytes(text));
	struct keyed_hash_key key;

	*line = 0;
	*why = p ? NULL : "no shared memory for it: raise -m";
	if (p && keyed_hash_key_random(&key))
		*why = "no random numbers from the kernel";
	if (!*why)
		*line = vcc_policies_read(text, &key, p, why);
	if (!*why)
		return p;
	if (p)
		shm_free(p);
	return NULL;
}

/* Fresh ones; NULL: message says why (of size octets). */
static struct vcc_policies *load(char *message, size_t size)
{
	const char *why = NULL;
	struct vcc_policies *p = NULL;
	unsigned line = 0;
	char path[512] = "";
	char *text = NULL;
	size_t len = 0;

	if (slice_copy(slice_of(vcc_params.policy_file), path, sizeof(path)))
		why = "the name is too long";
	if (path[0] && !why)
		text = read_file(path, &len, &why);
	if (!why)
		p = build(slice_make(text ? text : "", len), &line, &why);
	free(text);
	if (!p)
		snprintf(message, size, "policy_file %s, line %u: %s", path, line, why ? why : "?");
	return p;
}

int vcc_policies_init(void)
{
	char message[768];

	current = shm_malloc(sizeof(*current));
	if (!current) {
		SHM_MEM_ERROR;
		return -1;
	}
	*current = load(message, sizeof(message));
	if (*current)
		return 0;
	LM_ERR("%s\n", message);
	return -1;
}

void rpc_vcc_reload(rpc_t *rpc, void *ctx)
{
	char message[768];
	struct vcc_policies *fresh = load(message, sizeof(message)), *old;
	uint32_t rows;

	if (!fresh) {
		rpc->fault(ctx, 400, "%s; the policies are as before", message);
		return;
	}
	rows = fresh->rows;
	vcc_lock();
	old = *current;
	*current = fresh;
	vcc_unlock();
	shm_free(old);
	rpc->rpl_printf(ctx, "%u users have a line", rows);
}
