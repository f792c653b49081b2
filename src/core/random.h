/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counter-based random numbers: value = f(seed, stream, counter), so any block of a signal can be made
 * on its own and the block size never matters. */

#ifndef LAC_CORE_RANDOM_H
#define LAC_CORE_RANDOM_H

#include <lacquer/core.h>

/* Uniform 64 bits. Streams are independent: use one per channel and purpose. */
uint64_t lac_random_u64(uint64_t seed, uint64_t stream, uint64_t counter);
/* The numbers of `n` counters from `counter` on: quicker than one by one, as several are under way at once. */
void lac_random_run(uint64_t seed, uint64_t stream, uint64_t counter, uint64_t *out, size_t n);
/* Uniform in [0, 1) with 53 bits. */
double lac_random_double(uint64_t seed, uint64_t stream, uint64_t counter);

#endif
