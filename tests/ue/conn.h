/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An IMS connection: one registration over one access, with its contact, its SA sets, and what the
 * network told it (Service-Route, P-Associated-URI). Requests outside and inside dialogs are made
 * here.
 */
#ifndef UE_CONN_H
#define UE_CONN_H

#include "aka/digest.h"
#include "ue/reg_order.h"
#include "ue/ue.h"

/* The four SAs of one authenticated registration, and this side's port_uc (TS 33.203 7.1). */
struct sa_set {
	struct conn *conn;
	struct port *uc;
	uint32_t spi_uc, spi_us;       /* chosen by us, for packets to us */
	struct sec_agree_ipsec server; /* the P-CSCF's ports and SPIs, and the algorithms agreed */
	char *verify;		       /* Security-Server as it came, for Security-Verify */
	bool installed;
};

enum conn_state { CONN_NONE, CONN_REGISTERING, CONN_REGISTERED, CONN_REJECTED, CONN_GONE };

/* How Security-Client names media security (TS 24.229 7.2A.7): behind ipsec-3gpp in one list, before
 * it, or each in a line of its own. */
enum mediasec_form { MEDIASEC_LIST, MEDIASEC_FIRST, MEDIASEC_LINES };

/* The challenge that was answered last, for the next REGISTER. Wiped with the connection. */
struct credentials {
	char *realm, *nonce, *opaque, *algorithm;
	char *last; /* the last Authorization header sent after a challenge */
	int qop;    /* enum aka_qop */
	uint8_t res[AKA_RES_MAX];
	uint8_t res_len;
	bool have;
	bool v2;			     /* AKAv2-MD5 */
	char password[AKA_V2_PASSWORD_SIZE]; /* of it; "" none */
	uint32_t nc;
};

/* A subscription to the reg event (RFC 3680). */
struct reg_sub {
	char *aor, *callid, *local_tag, *remote_tag, *target;
	uint32_t cseq, notifies;
	struct route_set routes;
	struct reginfo_table *table;
	struct reg_order order;
	uint64_t changed_us; /* of the last document applied */
	bool terminated;
	struct op op;
};

struct register_job;

struct conn {
	struct ue *ue;
	const struct ue_system *system; /* whose identities it registers */
	char *name;
	struct access *access;
	enum conn_state state;
	bool tcp, ipsec, via_uc;
	struct sec_agree_offer offer;
	struct netaddr pcscf; /* with its unprotected port */
	struct port *us;      /* NULL without IPsec */
	struct sa_set *current, *old,
	    *fresh; /* fresh: proposed, or installed and not yet confirmed */
	struct timer old_ends;
	char *impu, *contact_user, *contact; /* contact: URI */
	char *callid, *from_tag;
	uint32_t cseq, expires;
	int reg_id; /* 0: none */
	bool seamless;
	char *
	    mediasec; /* mechanisms of media security that it announces, with blanks between; NULL */
	enum mediasec_form mediasec_form;
	char *server_list; /* without IPsec: Security-Server as it came last, for Security-Verify */
	char *instance;
	struct route_set service_route;
	struct credentials auth;
	struct register_job *job;
	struct reg_sub *sub;
	struct op op; /* of the last action on this connection */
	char *last;   /* the last final response, whole */
	struct conn *next;
};

struct conn *conn_find(const struct ue *u, struct slice name);
/* A new connection in the UE's list; one of that name is dropped first. */
struct conn *conn_new(struct ue *u, struct slice name, struct access *a);
/* It is for another system: identity and P-CSCF are that one's from now on. 0, or -1: its P-CSCF has no address of the access's IP
 * version. Before anything was sent. */
int conn_set_system(struct conn *c, const struct ue_system *s);
/* Forget it without a word: transactions, sockets, SAs. Sessions on it must be gone or moved. */
void conn_drop(struct conn *c);

/* Set the contact from port_us or the unprotected port, unless it was given. 0 or -1 (errno). */
int conn_set_contact(struct conn *c, struct slice given);

/* The contact URI of a connection that is or was there, NULL: never heard of it. */
const char *conn_contact(const struct ue *u, struct slice name);

/* Where its requests go: inside the current SA set, or in clear without one. 0 or -1 (errno: no
 * port). */
int conn_hop(struct conn *c, struct hop *out);
/* "sip:host:port;lr" of the P-CSCF as the requests of this connection name it. */
void conn_pcscf_uri(const struct conn *c, struct text *out);

/*
 * Begin a request: request line, Via, Max-Forwards, Route, P-Access-Network-Info, and what
 * sec-agree wants (Security-Verify; not in ACK and CANCEL). routes NULL: P-CSCF and Service-Route.
 */
void conn_request_begin(struct conn *c, struct text *t, const char *method, struct slice ruri,
			const struct route_set *routes);
/* End it: Content-Type if type is not empty, Content-Length, body. */
void conn_request_end(struct text *t, struct slice type, struct slice body);

/* Send a request outside any dialog, answer into c->op: MESSAGE, OPTIONS and others. 0 or -1
 * (errno). */
int conn_send_request(struct conn *c, const char *method, struct slice ruri, struct slice body,
		      const struct ue_sip_edits *edits);

/* Remember a final response for `expect last`. */
void conn_remember(struct conn *c, const struct ue_sip_msg *resp);

const char *conn_state_name(enum conn_state s);

#endif
