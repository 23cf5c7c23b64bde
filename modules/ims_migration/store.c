/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What operators have bound, in a file: a line for each binding, "ID PARTNER EXPIRES ENDED INSIDE WIRE [INSIDE WIRE ..]", "-" where
 * nothing stands for a name. Written beside it and renamed, so that it is whole at any moment. What ims-cms has bound is not in
 * it: that is asked for again.
 */
#include "modules/ims_migration/migration.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/dprint.h"

#define FIRST_LINE "# bindings of ims_migration, version 1\n"
enum { PATH_MAX_ = 512, LINE_MAX_ = 8192 };

const char *migration_name_text(const struct migration_name *n, char buf[MIGRATION_NAME_TEXT])
{
	if (!n->user.len)
		snprintf(buf, MIGRATION_NAME_TEXT, "-");
	else if (n->kind == MIGRATION_TEL)
		snprintf(buf, MIGRATION_NAME_TEXT, "tel:%.*s", (int)n->user.len, n->user.p);
	else
		snprintf(buf, MIGRATION_NAME_TEXT, "%s%.*s@%.*s",
			 n->kind == MIGRATION_SIP ? "sip:" : "", (int)n->user.len, n->user.p,
			 (int)n->host.len, n->host.p);
	return buf;
}

static int path_of(const char *end, char path[PATH_MAX_])
{
	int n = snprintf(path, PATH_MAX_, "%.*s%s", migration_params.state_file.len,
			 migration_params.state_file.s, end);

	return n < PATH_MAX_ ? 0 : -1;
}

static void write_binding(FILE *f, const struct migration_binding *b)
{
	char inside[MIGRATION_NAME_TEXT], wire[MIGRATION_NAME_TEXT];

	fprintf(f, "%.*s %s %lld %lld", (int)b->id.len, b->id.p,
		migration_partners.partner[b->partner].name, (long long)b->expires,
		(long long)b->ended);
	for (unsigned i = 0; i < b->n; i++)
		fprintf(f, " %s %s", migration_name_text(&b->pair[i].inside, inside),
			migration_name_text(&b->pair[i].wire, wire));
	fputc('\n', f);
}

static void write_all(FILE *f)
{
	char room[MIGRATION_COPY_ROOM];
	struct migration_binding b;

	fputs(FIRST_LINE, f);
	for (unsigned n = 0; migration_shared_at(n, &b, room); n++)
		if (b.source == MIGRATION_BY_HAND)
			write_binding(f, &b);
}

/* Who writes has the lock on a file of its own, since the other one is replaced. */
static int lock_store(void)
{
	char path[PATH_MAX_];
	int fd = path_of(".lock", path)
		     ? -1
		     : open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int replace(void)
{
	char path[PATH_MAX_], next[PATH_MAX_];
	bool failed;
	FILE *f;
	int fd;

	if (path_of("", path) || path_of(".new", next)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!f) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	write_all(f);
	failed = fflush(f) || ferror(f) || fsync(fd);
	if (fclose(f) || failed || rename(next, path)) {
		unlink(next);
		return -1;
	}
	return 0;
}

int migration_store_save(char *why, size_t size)
{
	int lock, rc;

	if (!migration_params.state_file.len)
		return 0;
	lock = lock_store();
	rc = lock < 0 ? -1 : replace();
	if (rc)
		snprintf(why, size, "state file %.*s cannot be written: %s",
			 migration_params.state_file.len, migration_params.state_file.s,
			 strerror(errno));
	if (lock >= 0)
		close(lock);
	return rc;
}

static int number(struct slice s, int64_t *out)
{
	uint64_t n;

	if (slice_u64(s, INT64_MAX, &n))
		return -1;
	*out = (int64_t)n;
	return 0;
}

/* A line without its end. 0; -1: it is none of ours; 1: its partner is not configured any more. */
static int read_line(struct slice line)
{
	struct migration_binding b = {.source = MIGRATION_BY_HAND};
	struct slice partner;
	int at, rc;

	b.id = slice_cut(&line, ' ');
	partner = slice_cut(&line, ' ');
	if (number(slice_cut(&line, ' '), &b.expires) || number(slice_cut(&line, ' '), &b.ended))
		return -1;
	while (line.p) {
		struct slice inside = slice_cut(&line, ' '), wire = slice_cut(&line, ' ');

		if (b.n == MIGRATION_NAMES_MAX ||
		    migration_name_parse(inside, &b.pair[b.n].inside) ||
		    (!slice_eq(wire, SLICE_LIT("-")) &&
		     migration_name_parse(wire, &b.pair[b.n].wire)))
			return -1;
		b.n++;
	}
	at = migration_partner_named(&migration_partners, partner);
	if (at < 0)
		return 1;
	b.partner = (unsigned)at;
	rc = migration_shared_bind(&b);
	if (rc)
		LM_ERR("binding %.*s of the state file: %s\n", (int)b.id.len, b.id.p,
		       migration_strerror(rc));
	return rc ? -1 : 0;
}

static int read_all(FILE *f)
{
	char line[LINE_MAX_];
	int n = 0, gone = 0;

	if (!fgets(line, sizeof(line), f))
		return 0; /* empty: as new */
	if (strcmp(line, FIRST_LINE) != 0) {
		LM_ERR("state file %.*s: ims_migration has not made it; it is left as it is: let "
		       "state_file name another one\n",
		       migration_params.state_file.len, migration_params.state_file.s);
		return -1;
	}
	while (fgets(line, sizeof(line), f)) {
		int rc = read_line(slice_trim(slice_str(line)));

		if (rc < 0) {
			LM_ERR(
			    "state file %.*s: binding %d cannot be used; mend or remove its line\n",
			    migration_params.state_file.len, migration_params.state_file.s,
			    n + gone + 1);
			return -1;
		}
		n += rc == 0;
		gone += rc == 1;
	}
	LM_NOTICE("state file: %d bindings found, %d given up because their partner is not "
		  "configured any more\n",
		  n, gone);
	return 0;
}

int migration_store_load(void)
{
	char path[PATH_MAX_], why[PATH_MAX_ + 128];
	int rc = 0;
	FILE *f;

	if (!migration_params.state_file.len)
		return 0;
	if (path_of("", path)) {
		LM_ERR("modparam(\"ims_migration\", \"state_file\", ...): the name is too long\n");
		return -1;
	}
	f = fopen(path, "re");
	if (f) {
		rc = read_all(f);
		fclose(f);
	} else if (errno != ENOENT) {
		LM_ERR("state file %s: %s\n", path, strerror(errno));
		return -1;
	}
	/* That it cannot be written is found now, not by who binds. */
	if (rc == 0 && migration_store_save(why, sizeof(why))) {
		LM_ERR("%s\n", why);
		return -1;
	}
	return rc;
}
