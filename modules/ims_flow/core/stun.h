/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keep-alives on a flow (RFC 5626 4.4): what they look like, and the answer to a STUN Binding
 * request. Pure. */
#ifndef IMS_FLOW_STUN_H
#define IMS_FLOW_STUN_H

#include "modules/ims_flow/core/flow_table.h"

#define STUN_ANSWER_MAX 44

/* One or two CRLF and nothing else. */
bool flow_keepalive_is_crlf(const uint8_t *p, size_t len);

/*
 * If p is a STUN Binding request (RFC 8489 6.3.1; comprehension-required attributes are not looked
 * at, RFC 5626 8: no authentication), write the success answer with XOR-MAPPED-ADDRESS. Its length,
 * or 0: not a Binding request.
 */
size_t flow_stun_answer(const uint8_t *p, size_t len, const struct netaddr *from, uint16_t port,
			uint8_t out[STUN_ANSWER_MAX]);

#endif
