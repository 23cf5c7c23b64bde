/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How libfdcore hands a message to the thread that sends to its peer.
 *
 * Its threads for routing end, and the whole framework with them, when the connection has gone
 * meanwhile: whoever asks something that cannot be routed and closes at once takes everybody down.
 * And they wait without end while the short queue of one peer is full; when that peer's connection
 * breaks at that moment, its own thread waits for them, and nobody is served any more.
 *
 * Unless the peer is in STATE_OPEN they send over its connection themselves, which the thread of the
 * peer uses, too, and frees when the peer has gone: whoever asks, says good-bye and closes makes them
 * write to memory that is somebody else's. Here they put what they have into the queue of a peer
 * that is open, or drop it. The queue of a peer takes nothing any more once it has left that state,
 * so nothing of an old connection goes to the next one. A peer is freed when none of them uses it.
 *
 * One that does not read is waited for 200 milliseconds, and then not again until it has read.
 *
 * Who comes again after his connection broke asks at once, and gets answers at once: it is open, and not first
 * on probation, in which libfdcore would do what is asked and throw the answer away.
 *
 * libfdcore calls fd_out_send(), fd_fifo_post_internal() and some others through the dynamic linker,
 * so this program has functions of that name, which drop such an answer (the peer asks again, RFC
 * 6733 5.5.4), and otherwise call libfdcore's. The one that ends the routing threads waits until
 * they have left their queues, since libfdcore aborts if that takes 20 milliseconds.
 *
 * A request of ours is put where its answer finds it before libfdcore has finished with it; the answer
 * (of a peer that guesses its hop-by-hop identifier) or the end of its time would free it meanwhile.
 *
 * The queue of what has come has place for 20 messages, and the threads of all peers wait when it is full.
 * Here requests go into it beyond that, as far as they are admitted (admission.h), and others are answered
 * at once.
 *
 * This is safe as long as libfdcore has these functions, with these arguments, and calls them through
 * the linker. send_guard_start() looks for each by name; a libfdcore that lacks one is refused at start.
 * Their arguments are the same in 1.2.1 (Debian 12) and 1.5 (Debian 13), and check-hss-diameter plays
 * what each is there for, so that one that is not called any more shows.
 */
#ifndef HSS_DIAMETER_SEND_GUARD_H
#define HSS_DIAMETER_SEND_GUARD_H

/* Find libfdcore's functions, before it starts. Returns 0, or ENOSYS if this libfdcore has not got them. */
int send_guard_start(void);

/*
 * From the hook for what has been received: this thread reads from a connection, and does nothing
 * else. From now on it waits while there are 256 messages that the thread of its peer has not looked
 * at; libfdcore would keep in memory whatever comes.
 */
void send_guard_receiving(void);

struct msg; /* of freeDiameter */

/*
 * Send an answer to the peer from which its request came, from a thread that may wait for him: into his queue, without
 * the way through libfdcore's routing thread, which would look up the same. Takes *msg over unless it returns an error.
 */
int send_guard_answer(struct msg **msg);

/* Free a request of ours that is answered, or over its time: not while the thread that sends it still
 * looks at it. Not to be cancelled. */
void send_guard_free(struct msg *msg);

#endif
