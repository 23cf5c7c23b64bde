/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/cms/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "http/body.h"
#include "http/client.h"

enum { CONNECT_MS = 2000, WAIT_MS = 1000, HSS_MORE_S = 10 };

struct transfer {
	struct transfer *next;	       /* of those that wait for the thread, or all that run */
	const struct partner *partner; /* NULL: our HSS */
	CURL *curl;
	struct curl_slist *head;
	char url[2 * NAME_SIZE];
	char *body;
	struct http_body answer;
	client_done_h done;
	void *arg;
};

static struct {
	const struct cms_config *cfg;
	CURLM *multi;
	pthread_t thread;
	pthread_mutex_t lock;
	struct transfer *asked, *run;
	unsigned int n, of_partner[PARTNERS_MAX], of_hss;
	char token[128]; /* of our HSS, with the name of its field */
	bool runs, stop;
} client = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t on_data(char *data, size_t one, size_t n, void *arg)
{
	struct transfer *t = arg;

	(void)one;
	/* less than n ends the transfer */
	return http_body_add(&t->answer, data, n, CLIENT_ANSWER_MAX) ? 0 : n;
}

static void transfer_free(struct transfer *t)
{
	curl_slist_free_all(t->head);
	curl_easy_cleanup(t->curl);
	http_body_drop(&t->answer);
	free(t->body);
	free(t);
}

/* Errors before a request can have been sent. */
static bool before_sending(CURLcode rc)
{
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
		return true;
	default:
		return false;
	}
}

/* How many are under way to one. */
static unsigned int *place(const struct partner *partner)
{
	return partner ? &client.of_partner[partner - client.cfg->partner] : &client.of_hss;
}

/* Take it out of those that run, tell its owner, forget it. */
static void finish(struct transfer *t, CURLcode rc)
{
	struct client_answer a = {0, !before_sending(rc), slice_make(t->answer.p, t->answer.len),
				  curl_easy_strerror(rc)};
	struct transfer **p = &client.run;
	long status = 0;

	if (rc == CURLE_OK &&
	    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
		a.status = (unsigned int)status;
	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	curl_multi_remove_handle(client.multi, t->curl);
	pthread_mutex_lock(&client.lock);
	*place(t->partner) -= 1;
	client.n -= t->partner != NULL;
	pthread_mutex_unlock(&client.lock);
	t->done(t->arg, &a);
	transfer_free(t);
}

/* Those that were asked for run from now on. Returns whether the thread is to end. */
static bool take_asked(void)
{
	struct transfer *t;
	bool stop;

	pthread_mutex_lock(&client.lock);
	t = client.asked;
	client.asked = NULL;
	stop = client.stop;
	pthread_mutex_unlock(&client.lock);
	while (t) {
		struct transfer *next = t->next;

		t->next = client.run;
		client.run = t;
		if (curl_multi_add_handle(client.multi, t->curl) != CURLM_OK)
			finish(t, CURLE_OUT_OF_MEMORY);
		t = next;
	}
	return stop;
}

static void *run(void *arg)
{
	CURLMsg *m;
	int n;

	(void)arg;
	while (!take_asked()) {
		curl_multi_perform(client.multi, &n);
		while ((m = curl_multi_info_read(client.multi, &n)) != NULL) {
			struct transfer *t;

			if (m->msg != CURLMSG_DONE)
				continue;
			curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
			finish(t, m->data.result);
		}
		curl_multi_poll(client.multi, NULL, 0, WAIT_MS, NULL);
	}
	/* a done may ask again; it is refused since stop is set */
	while (client.run)
		finish(client.run, CURLE_ABORTED_BY_CALLBACK);
	return NULL;
}

/* The file has the token alone, and is nobody else's to read. */
static int read_token(const struct cms_config *cfg, char *why, size_t size)
{
	struct slice token;
	struct stat st;
	size_t n;
	char *text;
	int err;

	client.token[0] = '\0';
	if (!cfg->hss[0])
		return 0;
	if (stat(cfg->hss_token, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO))) {
		snprintf(why, size, "hss_token %s can be used by others; chmod 600 it",
			 cfg->hss_token);
		return -1;
	}
	text = settings_read_file(cfg->hss_token, 256, &n, why, size);
	if (!text)
		return -1;
	token = slice_trim(slice_make(text, n));
	err = token.len == 0 || memchr(token.p, '\n', token.len) ||
	      snprintf(client.token, sizeof(client.token), "Authorization: Bearer %.*s",
		       (int)token.len, token.p) >= (int)sizeof(client.token);
	explicit_bzero(text, n);
	free(text);
	if (err)
		snprintf(why, size, "hss_token %s has no token", cfg->hss_token);
	return err ? -1 : 0;
}

