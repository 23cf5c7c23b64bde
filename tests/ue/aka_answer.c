/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "aka/codec.h"
#include "aka/digest.h"
#include "ue/aka_answer.h"

/* One parameter of a Digest challenge: a="b", c=d. SLICE_NULL if it is not there. */
static struct slice digest_param(struct slice challenge, const char *name)
{
	struct slice item;

	while (ue_sip_list_next(&challenge, &item)) {
		struct slice key = slice_trim(slice_cut(&item, '='));

		item = slice_trim(item);
		if (item.len >= 2 && item.p[0] == '"' && item.p[item.len - 1] == '"')
			item = slice_make(item.p + 1, item.len - 2);
		if (slice_eq_nocase(key, slice_str(name)))
			return item;
	}
	return SLICE_NULL;
}

static int read_challenge(struct credentials *a, const struct ue_sip_msg *m, const char **why)
{
	struct slice h = ue_sip_header(m, "WWW-Authenticate", 0), scheme = slice_cut(&h, ' '), qop,
		     one;
	enum aka_qop q;

	*why = "the 401 has no Digest challenge";
	if (!slice_eq_nocase(scheme, SLICE_LIT("Digest")))
		return -1;
	ue_set(&a->realm, digest_param(h, "realm"));
	ue_set(&a->nonce, digest_param(h, "nonce"));
	ue_set(&a->opaque, digest_param(h, "opaque"));
	ue_set(&a->algorithm, digest_param(h, "algorithm"));
	a->qop = AKA_QOP_NONE;
	qop = digest_param(h, "qop");
	while (ue_sip_list_next(&qop, &one))
		if (aka_qop_parse(one, &q) == 0 && (a->qop == AKA_QOP_NONE || q == AKA_QOP_AUTH))
			a->qop = (int)q;
	a->nc = 0;
	a->v2 = slice_eq_nocase(slice_str(a->algorithm), SLICE_LIT("AKAv2-MD5"));
	*why = "the algorithm of the challenge is neither AKAv1-MD5 nor AKAv2-MD5";
	return a->v2 || slice_eq_nocase(slice_str(a->algorithm), SLICE_LIT("AKAv1-MD5")) ? 0 : -1;
}

/* res=wrong, res=HEX */
static void spoil_res(uint8_t *res, size_t n, const char *how)
{
	uint8_t given[AKA_RES_MAX];

	if (how && strlen(how) == 2 * n && slice_hex(slice_str(how), given, n) == 0)
		memcpy(res, given, n);
	else if (how)
		res[n - 1] ^= 1;
}

int aka_answer(struct conn *c, const struct ue_sip_msg *challenge, const struct register_options *o,
	       enum answer_kind *kind, uint8_t auts[AKA_AUTS_LEN], uint8_t ck[16], uint8_t ik[16],
	       const char **why)
{
	struct ue *u = c->ue;
	struct credentials *a = &c->auth;
	struct aka_answer ans;
	uint8_t rand[16], autn[16];
	int err;

	if (read_challenge(a, challenge, why) != 0)
		return -1;
	*why = "the UE has no k= and opc= (or topc=)";
	if (!u->has_key)
		return -1;
	*why = "the nonce holds no RAND and AUTN";
	if (aka_nonce_decode(slice_str(a->nonce), rand, autn) != 0)
		return -1;
	a->have = true;
	a->password[0] = '\0';
	err = aka_autn_check(&u->key, rand, autn, &ans);
	if (err) {
		*kind = ANSWER_MAC;
		*why = "MAC-A does not match: this network does not know our key";
		return err == AKA_EMAC ? 0 : -1;
	}
	if (sqn_ms_accept(&u->sqn, ans.sqn) != 0 || o->stale_sqn) {
		*kind = ANSWER_AUTS;
		*why = "SQN is not fresh";
		memset(a->res, 0, sizeof(a->res));
		err = aka_auts_make(&u->key, rand, sqn_ms_highest(&u->sqn), auts);
	} else {
		*kind = ANSWER_RESPONSE;
		memcpy(a->res, ans.res, sizeof(a->res));
		a->res_len = ans.res_len;
		spoil_res(a->res, a->res_len, o->res);
		*why = "crypto library failure";
		if (a->v2)
			err = aka_digest_v2_password(slice_make((const char *)a->res, a->res_len),
						     ans.ik, ans.ck, a->password);
		memcpy(ck, ans.ck, 16);
		memcpy(ik, ans.ik, 16);
	}
	explicit_bzero(&ans, sizeof(ans));
	return err ? -1 : 0;
}

void authorization_write_initial(struct conn *c, struct text *t)
{
	text_add(t,
		 "Authorization: Digest "
		 "username=\"%s\",realm=\"%s\",nonce=\"\",uri=\"sip:%s\",response=\"\"\r\n",
		 c->system->impi, c->system->realm, c->system->domain);
}

void authorization_write(struct conn *c, enum answer_kind kind, const uint8_t *auts, struct text *t)
{
	struct credentials *a = &c->auth;
	char uri[300], nc[9], cnonce[17], response[AKA_DIGEST_SIZE] = "", b64[AKA_AUTS_SIZE];
	struct aka_digest d = {
	    .username = slice_str(c->system->impi),
	    .realm = slice_str(a->realm),
	    .nonce = slice_str(a->nonce),
	    .method = SLICE_LIT("REGISTER"),
	    .qop = (enum aka_qop)a->qop,
	};

	snprintf(uri, sizeof(uri), "sip:%.250s", c->system->domain);
	snprintf(nc, sizeof(nc), "%08x", ++a->nc);
	tl_random(cnonce, 8);
	d.uri = slice_str(uri);
	d.nc = slice_str(nc);
	d.cnonce = slice_str(cnonce);
	if (kind == ANSWER_RESPONSE)
		d.res =
		    a->v2 ? slice_str(a->password) : slice_make((const char *)a->res, a->res_len);
	if (kind != ANSWER_MAC)
		aka_digest_response(&d, response);
	text_add(t,
		 "Authorization: Digest "
		 "username=\"%s\",realm=\"%s\",nonce=\"%s\",uri=\"%s\",response=\"%s\","
		 "algorithm=%s",
		 c->system->impi, a->realm, a->nonce, uri, response, a->algorithm);
	if (a->qop != AKA_QOP_NONE && kind != ANSWER_MAC)
		text_add(t, ",qop=%s,nc=%s,cnonce=\"%s\"",
			 a->qop == AKA_QOP_AUTH ? "auth" : "auth-int", nc, cnonce);
	if (a->opaque && a->opaque[0])
		text_add(t, ",opaque=\"%s\"", a->opaque);
	if (kind == ANSWER_AUTS && auts && b64_encode(auts, AKA_AUTS_LEN, b64, sizeof(b64)) > 0)
		text_add(t, ",auts=\"%s\"", b64);
	text_put(t, SLICE_LIT("\r\n"));
}
