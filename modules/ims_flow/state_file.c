/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table's memory: the state file, mapped, so that it outlives the process; or plain shared memory. */
#include "modules/ims_flow/exports.h"

#include "modules/common/state_file.h"

struct flow_table *table;
static struct kam_state_file file = {.fd = -1};
static struct kept_clock now;

static void read_clock(void)
{
	now.wall_ms = kam_wall_ms();
	now.now_ms = flow_now();
}

int table_open(void)
{
	size_t bytes = flow_table_bytes(settings.max_sets);
	char mark[FLOW_TABLE_MARK_LEN];
	struct keyed_hash_key key;
	uint32_t torn;
	int rc;

	flow_table_mark(mark);
	if (kam_state_file_open(&file, settings.state_file, bytes, mark, sizeof(mark)))
		return -1;
	if (keyed_hash_key_random(&key)) {
		LM_ERR("no random numbers from the kernel\n");
		return -1;
	}
	kam_boot_id(now.boot);
	read_clock();
	rc = flow_table_attach(file.memory, bytes, settings.max_sets, &key, &now, &table, &torn);
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
	kam_state_file_close(&file);
	table = NULL;
}