int client_start(const struct cms_config *cfg, char *why, size_t size)
{
	client.cfg = cfg;
	client.stop = false;
	if (read_token(cfg, why, size))
		return -1;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == 0)
		client.multi = curl_multi_init();
	if (client.multi && pthread_create(&client.thread, NULL, run, NULL) == 0) {
		client.runs = true;
		return 0;
	}
	snprintf(why, size, "the client of partners cannot start");
	client_stop();
	return -1;
}

void client_stop(void)
{
	if (client.runs) {
		pthread_mutex_lock(&client.lock);
		client.stop = true;
		curl_multi_wakeup(client.multi);
		pthread_mutex_unlock(&client.lock);
		pthread_join(client.thread, NULL);
	}
	client.runs = false;
	if (client.multi) {
		curl_multi_cleanup(client.multi);
		curl_global_cleanup();
	}
	client.multi = NULL;
}

static int configure(struct transfer *t, const char *method)
{
	const struct cms_config *cfg = client.cfg;
	CURL *c = t->curl;
	int err = http_client_server(c, t->url, t->partner ? t->partner->ca : cfg->hss_ca);

#define SET(option, value) err |= curl_easy_setopt(c, option, value) != CURLE_OK
	if (t->partner) {
		SET(CURLOPT_SSLCERT, cfg->certificate);
		SET(CURLOPT_SSLKEY, cfg->key);
	}
	SET(CURLOPT_CUSTOMREQUEST, method);
	SET(CURLOPT_HTTPHEADER, t->head);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	/* our HSS waits for an S-CSCF before it answers */
	SET(CURLOPT_TIMEOUT, (long)cfg->answer_seconds + (t->partner ? 0 : HSS_MORE_S));
	SET(CURLOPT_WRITEFUNCTION, on_data);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_PRIVATE, t);
	if (t->body)
		SET(CURLOPT_POSTFIELDS, t->body);
#undef SET
	return err;
}

static struct transfer *transfer_new(const struct partner *partner, const char *method,
				     const char *path, const char *body)
{
	struct transfer *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->partner = partner;
	t->curl = curl_easy_init();
	t->body = body ? strdup(body) : NULL;
	t->head = curl_slist_append(NULL, "Content-Type: application/json");
	if (t->head && !partner)
		curl_slist_append(t->head, client.token);
	if (t->curl && t->head && (t->body || !body) &&
	    snprintf(t->url, sizeof(t->url), "%s%s", partner ? partner->url : client.cfg->hss,
		     path) < (int)sizeof(t->url) &&
	    configure(t, method) == 0)
		return t;
	transfer_free(t);
	return NULL;
}

/* Is there room for one more? Under the lock. */
static bool has_room(const struct partner *partner)
{
	return client.runs && !client.stop &&
	       (partner ? client.n < CLIENT_MAX && *place(partner) < CLIENT_PER_PARTNER
			: client.of_hss < CLIENT_HSS_MAX);
}

static int begin(const struct partner *partner, const char *method, const char *path,
		 const char *body, client_done_h done, void *arg)
{
	struct transfer *t = transfer_new(partner, method, path, body);
	bool may;

	if (!t)
		return -1;
	t->done = done;
	t->arg = arg;
	pthread_mutex_lock(&client.lock);
	may = has_room(partner);
	if (may) {
		client.n += partner != NULL;
		*place(partner) += 1;
		t->next = client.asked;
		client.asked = t;
		curl_multi_wakeup(client.multi); /* under the lock: it goes with client_stop() */
	}
	pthread_mutex_unlock(&client.lock);
	if (may)
		return 0;
	transfer_free(t);
	return -1;
}

int client_ask(const struct partner *partner, const char *method, const char *path,
	       const char *body, client_done_h done, void *arg)
{
	return begin(partner, method, path, body, done, arg);
}

int client_ask_hss(const char *method, const char *path, const char *body, client_done_h done,
		   void *arg)
{
	return begin(NULL, method, path, body, done, arg);
}
