/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims-hss.conf: one setting a line, "name value" or "name = value". config_settings names and
 * explains them all. */
#ifndef HSS_CONFIG_H
#define HSS_CONFIG_H

#include <stdio.h>

#include "hss/subscription/subscription.h"

enum {
	CONFIG_LISTEN_MAX = 8,
	CONFIG_PEERS_MAX = 64,
	CONFIG_PATH_SIZE = 108,
	CONFIG_ADDRESS_SIZE = 64
};

struct config_peer {
	char name[IDENTITY_SIZE];	   /* Diameter identity, lower case */
	char address[CONFIG_ADDRESS_SIZE]; /* the only address it may come from, or "" */
};

struct config {
	char identity[IDENTITY_SIZE];
	char realm[IDENTITY_SIZE];
	char listen[CONFIG_LISTEN_MAX][CONFIG_ADDRESS_SIZE];
	size_t n_listen;
	uint16_t port;	   /* clear TCP (and SCTP) */
	uint16_t tls_port; /* 0: no TLS */
	bool sctp;
	struct config_peer peer[CONFIG_PEERS_MAX];
	size_t n_peers;
	char store[IDENTITY_SIZE];
	char control[CONFIG_PATH_SIZE]; /* path of the control socket */
	char tls_certificate[IDENTITY_SIZE], tls_key[IDENTITY_SIZE], tls_ca[IDENTITY_SIZE];
	struct capabilities capabilities;
	struct charging charging;
	unsigned int vectors_max;
	bool keep_server_name;
	unsigned int answer_seconds; /* how long RTR and PPR wait for an answer */
	unsigned int watchdog_seconds;
	int log_level; /* syslog's: 3 errors .. 7 debug */
};

/* The settings with default, one sentence and example, for --help and the manual. Ends with a NULL
 * name. */
struct config_setting {
	const char *name, *example, *text;
	int (*set)(struct config *, const struct config_setting *, struct slice value, char *why,
		   size_t size);
	size_t offset, limit; /* for the simple kinds */
};
extern const struct config_setting config_settings[];

/* Defaults of every setting. */
void config_defaults(struct config *cfg);

/*
 * Parse text over what cfg holds. Returns 0, or -1 and "line N: what and how to mend it" in why;
 * cfg is then of no use.
 */
int config_parse(struct slice text, struct config *cfg, char *why, size_t size);

/* config_defaults(), then the file, then a check that it is complete. Returns 0, or -1 with why. */
int config_read(const char *path, struct config *cfg, char *why, size_t size);

#endif
