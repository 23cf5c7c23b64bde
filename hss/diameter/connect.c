/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/connect.h"

#include <dlfcn.h>
#include <sys/socket.h>

#include "daemon/log.h"
#include "hss/counters.h"
#include "hss/diameter/avp.h"

enum { PORT_TLS = 5658, CODE_CER = 257 };

static const struct config *config;

static uint16_t port_of(const struct config_peer *p)
{
	return p->tls && p->connect == CONFIG_PORT ? PORT_TLS : p->connect;
}

/* Its realm: that of the partner, where he has one; an answer to our CER with another one is refused. */
static const char *realm_of(const struct config *cfg, const struct config_peer *p)
{
	const struct config_partner *partner = config_partner(cfg, p->partner);

	return partner && partner->n_realms == 1 ? partner->realm[0] : NULL;
}

static int add_peer(const struct config *cfg, const struct config_peer *p)
{
	struct netaddr at = p->address;
	struct sockaddr_storage ss;
	struct peer_info info;
	socklen_t len;
	int err;

	memset(&info, 0, sizeof(info));
	fd_list_init(&info.pi_endpoints, NULL);
	info.pi_diamid = strdup(p->name);
	if (!info.pi_diamid)
		return ENOMEM;
	info.pi_diamidlen = strlen(p->name);
	info.config.pic_flags.pro4 = PI_P4_TCP;
	info.config.pic_flags.sec = p->tls ? PI_SEC_DEFAULT : PI_SEC_NONE;
	info.config.pic_flags.persist = PI_PRST_ALWAYS;
	info.config.pic_port = port_of(p);
	info.config.pic_tctimer = CONNECT_AGAIN_S;
	info.config.pic_realm = (char *)(uintptr_t)realm_of(cfg, p); /* copied */
	at.port = port_of(p);
	len = netaddr_to_sockaddr(&at, &ss);
	err = fd_ep_add_merge(&info.pi_endpoints, (struct sockaddr *)&ss, len,
			      EP_FL_CONF | EP_ACCEPTALL);
	return err ? err : fd_peer_add(&info, "ims-hss.conf", NULL, NULL);
}

int connect_start(const struct config *cfg)
{
	int err = 0;

	config = cfg;
	for (size_t i = 0; i < cfg->n_peers && err == 0; i++)
		if (cfg->peer[i].connect)
			err = add_peer(cfg, &cfg->peer[i]);
	return err;
}

void connect_first_message(struct msg *msg)
{
	const struct config_peer *p;
	struct avp_hdr *origin;
	struct msg_hdr *hdr;
	struct avp *avp = NULL;

	if (!config || fd_msg_hdr(msg, &hdr) || hdr->msg_code != CODE_CER || hdr->msg_appl != 0 ||
	    !(hdr->msg_flags & CMD_FLAG_REQUEST) ||
	    fd_msg_search_avp(msg, dict.avp[AVP_ORIGIN_HOST], &avp) || !avp ||
	    fd_msg_avp_hdr(avp, &origin) || !origin->avp_value)
		return;
	p = config_peer(config, slice_make((const char *)origin->avp_value->os.data,
					   origin->avp_value->os.len));
	if (!p || !p->connect)
		return;
	log_line(LOG_INFO, "peer %s refused: its peer line says connect, so it does not come",
		 p->name);
	memset(origin->avp_value->os.data, 'x', origin->avp_value->os.len);
}

/* Is there one of those peers? */
static bool is_there(const struct config *cfg, const struct netaddr *at)
{
	for (size_t i = 0; i < cfg->n_peers; i++)
		if (cfg->peer[i].connect && at->port == port_of(&cfg->peer[i]) &&
		    netaddr_ip_eq(at, &cfg->peer[i].address))
			return true;
	return false;
}

bool connect_made(const struct config *cfg, int fd)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof(ss);
	struct netaddr at;

	if (getpeername(fd, (struct sockaddr *)&ss, &len))
		return false;
	netaddr_from_sockaddr(&ss, &at);
	return is_there(cfg, &at);
}

/* From the address that we serve on, of the same family: the partner's peer line may name it. */
static void bind_ours(int fd, int family)
{
	for (size_t i = 0; i < config->n_listen; i++) {
		struct sockaddr_storage ss;
		struct netaddr from;
		socklen_t len;

		if (netaddr_parse(slice_str(config->listen[i]), &from))
			continue;
		from.port = 0;
		len = netaddr_to_sockaddr(&from, &ss);
		if (ss.ss_family == family && !netaddr_is_any(&from) &&
		    bind(fd, (const struct sockaddr *)&ss, len) == 0)
			return;
	}
}

int connect(int fd, const struct sockaddr *to, socklen_t len)
{
	static int (*real)(int, const struct sockaddr *, socklen_t);
	struct sockaddr_storage ss = {0};
	struct netaddr at;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "connect");
	if (config && to && len <= sizeof(ss)) {
		memcpy(&ss, to, len);
		netaddr_from_sockaddr(&ss, &at);
		if (is_there(config, &at))
			bind_ours(fd, ss.ss_family);
	}
	return real(fd, to, len);
}
