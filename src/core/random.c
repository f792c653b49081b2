/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/random.h"

/* Philox2x64-10: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC11 (2011), section 3.3; constants of its table 2. Key = seed, 128-bit counter = (counter, stream): distinct
 * inputs of one seed give distinct 128-bit outputs, of which the first word is used. */

static const uint64_t multiplier = 0xD2B74407B1CE6E93u;
static const uint64_t weyl = 0x9E3779B97F4A7C15u;

__extension__ typedef unsigned __int128 Uint128;

uint64_t lac_random_u64(uint64_t seed, uint64_t stream, uint64_t counter) {
  uint64_t left = counter, right = stream, key = seed;
  for (int round = 0; round < 10; round++) {
    Uint128 product = (Uint128)left * multiplier;
    left = (uint64_t)(product >> 64) ^ key ^ right;
    right = (uint64_t)product;
    key += weyl;
  }
  return left;
}

/* Four counters side by side: each round of one waits for its product before. */
static void random_four(uint64_t seed, uint64_t stream, uint64_t counter, uint64_t out[4]) {
  uint64_t left[4], right[4], key = seed;
  for (unsigned k = 0; k < 4; k++) {
    left[k] = counter + k;
    right[k] = stream;
  }
  for (int round = 0; round < 10; round++) {
#pragma GCC unroll 4
    for (unsigned k = 0; k < 4; k++) {
      Uint128 product = (Uint128)left[k] * multiplier;
      left[k] = (uint64_t)(product >> 64) ^ key ^ right[k];
      right[k] = (uint64_t)product;
    }
    key += weyl;
  }
  for (unsigned k = 0; k < 4; k++)
    out[k] = left[k];
}

void lac_random_run(uint64_t seed, uint64_t stream, uint64_t counter, uint64_t *out, size_t n) {
  size_t i = 0;
  for (; i + 4 <= n; i += 4)
    random_four(seed, stream, counter + i, out + i);
  for (; i < n; i++)
    out[i] = lac_random_u64(seed, stream, counter + i);
}

double lac_random_double(uint64_t seed, uint64_t stream, uint64_t counter) {
  return (double)(lac_random_u64(seed, stream, counter) >> 11) * 0x1p-53;
}
