/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors of lib/sip. Its functions read header bodies as slices, allocate nothing and change
 * nothing on failure. */
#ifndef SIP_ERR_H
#define SIP_ERR_H

enum sip_error {
	SIP_OK = 0,
	SIP_E_SYNTAX = -1,   /* not what the grammar of RFC 3261 25.1 (or the RFC named) allows */
	SIP_E_TOO_MANY = -2, /* more elements than the bound in the header file */
	SIP_E_VALUE =
	    -3 /* well-formed, but a number out of range or a combination that is not allowed */
};

/* Fixed English text for a code above; never NULL. */
const char *sip_strerror(int err);

#endif
