/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/sha256.h"

#include "core/cpu.h"
#include "core/sha256_blocks.h"

#include <string.h>

void lac_sha256_init(LacSha256 *sha) {
  /* FIPS 180-4, 5.3.3: fractional parts of the square roots of the first eight primes. */
  static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memset(sha, 0, sizeof *sha);
  memcpy(sha->state, initial, sizeof initial);
  LacSha256Blocks native = lac_cpu_level() == LAC_CPU_BASELINE ? NULL : lac_sha256_blocks_native();
  sha->blocks = native ? native : lac_sha256_blocks_plain;
}

void lac_sha256_add(LacSha256 *sha, const void *bytes, size_t n_bytes) {
  const uint8_t *from = bytes;
  size_t held = sha->n_bytes % 64;
  sha->n_bytes += n_bytes;
  if (held > 0) {
    size_t part = n_bytes < 64 - held ? n_bytes : 64 - held;
    if (part > 0)
      memcpy(sha->tail + held, from, part);
    if (held + part < 64)
      return;
    sha->blocks(sha->state, sha->tail, 1);
    from += part;
    n_bytes -= part;
  }
  sha->blocks(sha->state, from, n_bytes / 64);
  if (n_bytes % 64 > 0)
    memcpy(sha->tail, from + n_bytes / 64 * 64, n_bytes % 64);
}

void lac_sha256_text(LacSha256 *sha, char text[LAC_SHA256_TEXT_SIZE]) {
  uint64_t n_bits = sha->n_bytes * 8;
  uint8_t padding[72] = {0x80};
  size_t n_padding = 64 - (sha->n_bytes + 8) % 64;
  for (size_t i = 0; i < 8; i++)
    padding[n_padding + i] = (uint8_t)(n_bits >> (56 - 8 * i));
  lac_sha256_add(sha, padding, n_padding + 8);
  for (size_t i = 0; i < 64; i++)
    text[i] = "0123456789abcdef"[sha->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
  text[64] = '\0';
}
