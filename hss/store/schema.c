/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/store/schema.h"

#include "hss/store/store.h"

/* The steps that the database lacks, inside the transaction. */
static int run_steps(struct db *db, int version)
{
	const struct db_engine *e = db->engine;
	int err = 0;

	if (version > SCHEMA_VERSION)
		return STORE_EVERSION;
	if (version == SCHEMA_VERSION)
		return 0;
	for (; version < SCHEMA_VERSION && err == 0; version++)
		err = e->execute(db, e->steps[version]);
	return err ? err : e->set_version(db, SCHEMA_VERSION);
}

int db_schema(struct db *db, char *why, size_t size)
{
	int version = 0, err = db->engine->begin_schema(db, &version);
	bool begun = err == 0;

	if (begun)
		err = run_steps(db, version);
	if (err)
		snprintf(why, size, "%s",
			 err == STORE_EIO ? db->engine->error(db) : store_strerror(err));
	if (err == 0)
		return db->engine->commit(db);
	if (begun)
		db->engine->rollback(db);
	return err;
}
