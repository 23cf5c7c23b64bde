/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that all processes share, and that outlives them if it is a file: what a table of records lies in. A file that
 * does not begin with the module's mark is never written to. In mod_init, before the fork.
 */
#ifndef KAM_STATE_FILE_H
#define KAM_STATE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "../../core/str.h"

#define KAM_STATE_MARK_MAX 16

struct kam_state_file {
	void *memory;
	size_t bytes;
	int fd; /* stays open: the lock on it belongs to it; -1: no file */
};

/*
 * Map the file of this name (empty: none, the memory is lost at the end), of so many octets; a new one is zeros behind the
 * mark (mark_len octets, at most KAM_STATE_MARK_MAX). It is locked: a Kamailio that is ending may hold it for three
 * seconds. 0, or -1: it cannot be had, is of others, or the disk is full (logged).
 */
int kam_state_file_open(struct kam_state_file *f, str name, size_t bytes, const void *mark,
			size_t mark_len);
void kam_state_file_close(struct kam_state_file *f);

/* The kernel has a new name for itself after each start; zeros if it does not tell. */
void kam_boot_id(uint8_t boot[16]);
/* Milliseconds of the wall clock. */
int64_t kam_wall_ms(void);

#endif
