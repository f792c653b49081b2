/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Diffuse reverberation: a feedback delay network (J.-M. Jot and A. Chaigne, "Digital delay networks for designing
 * artificial reverberators", AES 90, 1991) with scattering (S. J. Schlecht and E. A. P. Habets, "Scattering in feedback
 * delay networks", IEEE/ACM TASLP 28, 2020).
 *
 *             +---------------------------- half a mix <---------------------------+
 *             v                                                                    |
 *   in -> [ inject ] -> 16 short -> mix -> 16 short -> mix -> 16 long -> absorb -+-> [ tap ] -> out
 *
 * `mix` is the Hadamard matrix of 16 lines (half of it is two of its four stages), long delays are primes of 20 to 90
 * ms at size 1, the two rows of short ones reach 19 and 7 ms: an impulse leaves as 256 per line, some forty in a
 * millisecond. Every delay has the loss that its length asks for, as if each sample of delay were 10^(-3 / (T60 rate)):
 * all modes decay alike. The loss is a function of frequency through two first-order shelves per line, computed for the
 * long delay and the mean of the short ones; how a short one differs from the mean is made up for at all frequencies
 * alike.
 *
 * Lines, losses and their state are in float: poles have the length of their line to decay in, so that rounding does
 * not pile up. A song at -20 LUFS comes out as with losses in double but for the last of 24 bits now and then.
 *
 * Everything may move: losses are interpolated sample by sample, a change of a delay fades from one place in the line
 * to the other, which is a contraction throughout. An object belongs to one thread; running it allocates nothing. */

#ifndef LAC_DSP_DELAY_NETWORK_H
#define LAC_DSP_DELAY_NETWORK_H

#include <lacquer/core.h>

#include "core/arena.h"

/* The time in which sound dies away by 60 dB: time_s in the middle, times `low` far below low_hz, times `high` far
 * above high_hz; at these the losses (in dB per second) are half way. All > 0. */
typedef struct LacDecay {
  double time_s;
  double low, low_hz;
  double high, high_hz;
} LacDecay;

/* T60 in seconds at f_hz: what the network aims at, 1 / T60 = a sum of first-order shelves. */
double lac_decay_time(const LacDecay *decay, double f_hz);

/* Where the delays stand. */
typedef struct LacRoom {
  double size;        /* of all delays but the first: 0.5 .. LAC_ROOM_MAX_SIZE */
  double predelay_ms; /* 0 .. LAC_ROOM_MAX_PREDELAY_MS */
} LacRoom;

#define LAC_ROOM_MAX_SIZE 1.5
#define LAC_ROOM_MAX_PREDELAY_MS 100.0

enum { LAC_DELAY_NETWORK_RUN = 128 }; /* most frames per call, of whole quanta */

typedef struct LacDelayNetwork LacDelayNetwork;

LAC_NODISCARD LacStatus lac_delay_network_new(LacArena *arena, double rate_hz, LacDelayNetwork **out);
/* Silent, at frame 0, with these values at once. Costs nothing that grows with the delays. */
void lac_delay_network_reset(LacDelayNetwork *self, const LacDecay *decay, const LacRoom *room);
/* At the border of a quantum (LAC_QUANTUM_FRAMES), before the frames of it: the decay that holds at its end, and the
 * room to fade to within 0.1 s (a fade under way is finished first). A quantum that begins without holds still. */
void lac_delay_network_move(LacDelayNetwork *self, const LacDecay *decay, const LacRoom *room);
/* True while a fade of delays is under way or waiting: call lac_delay_network_move for every quantum. */
bool lac_delay_network_is_fading(const LacDelayNetwork *self);
/* In place: left and right go in, two returns (mid and side) that have nothing in common come out, each with half the
 * power that a left and right of noise have in the mean. What goes in is held within +-1e30. The frames lie in one
 * run of LAC_DELAY_NETWORK_RUN, of which `place` frames were run before, and, where anything moves, in one quantum. */
void lac_delay_network_run(LacDelayNetwork *self, float *left, float *right, uint32_t n_frames, uint32_t place);
/* Frames until an impulse has left all lines once: add the decay to know the tail. */
uint32_t lac_delay_network_fill_frames(const LacDelayNetwork *self);

#endif
