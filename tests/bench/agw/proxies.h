/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proxies between TLS and plain TCP: ours, and the peers beside it, set up alike. */
#ifndef TESTS_BENCH_AGW_PROXIES_H
#define TESTS_BENCH_AGW_PROXIES_H

#include <sys/types.h>
#include "base/netaddr.h"
#include "unit/agw/endpoint.h"

enum { PROXY_PAIRS = 100, PROXY_BACKEND_PORT = 7000, PROXY_PORT = 8443 };
#define PROXY_BACKEND_IP "10.0.0.9"

struct proxy_setting {
	struct identity ue;		/* who the clients are: proxies ask for a certificate */
	struct netaddr to[PROXY_PAIRS]; /* where connection i goes: filled by up() */
	char dir[64];			/* for the peers' files */
};

/* Files of the peers' certificate and key and of the clients' certificate. */
void proxy_put_certificates(const struct proxy_setting *b);

struct proxy {
	const char *name;
	pid_t (*up)(struct proxy_setting *b);
	void (*down)(pid_t pid);
};

enum { PROXY_AGW, PROXY_AGW_MSRP, PROXY_NGINX, PROXY_HAPROXY, PROXIES };
extern const struct proxy proxies[PROXIES];

#endif
