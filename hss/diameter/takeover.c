/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/takeover.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include "hss/diameter/dict.h"
#include "daemon/log.h"

enum {
	STEP_MS = 10,
	PATIENCE_MS = 100, /* what the peer has closed is seen by freeDiameter meanwhile */
	LIMIT_MS = 500
};

static const struct config *config;
/* The socket of each named peer's connection, -1: none; the lock keeps it from being closed. */
static int sockets[CONFIG_PEERS_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void takeover_init(const struct config *cfg)
{
	config = cfg;
	for (size_t i = 0; i < CONFIG_PEERS_MAX; i++)
		sockets[i] = -1;
}

static int find_named(const char *name, size_t len)
{
	for (size_t i = 0; i < config->n_peers; i++)
		if (strlen(config->peer[i].name) == len &&
		    strncasecmp(config->peer[i].name, name, len) == 0)
			return (int)i;
	return -1;
}

static void set_socket(struct peer_hdr *peer, int fd)
{
	int i = peer ? find_named(peer->info.pi_diamid, peer->info.pi_diamidlen) : -1;

	if (i < 0)
		return;
	pthread_mutex_lock(&lock);
	sockets[i] = fd;
	pthread_mutex_unlock(&lock);
}

void takeover_connected(struct peer_hdr *peer)
{
	char text[64]; /* such as TCP,soc#7 */
	const char *number;
	int fd;

	if (!peer || fd_peer_cnx_proto_info(peer, text, sizeof(text)))
		return;
	number = strchr(text, '#');
	if (number && sscanf(number, "#%d", &fd) == 1)
		set_socket(peer, fd);
}

void takeover_ended(struct peer_hdr *peer)
{
	set_socket(peer, -1);
}

/* Does the text of a connection, "... from [ADDRESS]:PORT ...", name that address? */
static bool comes_from(const char *source, const struct netaddr *allowed)
{
	const char *begin = source ? strchr(source, '[') : NULL;
	const char *end = begin ? strchr(begin, ']') : NULL;
	struct netaddr is;

	return end && netaddr_parse(slice_make(begin + 1, (size_t)(end - begin - 1)), &is) == 0 &&
	       netaddr_ip_eq(&is, allowed);
}

/* Whose CER is it? An index of a named peer, or -1. */
static int sender_of(struct msg *msg, const char *source)
{
	struct msg_hdr *hdr;
	struct avp_hdr *origin;
	struct avp *avp = NULL;
	int i;

	if (fd_msg_hdr(msg, &hdr) || hdr->msg_code != 257 || hdr->msg_appl != 0 ||
	    !(hdr->msg_flags & CMD_FLAG_REQUEST))
		return -1;
	if (fd_msg_search_avp(msg, dict.avp[AVP_ORIGIN_HOST], &avp) || !avp ||
	    fd_msg_avp_hdr(avp, &origin) || !origin->avp_value)
		return -1;
	i = find_named((const char *)origin->avp_value->os.data, origin->avp_value->os.len);
	if (i >= 0 && config->peer[i].tls) /* who it is only its certificate will tell */
		return -1;
	if (i >= 0 && netaddr_known(&config->peer[i].address) &&
	    !comes_from(source, &config->peer[i].address))
		return -1;
	return i;
}

/* Its state, or STATE_ZOMBIE if freeDiameter has forgotten it. */
static int state_of(int i)
{
	const char *name = config->peer[i].name;
	int state = STATE_ZOMBIE;

	if (pthread_rwlock_rdlock(&fd_g_peers_rw))
		return state;
	for (struct fd_list *li = fd_g_peers.next; li != &fd_g_peers; li = li->next) {
		struct peer_hdr *peer = (struct peer_hdr *)li;

		if (strcasecmp(peer->info.pi_diamid, name) == 0)
			state = fd_peer_get_state(peer);
	}
	pthread_rwlock_unlock(&fd_g_peers_rw);
	return state;
}

static void end_connection(int i)
{
	pthread_mutex_lock(&lock);
	if (sockets[i] >= 0 && state_of(i) == STATE_SUSPECT) {
		log_line(LOG_NOTICE,
			 "peer %s comes again; its connection that was silent is closed",
			 config->peer[i].name);
		shutdown(sockets[i], SHUT_RDWR);
		sockets[i] = -1;
	}
	pthread_mutex_unlock(&lock);
}

void takeover_first_message(struct msg *msg, const char *source)
{
	const struct timespec pause = {0, STEP_MS * 1000000L};
	int i = sender_of(msg, source);

	for (int ms = 0; i >= 0 && ms < LIMIT_MS; ms += STEP_MS) {
		int state = state_of(i);

		if (state == STATE_ZOMBIE) { /* before that, what comes for it is thrown away */
			if (ms > 0)	     /* its thread is about to end */
				nanosleep(&pause, NULL);
			return;
		}
		if (ms == PATIENCE_MS)
			end_connection(i);
		nanosleep(&pause, NULL);
	}
}
