/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers in files: unaligned reads and writes of either byte order, the same on every machine. */

#ifndef LAC_MEDIA_BYTE_ORDER_H
#define LAC_MEDIA_BYTE_ORDER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t lac_get_u16(const uint8_t *p, bool is_big) {
  return is_big ? (uint16_t)(p[0] << 8 | p[1]) : (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t lac_get_u32(const uint8_t *p, bool is_big) {
  return is_big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t lac_get_u64(const uint8_t *p, bool is_big) {
  return is_big ? (uint64_t)lac_get_u32(p, true) << 32 | lac_get_u32(p + 4, true)
                : (uint64_t)lac_get_u32(p + 4, false) << 32 | lac_get_u32(p, false);
}

static inline void lac_put_u16(uint8_t *p, uint32_t value, bool is_big) {
  p[is_big ? 1 : 0] = (uint8_t)value;
  p[is_big ? 0 : 1] = (uint8_t)(value >> 8);
}

static inline void lac_put_u32(uint8_t *p, uint32_t value, bool is_big) {
  for (int i = 0; i < 4; ++i)
    p[is_big ? 3 - i : i] = (uint8_t)(value >> 8 * i);
}

static inline void lac_put_u64(uint8_t *p, uint64_t value, bool is_big) {
  for (int i = 0; i < 8; ++i)
    p[is_big ? 7 - i : i] = (uint8_t)(value >> 8 * i);
}

/* Four-character codes compare as bytes. */
static inline bool lac_is_fourcc(const uint8_t *p, const char *code) {
  return memcmp(p, code, 4) == 0;
}

#endif
