/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SHA-256 (FIPS 180-4), streaming; uses the CPU's SHA instructions where it has them, same result. */

#ifndef LAC_CORE_SHA256_H
#define LAC_CORE_SHA256_H

#include <lacquer/core.h>

typedef struct LacSha256 {
  uint32_t state[8];
  uint64_t n_bytes;
  uint8_t tail[64];
  void (*blocks)(uint32_t state[8], const uint8_t *blocks, size_t n_blocks); /* chosen once, by init */
} LacSha256;

enum { LAC_SHA256_TEXT_SIZE = 65 };

void lac_sha256_init(LacSha256 *sha);
void lac_sha256_add(LacSha256 *sha, const void *bytes, size_t n_bytes);
/* 64 lower-case hex digits and a NUL. Ends the sum: call init before the next add. */
void lac_sha256_text(LacSha256 *sha, char text[LAC_SHA256_TEXT_SIZE]);

#endif
