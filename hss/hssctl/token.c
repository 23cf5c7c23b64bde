/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of hssctl about the tokens of the REST API. ims-hss looks at their file with each request. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aka/codec.h"
#include "daemon/settings.h"
#include "hss/hssctl/hssctl.h"
#include "hss/http/token.h"

/* Read the file; one that is not there has no tokens. */
static int read_tokens(struct hssctl *c, struct tokens *t)
{
	char why[512], reason[256];
	size_t n = 0;
	char *text;
	int err;

	t->n = 0;
	if (!c->tokens_path)
		return complain("the configuration says where tokens are (http_tokens): name it "
				"with -c");
	if (access(c->tokens_path, F_OK) && errno == ENOENT)
		return 0;
	text = settings_read_file(c->tokens_path, TOKEN_FILE_MAX, &n, why, sizeof(why));
	if (!text)
		return complain("%s", why);
	err = tokens_parse(slice_make(text, n), t, reason, sizeof(reason));
	free(text);
	return err ? complain("%s: %s", c->tokens_path, reason) : 0;
}

static int put_tokens(FILE *f, const struct tokens *t)
{
	char hex[65];

	for (size_t i = 0; i < t->n; i++) {
		hex_encode(t->token[i].hash, 32, hex);
		fprintf(f, "%s %s %s\n", t->token[i].name, role_name(t->token[i].role), hex);
	}
	return fflush(f) || fsync(fileno(f)) ? -1 : 0;
}

/* A new file takes the place of the old one, which stays whole until then and keeps its owner. */
static int write_tokens(struct hssctl *c, const struct tokens *t)
{
	char path[4096];
	struct stat old;
	int fd, err;
	FILE *f;

	snprintf(path, sizeof(path), "%s.new", c->tokens_path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!f)
		return complain("cannot write %s: %s", path, strerror(errno));
	if (stat(c->tokens_path, &old) == 0)
		err = fchown(fd, old.st_uid, old.st_gid) || fchmod(fd, old.st_mode & 0640);
	else
		err = 0;
	err = put_tokens(f, t) || err;
	err = fclose(f) || err;
	if (err || rename(path, c->tokens_path)) {
		complain("cannot write %s: %s", c->tokens_path, strerror(errno));
		unlink(path);
		return 1;
	}
	return 0;
}

static size_t find(const struct tokens *t, const char *name)
{
	size_t i = 0;

	while (i < t->n && strcmp(t->token[i].name, name) != 0)
		i++;
	return i;
}

/* Fit to stand in the file and in a log. */
static bool good_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@");

	return n > 0 && n < TOKEN_NAME_SIZE && s[n] == '\0';
}

static int add(struct hssctl *c, struct tokens *t)
{
	struct token *new = &t->token[t->n];
	char secret[TOKEN_SIZE];
	int status;

	if (!good_name(c->arg[0]) || role_parse(slice_str(c->arg[1])) == ROLE_NONE)
		return complain("it needs a name of up to 31 letters, digits and .-_@, and read, "
				"provision, admin or migration");
	if (t->n == TOKENS_MAX)
		return complain("there are %d tokens; remove one first", TOKENS_MAX);
	if (find(t, c->arg[0]) < t->n)
		return complain("%s exists; remove it first", c->arg[0]);
	strcpy(new->name, c->arg[0]);
	new->role = role_parse(slice_str(c->arg[1]));
	if (token_make(secret, new->hash))
		return complain("no random numbers");
	t->n++;
	status = write_tokens(c, t);
	if (status == 0)
		printf("%s\n", secret);
	explicit_bzero(secret, sizeof(secret));
	return status;
}

static int remove_one(struct hssctl *c, struct tokens *t)
{
	size_t i = find(t, c->arg[0]);

	if (i == t->n)
		return complain("there is no token %s", c->arg[0]);
	memmove(&t->token[i], &t->token[i + 1], (t->n - i - 1) * sizeof(t->token[0]));
	t->n--;
	return write_tokens(c, t);
}

static int list(struct hssctl *c, struct tokens *t)
{
	(void)c;
	for (size_t i = 0; i < t->n; i++)
		printf("%s %s\n", t->token[i].name, role_name(t->token[i].role));
	return 0;
}

static int with_tokens(struct hssctl *c, int (*command)(struct hssctl *, struct tokens *))
{
	struct tokens *t = calloc(1, sizeof(*t));
	int status = t ? read_tokens(c, t) : complain("no memory");

	if (status == 0)
		status = command(c, t);
	free(t);
	return status;
}

int cmd_token_add(struct hssctl *c)
{
	return with_tokens(c, add);
}

int cmd_token_list(struct hssctl *c)
{
	return with_tokens(c, list);
}

int cmd_token_remove(struct hssctl *c)
{
	return with_tokens(c, remove_one);
}
