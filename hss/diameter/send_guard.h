/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How libfdcore hands a message to the thread that sends to its peer.
 *
 * Its threads for routing end, and the whole framework with them, when the connection has gone
 * meanwhile: whoever asks something that cannot be routed and closes at once takes everybody down.
 * And they wait without end while the short queue of one peer is full; when that peer's connection
 * breaks at that moment, its own thread waits for them, and nobody is served any more.
 *
 * libfdcore calls fd_out_send() and fd_fifo_post_internal() through the dynamic linker, so this
 * program has functions of that name, which drop such an answer (the peer asks again, RFC 6733
 * 5.5.4), and otherwise call libfdcore's.
 */
#ifndef HSS_DIAMETER_SEND_GUARD_H
#define HSS_DIAMETER_SEND_GUARD_H

/* Find libfdcore's functions, before it starts. Returns 0, or ENOSYS if this libfdcore has not got them. */
int send_guard_start(void);

#endif
