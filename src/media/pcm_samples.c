/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/pcm_samples.h"

#include "media/byte_order.h"

#include <string.h>

typedef void Unpack(const uint8_t *p, size_t stride, uint32_t n, float *out);

/* One channel: every `stride` bytes one sample. */
#define DEFINE_UNPACK(name, sample)                                                                                    \
  static void name(const uint8_t *p, size_t stride, uint32_t n, float *out) {                                          \
    for (uint32_t i = 0; i < n; ++i, p += stride)                                                                      \
      out[i] = (sample);                                                                                               \
  }

static inline int32_t top24(uint32_t low, uint32_t middle, uint32_t high) {
  return (int32_t)(low << 8 | middle << 16 | high << 24) >> 8;
}

static inline float float_at(const uint8_t *p, bool is_big) {
  const uint32_t bits = lac_get_u32(p, is_big);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline double double_at(const uint8_t *p, bool is_big) {
  const uint64_t bits = lac_get_u64(p, is_big);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

DEFINE_UNPACK(unpack_u8, (float)((int)*p - 128) * 0x1p-7f)
DEFINE_UNPACK(unpack_s8, (float)(int8_t)*p * 0x1p-7f)
DEFINE_UNPACK(unpack_s16le, (float)(int16_t)lac_get_u16(p, false) * 0x1p-15f)
DEFINE_UNPACK(unpack_s16be, (float)(int16_t)lac_get_u16(p, true) * 0x1p-15f)
DEFINE_UNPACK(unpack_s24le_bytes, (float)top24(p[0], p[1], p[2]) * 0x1p-23f)
DEFINE_UNPACK(unpack_s24le_words, (float)((int32_t)(lac_get_u32(p, false) << 8) >> 8) * 0x1p-23f)
DEFINE_UNPACK(unpack_s24be, (float)top24(p[2], p[1], p[0]) * 0x1p-23f)
DEFINE_UNPACK(unpack_s32le, (float)(int32_t)lac_get_u32(p, false) * 0x1p-31f)
DEFINE_UNPACK(unpack_s32be, (float)(int32_t)lac_get_u32(p, true) * 0x1p-31f)
DEFINE_UNPACK(unpack_f32le, float_at(p, false))
DEFINE_UNPACK(unpack_f32be, float_at(p, true))
DEFINE_UNPACK(unpack_f64le, (float)double_at(p, false))
DEFINE_UNPACK(unpack_f64be, (float)double_at(p, true))

/* Four bytes at once wherever a sample follows: the commonest kind, and three loads took most of the decoding. */
static void unpack_s24le(const uint8_t *p, size_t stride, uint32_t n, float *out) {
  const uint32_t n_words = n > 0 ? n - 1 : 0;
  unpack_s24le_words(p, stride, n_words, out);
  unpack_s24le_bytes(p + stride * n_words, stride, n - n_words, out + n_words);
}

/* Integers of 5 to 8 bytes: to the top of 64 bits, then one rounding to float. */
static void unpack_wide(const LacPcmHeader *header, const uint8_t *p, uint32_t n, float *out) {
  const unsigned n_bytes = header->sample_bytes;
  for (uint32_t i = 0; i < n; ++i, p += header->frame_bytes) {
    uint64_t bits = 0;
    for (unsigned k = 0; k < n_bytes; ++k)
      bits |= (uint64_t)p[header->is_big_endian ? n_bytes - 1 - k : k] << (64 - 8 * n_bytes + 8 * k);
    out[i] = (float)(int64_t)bits * 0x1p-63f;
  }
}

static Unpack *choose_unpack(const LacPcmHeader *header) {
  const bool is_big = header->is_big_endian;
  if (header->kind == LAC_PCM_FLOAT)
    return header->sample_bytes == 4 ? (is_big ? unpack_f32be : unpack_f32le) : (is_big ? unpack_f64be : unpack_f64le);
  if (header->kind == LAC_PCM_UNSIGNED && header->sample_bytes == 1)
    return unpack_u8;
  switch (header->sample_bytes) {
  case 1:
    return unpack_s8;
  case 2:
    return is_big ? unpack_s16be : unpack_s16le;
  case 3:
    return is_big ? unpack_s24be : unpack_s24le;
  case 4:
    return is_big ? unpack_s32be : unpack_s32le;
  default:
    return NULL;
  }
}

void lac_pcm_unpack(const LacPcmHeader *header, const uint8_t *bytes, uint32_t n_frames, float *const *channels,
                    uint32_t at) {
  Unpack *unpack = choose_unpack(header);
  for (unsigned c = 0; c < header->n_channels; ++c) {
    const uint8_t *first = bytes + (size_t)c * header->sample_bytes;
    if (unpack)
      unpack(first, (size_t)header->frame_bytes, n_frames, channels[c] + at);
    else
      unpack_wide(header, first, n_frames, channels[c] + at);
  }
}

#define DEFINE_PACK(name, type, store)                                                                                 \
  static void name(const type *in, uint32_t n, size_t stride, uint8_t *p) {                                            \
    for (uint32_t i = 0; i < n; ++i, p += stride) {                                                                    \
      const type value = in[i];                                                                                        \
      store;                                                                                                           \
    }                                                                                                                  \
  }

static inline void put_24(uint8_t *p, uint32_t value, int low, int high) {
  p[low] = (uint8_t)value;
  p[1] = (uint8_t)(value >> 8);
  p[high] = (uint8_t)(value >> 16);
}

static inline void put_float(uint8_t *p, float value, bool is_big) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  lac_put_u32(p, bits, is_big);
}

DEFINE_PACK(pack_s16le, int32_t, lac_put_u16(p, (uint32_t)value, false))
DEFINE_PACK(pack_s16be, int32_t, lac_put_u16(p, (uint32_t)value, true))
DEFINE_PACK(pack_s24le, int32_t, put_24(p, (uint32_t)value, 0, 2))
DEFINE_PACK(pack_s24be, int32_t, put_24(p, (uint32_t)value, 2, 0))
DEFINE_PACK(pack_f32le, float, put_float(p, value, false))
DEFINE_PACK(pack_f32be, float, put_float(p, value, true))

void lac_pcm_pack_integers(const int32_t *const *channels, uint32_t at, uint32_t n_frames, unsigned n_channels,
                           unsigned bits, bool is_big_endian, uint8_t *bytes) {
  const size_t size = bits / 8, stride = size * n_channels;
  for (unsigned c = 0; c < n_channels; ++c) {
    const int32_t *in = channels[c] + at;
    uint8_t *out = bytes + c * size;
    if (bits == 16)
      (is_big_endian ? pack_s16be : pack_s16le)(in, n_frames, stride, out);
    else
      (is_big_endian ? pack_s24be : pack_s24le)(in, n_frames, stride, out);
  }
}

void lac_pcm_pack_floats(const float *const *channels, uint32_t at, uint32_t n_frames, unsigned n_channels,
                         bool is_big_endian, uint8_t *bytes) {
  for (unsigned c = 0; c < n_channels; ++c)
    (is_big_endian ? pack_f32be : pack_f32le)(channels[c] + at, n_frames, 4 * (size_t)n_channels,
                                              bytes + 4 * (size_t)c);
}
