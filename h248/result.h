/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the functions of this library return, and the registered error codes of the protocol. */
#ifndef H248_RESULT_H
#define H248_RESULT_H

enum h248_result {
	H248_OK = 0,
	H248_E_SYNTAX = -1,  /* the message as a whole could not be read */
	H248_E_VERSION = -2, /* header version not 1..3, or an item that it does not have */
	H248_E_MEMORY = -3,  /* arena full */
	H248_E_SPACE = -4,   /* output buffer full */
	H248_E_SIZE = -5,    /* text longer than allowed, nested too deep, too many items */
	H248_E_VALUE = -6,   /* the model holds what the grammar has no words for */
	H248_E_ARGUMENT = -7,
	H248_E_STATE = -8, /* not possible now (no association, table full) */
	H248_E_SYSTEM = -9 /* a system call failed; errno says why */
};
/* Short English text of a result; static memory, never NULL. */
const char *h248_strerror(int result);
/* The registered text of an error code (H.248.8), or "". Static memory. */
const char *h248_error_text(unsigned code);

#endif
