/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/sha256_blocks.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#define LAC_SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

/* Message words t..t+3 from the sixteen before them (Intel SHA Extensions, 2013: SHA256MSG1 and SHA256MSG2). */
LAC_SHA_TARGET static inline __m128i schedule(__m128i w0, __m128i w1, __m128i w2, __m128i w3) {
  __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
  return _mm_sha256msg2_epu32(sum, w3);
}

/* The instructions keep the state as two vectors, {F,E,B,A} and {H,G,D,C} from low lane to high. */
LAC_SHA_TARGET static void native_blocks(uint32_t state[8], const uint8_t *blocks, size_t n_blocks) {
  const __m128i big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  __m128i feba = _mm_set_epi32((int)state[0], (int)state[1], (int)state[4], (int)state[5]);
  __m128i hgdc = _mm_set_epi32((int)state[2], (int)state[3], (int)state[6], (int)state[7]);
  for (size_t i = 0; i < n_blocks; i++, blocks += 64) {
    __m128i w[4], feba_before = feba, hgdc_before = hgdc;
#pragma GCC unroll 16
    for (int t = 0; t < 16; t++) { /* unrolled, or the schedule goes through memory */
      if (t < 4)
        w[t] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(blocks + 16 * t)), big_endian);
      else
        w[t % 4] = schedule(w[t % 4], w[(t + 1) % 4], w[(t + 2) % 4], w[(t + 3) % 4]);
      __m128i constants = _mm_loadu_si128((const __m128i *)(const void *)(lac_sha256_constants + 4 * t));
      __m128i words = _mm_add_epi32(w[t % 4], constants);
      hgdc = _mm_sha256rnds2_epu32(hgdc, feba, words);
      feba = _mm_sha256rnds2_epu32(feba, hgdc, _mm_shuffle_epi32(words, 0x0E));
    }
    feba = _mm_add_epi32(feba, feba_before);
    hgdc = _mm_add_epi32(hgdc, hgdc_before);
  }
  uint32_t low[4], high[4];
  _mm_storeu_si128((__m128i *)(void *)low, feba);
  _mm_storeu_si128((__m128i *)(void *)high, hgdc);
  state[0] = low[3], state[1] = low[2], state[4] = low[1], state[5] = low[0];
  state[2] = high[3], state[3] = high[2], state[6] = high[1], state[7] = high[0];
}

LacSha256Blocks lac_sha256_blocks_native(void) {
  unsigned a, b, c, d;
  /* Leaf 1: SSSE3 (ECX bit 9) and SSE4.1 (bit 19); leaf 7: SHA (EBX bit 29). */
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 9) || !(c & 1u << 19))
    return NULL;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & 1u << 29))
    return NULL;
  return native_blocks;
}

#else

LacSha256Blocks lac_sha256_blocks_native(void) {
  return NULL;
}

#endif
