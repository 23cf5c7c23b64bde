/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How our programs ask over HTTPS: the server that is named, by TLS 1.2 or more under one authority, and nobody else. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include <curl/curl.h>

/*
 * Set the server and who vouches for it: no proxy, no redirect, no other authority of the machine. url, ca: a file in PEM form;
 * libcurl copies both. Returns 0, or 1 if libcurl took not all of it: then nothing must be sent.
 */
static inline int http_client_server(CURL *c, const char *url, const char *ca)
{
	return curl_easy_setopt(c, CURLOPT_URL, url) != CURLE_OK ||
	       curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https") != CURLE_OK ||
	       curl_easy_setopt(c, CURLOPT_PROXY, "") != CURLE_OK ||
	       curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK ||
	       curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) != CURLE_OK ||
	       curl_easy_setopt(c, CURLOPT_CAINFO, ca) != CURLE_OK ||
	       curl_easy_setopt(c, CURLOPT_CAPATH, NULL) != CURLE_OK ||
	       curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) != CURLE_OK ||
	       curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) != CURLE_OK;
}

#endif
