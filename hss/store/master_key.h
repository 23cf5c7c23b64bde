/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where master keys come from: a file of their own, or a credential of systemd. */
#ifndef HSS_STORE_MASTER_KEY_H
#define HSS_STORE_MASTER_KEY_H

#include <limits.h>
#include <sys/stat.h>

#include "hss/store/seal.h"

/* Of one thread at a time. Holds secrets: master_key_close() it. */
struct master_key {
	char path[PATH_MAX];
	bool credential;
	struct stat read; /* the file as it was read last */
	struct seal_ring ring;
};

/*
 * Read the keys that where names: a file, which nobody but its owner may read, or credential:NAME, which is
 * $CREDENTIALS_DIRECTORY/NAME, or without that variable (hssctl) the one that systemd keeps for ims-hss.service.
 * Returns 0, or -1 with a sentence in why.
 */
int master_key_open(const char *where, struct master_key *out, char *why, size_t size);
/* Read the file again into ring. Returns 0, or -1 with why; m stays as it is. */
int master_key_read(const struct master_key *m, struct seal_ring *ring, struct stat *read,
		    char *why, size_t size);
/* Is the file another one than was read, or changed since? */
bool master_key_changed(const struct master_key *m);
void master_key_close(struct master_key *m);

#endif
