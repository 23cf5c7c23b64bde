/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs under test that are started without root. */
#ifndef TESTS_AGW_NOBODY_H
#define TESTS_AGW_NOBODY_H

enum { NOBODY = 65534 };

/* The one capability that a gateway needs on this kernel, or -1: newer ones (seen: 6.18) let only
 * CAP_NET_ADMIN put a filter in front of a TCP socket. */
int nobody_needs(void);
/* Become nobody, with this ambient capability (-1 = none); in a child, before exec. Ends it when it
 * cannot. */
void nobody_become(int capability);

#endif
