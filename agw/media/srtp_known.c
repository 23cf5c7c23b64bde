/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agw/media/srtp_known.h"
#include <stdlib.h>
#include <string.h>
#include "base/slice.h"

static const struct {
	const char *key_salt, *stream;
} icm_known[3] = {
    {"2b7e151628aed2a6abf7158809cf4f3cf0f1f2f3f4f5f6f7f8f9fafbfcfd",
     "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"},
    {"eab234764e517b2d3d160d587d8c86219740f65f99b6bcf7f0f1f2f3f4f5f6f7f8f9fafbfcfd",
     "35096cba4610028dc1b57503804ce37c5de986291dcce161d5165ec4568f5c9a"},
    {"57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98f0f1f2f3f4f5f6f7f8f9fafbfcfd",
     "92bdd28a93c3f52511c677d08b5515a49da71b2378a854f67050756ded165bac"},
};
static const char *const gcm_known[2] = {
    "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152"
    "cf765e"
    "e4390cce",
    "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9"
    "bb7878"
    "d7a76c13",
};

static uint8_t zero[32];
static uint8_t icm_key[3][46], icm_stream[3][32];
static uint8_t gcm_iv[12], gcm_aad[12], gcm_out[2][54], gcm_key[2][44];
static uint8_t hmac_key[20], hmac_tag[20];

static void unhex(const char *s, uint8_t *out)
{
	if (slice_hex(slice_str(s), out, strlen(s) / 2) < 0)
		abort(); /* a typing mistake in the tables above */
}

void srtp_known_fill(struct srtp_known *out)
{
	for (int v = 0; v < 3; v++) {
		unhex(icm_known[v].key_salt, icm_key[v]);
		unhex(icm_known[v].stream, icm_stream[v]);
		out->icm[v] = (srtp_cipher_test_case_t){.key_length_octets = 30 + 8 * v,
							.key = icm_key[v],
							.idx = zero,
							.plaintext_length_octets = 32,
							.plaintext = zero,
							.ciphertext_length_octets = 32,
							.ciphertext = icm_stream[v]};
	}
	unhex("51753c6580c2726f20718414", gcm_iv);
	unhex("8040f17b8041f8d35501a0b2", gcm_aad);
	for (int v = 0; v < 2; v++) {
		int key_len = 16 + 16 * v;

		for (int i = 0; i < key_len; i++)
			gcm_key[v][i] = (uint8_t)i;
		unhex(gcm_known[v], gcm_out[v]);
		out->gcm[v] = (srtp_cipher_test_case_t){
		    .key_length_octets = key_len + 12,
		    .key = gcm_key[v],
		    .idx = gcm_iv,
		    .plaintext_length_octets = 38,
		    .plaintext = (const uint8_t *)"Gallia est omnis divisa in partes tres",
		    .ciphertext_length_octets = 54,
		    .ciphertext = gcm_out[v],
		    .aad_length_octets = 12,
		    .aad = gcm_aad,
		    .tag_length_octets = 16};
	}
	memset(hmac_key, 0x0b, sizeof(hmac_key));
	unhex("b617318655057264e28bc0b6fb378c8ef146be00", hmac_tag);
	out->hmac = (srtp_auth_test_case_t){.key_length_octets = 20,
					    .key = hmac_key,
					    .data_length_octets = 8,
					    .data = (const uint8_t *)"Hi There",
					    .tag_length_octets = 20,
					    .tag = hmac_tag};
}
