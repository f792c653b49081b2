/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The SHA-256 compression function over whole 64-byte blocks: the plain truth and the CPU's instructions. */

#ifndef LAC_CORE_SHA256_BLOCKS_H
#define LAC_CORE_SHA256_BLOCKS_H

#include <lacquer/core.h>

typedef void (*LacSha256Blocks)(uint32_t state[8], const uint8_t *blocks, size_t n_blocks);

void lac_sha256_blocks_plain(uint32_t state[8], const uint8_t *blocks, size_t n_blocks);
/* NULL when this machine has no SHA instructions. */
LacSha256Blocks lac_sha256_blocks_native(void);

/* FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
extern const uint32_t lac_sha256_constants[64];

#endif
