/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims-hss.conf in the syntax of daemon/settings.h; config_settings names and explains every setting. */
#ifndef HSS_CONFIG_H
#define HSS_CONFIG_H

#include "aka/sqn.h"
#include "base/netaddr.h"
#include "daemon/settings.h"
#include "hss/subscription/subscription.h"

enum {
	CONFIG_LISTEN_MAX = 8,
	CONFIG_PEERS_MAX = 64,
	CONFIG_REALMS_MAX = 32,
	CONFIG_PARTNERS_MAX = 32,
	CONFIG_PARTNER_NAMES = 8, /* realms, and domains, of a partner */
	PARTNER_SIZE = 33,	  /* the name of a partner's system, with NUL */
	CONFIG_PATH_SIZE = 108,
	CONFIG_ADDRESS_SIZE = 64,
	CONFIG_STORE_SIZE = 1024,
	CONFIG_PORT = 3868, /* of clear TCP and SCTP, RFC 6733 2.1 */
};

/* What a peer is here for; bits. */
enum peer_role {
	PEER_CX = 1,	  /* a CSCF */
	PEER_SH = 2,	  /* an application server */
	PEER_RELAY = 4,	  /* requests of others come through it, and ours for others go */
	PEER_PARTNER = 8, /* the HSS of a partner system (TR 23.781 6.2) */
};

struct config_peer {
	char name[IDENTITY_SIZE];   /* Diameter identity, lower case */
	struct netaddr address;	    /* the only address it may come from, where one is known */
	bool tls;		    /* it may come over TLS only */
	unsigned int roles;	    /* of enum peer_role */
	char partner[PARTNER_SIZE]; /* whose HSS it is, or "" */
	uint16_t connect;	    /* we connect to it, at this port; 0: it connects */
};

/* Another system, between which and this one users migrate (TR 23.781 6.2). */
enum partner_command { PARTNER_MAR = 1, PARTNER_RTR = 2 };
struct config_partner {
	char name[PARTNER_SIZE];
	char realm[CONFIG_PARTNER_NAMES][IDENTITY_SIZE]; /* of its HSSs, lower case */
	size_t n_realms;
	char domain[CONFIG_PARTNER_NAMES][IDENTITY_SIZE]; /* of its users' identities */
	size_t n_domains;
	unsigned int commands; /* that its HSSs may send: of enum partner_command */
	uint32_t rate;	       /* MARs in a second */
};

struct config {
	char identity[IDENTITY_SIZE];
	char realm[IDENTITY_SIZE];
	char serves[CONFIG_REALMS_MAX][IDENTITY_SIZE]; /* other realms, lower case */
	size_t n_serves;
	char listen[CONFIG_LISTEN_MAX][CONFIG_ADDRESS_SIZE];
	size_t n_listen;
	bool port_given;
	uint16_t port;	   /* clear TCP (and SCTP); 0: closed */
	uint16_t tls_port; /* 0: no TLS */
	bool sctp;
	struct config_peer peer[CONFIG_PEERS_MAX];
	size_t n_peers;
	struct config_partner partner[CONFIG_PARTNERS_MAX];
	size_t n_partners;
	/* of the identities that partners' users have here, and of those behind which ours are hidden from partners; "": none */
	char inbound_domain[IDENTITY_SIZE], outbound_domain[IDENTITY_SIZE];
	char migration_template[IDENTITY_SIZE]; /* whose profile partners' users get here, or "" */
	char migration_server[IDENTITY_SIZE];	/* Server-Name in MARs to partners */
	char store[CONFIG_STORE_SIZE];		/* may have a password in it */
	char
	    master_key[IDENTITY_SIZE]; /* of the keys in the store, or ""; hss/store/master_key.h */
	char control[CONFIG_PATH_SIZE];	   /* path of the control socket */
	char metrics[CONFIG_ADDRESS_SIZE]; /* where Prometheus asks, or "" */
	char http[CONFIG_PATH_SIZE];	   /* where REST and the page are served, or "" */
	char http_certificate[IDENTITY_SIZE], http_key[IDENTITY_SIZE], http_tokens[IDENTITY_SIZE];
	bool http_clear; /* without TLS elsewhere than on this machine, too */
	char tls_certificate[IDENTITY_SIZE], tls_key[IDENTITY_SIZE], tls_ca[IDENTITY_SIZE];
	struct capabilities capabilities;
	struct charging charging;
	uint32_t vectors_max;
	struct sqn_range sqn_ind; /* of the numbers in vectors */
	bool keep_server_name;
	bool akav2_password;	 /* of AKAv2-MD5 in the place of XRES */
	bool giba;		 /* who may be is authenticated by the address of his bearer */
	bool push_changes;	 /* PPR and RTR when an operator changes what is registered */
	uint32_t answer_seconds; /* how long RTR, PPR and PNR wait for an answer */
	uint32_t watchdog_seconds;
	uint32_t requests_max; /* under way at a time */
	uint32_t memory_mb;    /* for subscriptions that are read without the store; 0: none */
	uint32_t sh_subscriptions_max;
	uint32_t sh_subscriptions_of_as_max; /* of one AS for a user */
	uint32_t sh_user_data_max;	     /* octets of User-Data in one message to an AS */
	uint32_t sh_data_max;	  /* octets of repository data that an AS may keep for a service */
	uint32_t sh_services_max; /* under which ASs may keep data with a user */
	int log_level;		  /* syslog's: 3 errors .. 7 debug */
};

extern const struct setting config_settings[];

/* Defaults of every setting. */
void config_defaults(struct config *cfg);

/*
 * Parse text over what cfg holds. Returns 0, or -1 and "line N: what and how to mend it" in why;
 * cfg is then of no use.
 */
int config_parse(struct slice text, struct config *cfg, char *why, size_t size);

/* config_defaults(), then the file, then a check that it is complete. Returns 0, or -1 with why. */
int config_read(const char *path, struct config *cfg, char *why, size_t size);

/* Is it complete, and do the settings fit together; is http safe to be served? 0, or -1 with why. */
int config_check(const struct config *cfg, char *why, size_t size);

/* Is that one of the realms of this HSS? Compared without case. */
bool config_serves(const struct config *cfg, struct slice realm);

/* The configured peer of this Diameter identity, compared without case, or NULL. */
const struct config_peer *config_peer(const struct config *cfg, struct slice name);

/* The partner of this name, or NULL. */
const struct config_partner *config_partner(const struct config *cfg, const char *name);
/* Is the host of the identity a domain of the partner, or below one? A tel: URI is. */
bool config_partner_has(const struct config_partner *p, const char *identity);
/* Is that the realm of one of its HSSs? */
bool config_partner_realm(const struct config_partner *p, struct slice realm);
/* Is it an identity in a domain of ours: of our realms, or of those that migration has? */
bool config_is_ours(const struct config *cfg, const char *identity);

/* For the file that reads "partner" lines. / Words of a peer line that only partners have: 0, -1 with why, or 1: it is another
 * word. */
int config_set_partner(void *into, const struct setting *s, const struct words *w, char *why,
		       size_t size);
int config_peer_word(struct config_peer *p, struct slice word, char *why, size_t size);

/*
 * May this peer have a request of the HSS that is for host (Destination-Host)? role is that of the application, PEER_CX or
 * PEER_SH. The host itself may, and a peer whose line says relay. For a CSCF that no peer line names, so may a CSCF's
 * peer that has advertised that it relays: requests of that CSCF come through it unasked, too.
 */
bool config_may_carry(const struct config *cfg, struct slice host, unsigned int role,
		      struct slice peer, bool relays);

#endif
