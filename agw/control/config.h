/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file of ims-agw: settings under [gateway], [mgc] and [realm NAME], in the
 * syntax of daemon/settings.h. docs/agw.md describes every setting. Pure: text in, struct out.
 */
#ifndef AGW_CONTROL_CONFIG_H
#define AGW_CONTROL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/netaddr.h"
#include "daemon/settings.h"

enum {
	CONFIG_REALMS_MAX = 64,
	CONFIG_ADDRESSES_MAX = 4, /* per realm */
	CONFIG_MGCS_MAX = 16,
	CONFIG_NAME_MAX = 48,
	CONFIG_TEXT_MAX = 256,
};
#define CONFIG_TRACE_DIR "/var/log/ims-agw" /* where nothing is named */

struct config_realm {
	char name[CONFIG_NAME_MAX]; /* the middle part of ip/<name>/<n> */
	char ipdc[CONFIG_TEXT_MAX]; /* value of ipdc/realm; "" = same as name */
	char device[16];
	size_t n_addresses;
	struct netaddr addresses[CONFIG_ADDRESSES_MAX];
	uint16_t port_min, port_max;
	uint8_t dscp; /* where ds/dscp is not given */
};

struct config {
	char mid[CONFIG_TEXT_MAX];
	char transport[8]; /* udp, sctp, tpkt */
	char local[CONFIG_TEXT_MAX];
	char device[16]; /* of H.248 */
	char profile[CONFIG_NAME_MAX];
	uint32_t profile_version, version_min, version_max;
	bool compact; /* short tokens out */
	uint32_t mwd_ms;
	uint32_t stranger_code;
	uint32_t t_max_ms; /* a request to the controller is given up after this */
	size_t n_mgcs;
	char mgcs[CONFIG_MGCS_MAX][CONFIG_TEXT_MAX];

	uint32_t workers;
	uint32_t contexts_max, contexts_reserved; /* the latter for emergency calls */
	uint32_t terminations_per_context;
	uint32_t ports_reserved_percent; /* of each pool, for emergency calls */
	uint32_t heartbeat_s;		 /* hangterm/thb without timerx */
	uint32_t overload_percent;	 /* of contexts, ports or CPU in use; 0 = never */

	char certificate[CONFIG_TEXT_MAX], private_key[CONFIG_TEXT_MAX];
	bool certificate_per_session, allow_sha1;
	uint32_t tls_handshake_ms, tls_retry_ms, tcp_connect_ms, tcp_keepalive_s, tcp_buffer,
	    srtp_window;
	bool io_uring; /* where the kernel lets us */
	bool msrp_rewrite;

	int log_level; /* of syslog(3) */
	char user[CONFIG_NAME_MAX];
	char control_socket[CONFIG_TEXT_MAX], metrics[CONFIG_TEXT_MAX], trace_dir[CONFIG_TEXT_MAX];

	size_t n_realms;
	struct config_realm realms[CONFIG_REALMS_MAX];
};

/* Defaults, then the text. Returns 0, or -1 with a sentence in why, which begins with "line N: "
 * where a line is at fault; *out is undefined then. */
int config_parse(struct slice text, struct config *out, char *why, size_t size);

/*
 * What can be told before start, beyond how lines are read: addresses, identities, the user.
 * Returns 0, or -1 with a sentence in why.
 */
int config_check(const struct config *c, char *why, size_t size);

/*
 * Settings that are different in two configurations and that only a start can change, as words with
 * ", " between them in names. Returns their number.
 */
unsigned config_needs_start(const struct config *now, const struct config *next, char *names,
			    size_t size);
/* Take over from next what can change while the gateway runs. */
void config_take(struct config *now, const struct config *next);

/* All settings, for --help. */
extern const struct setting config_settings[];

#endif
