/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hss/diameter/avps.h"

#include <stddef.h>

const struct avp_definition avp_definitions[AVPS] = {
#define X(id, code, type) [AVP_##id] = {code, 0, true, AVP_##type, NULL},
    BASE_AVPS(X)
#undef X
#define X(id, code, type, name) [AVP_##id] = {code, 0, true, AVP_##type, name},
	IETF_AVPS(X)
#undef X
#define X(id, code, m, type, name) [AVP_##id] = {code, VENDOR_3GPP, m, AVP_##type, name},
	    TGPP_AVPS(X)
#undef X
};

int avp_find(uint32_t vendor, uint32_t code)
{
	if (vendor == 0)
		switch (code) {
#define X(id, code, type)                                                                          \
	case code:                                                                                 \
		return AVP_##id;
			BASE_AVPS(X)
#undef X
#define X(id, code, type, name)                                                                    \
	case code:                                                                                 \
		return AVP_##id;
			IETF_AVPS(X)
#undef X
		}
	if (vendor == VENDOR_3GPP)
		switch (code) {
#define X(id, code, m, type, name)                                                                 \
	case code:                                                                                 \
		return AVP_##id;
			TGPP_AVPS(X)
#undef X
		}
	return -1;
}
