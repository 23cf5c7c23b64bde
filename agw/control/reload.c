/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration file, at start and again. */
#include <stdio.h>
#include <stdlib.h>
#include "agw/control/gateway.h"

enum { CONFIG_FILE_MAX = 256 * 1024, REASON_MAX = 300 };

int gateway_load(const struct gateway *g, struct config *out, char *why, size_t size)
{
	char reason[REASON_MAX];
	size_t len;
	char *text = settings_read_file(g->config_path, CONFIG_FILE_MAX, &len, why, size);
	int rc;

	if (!text)
		return -1;
	rc = config_parse(slice_make(text, len), out, reason, sizeof(reason));
	if (rc == 0)
		rc = config_check(out, reason, sizeof(reason));
	if (rc < 0)
		snprintf(why, size, "%s: %s", g->config_path, reason);
	free(text);
	return rc;
}

static int refuse(struct gateway *g, struct config *next, const char *why)
{
	g->reloads_refused++;
	log_line(LOG_ERR, "reload: the configuration in force stays: %s", why);
	free(next);
	return -1;
}

int gateway_reload(struct gateway *g, char *text, size_t size)
{
	struct config *next = malloc(sizeof(*next));
	char names[REASON_MAX];

	text[0] = 0;
	if (!next) {
		snprintf(text, size, "no memory");
		return refuse(g, next, text);
	}
	if (gateway_load(g, next, text, size) < 0)
		return refuse(g, next, text);
	if (realms_update(&g->realms, next) < 0) {
		snprintf(text, size, "no memory for the realms");
		return refuse(g, next, text);
	}
	if (config_needs_start(&g->cfg, next, names, sizeof(names)))
		snprintf(text, size, "taken at the next start only: %s", names);
	config_take(&g->cfg, next);
	realms_try(&g->realms);
	free(next);
	g->reloads++;
	log_open(g->cfg.log_level);
	if (text[0])
		log_line(LOG_WARNING, "reload: %s", text);
	log_line(LOG_NOTICE, "reload: done; calls in progress keep their ports");
	notify_realms_changed(g, h248_now_ms());
	return 0;
}
