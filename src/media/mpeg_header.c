/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/mpeg_header.h"

#include "media/byte_order.h"

enum { XING_SEARCH = 64 };

bool lac_mpeg_header_read(LacInput *input, uint64_t offset, LacMpegHeader *header) {
  static const uint32_t rates_hz[3] = {44100, 48000, 32000}; /* MPEG-1; halved for 2, quartered for 2.5 */
  uint8_t p[XING_SEARCH] = {0};
  size_t n_read = 0;
  *header = (LacMpegHeader){0};
  if (lac_input_read_at(input, offset, p, sizeof p, &n_read) || n_read < 4)
    return false;
  const unsigned version = p[1] >> 3 & 3, layer = p[1] >> 1 & 3, rate = p[2] >> 2 & 3;
  if (p[0] != 0xff || (p[1] & 0xe0) != 0xe0 || version == 1 || layer == 0 || rate == 3 || p[2] >> 4 == 15 ||
      (p[3] & 3) == 2)
    return false;
  header->rate_hz = rates_hz[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  header->n_channels = p[3] >> 6 == 3 ? 1 : 2;
  const bool is_mpeg1 = version == 3;
  const size_t at = 4 + (is_mpeg1 ? (header->n_channels == 2 ? 32 : 17) : (header->n_channels == 2 ? 17 : 9));
  if (layer != 1 || n_read < at + 16 || !(lac_is_fourcc(p + at, "Xing") || lac_is_fourcc(p + at, "Info")) ||
      (lac_get_u32(p + at + 4, true) & 3) != 3) /* frame count and byte count given */
    return true;
  const uint64_t n_bytes = lac_get_u32(p + at + 12, true), rest = lac_input_size(input) - offset;
  header->has_length = true;
  header->n_frames = (uint64_t)lac_get_u32(p + at + 8, true) * (is_mpeg1 ? 1152 : 576);
  header->n_bytes_missing = n_bytes > rest ? n_bytes - rest : 0;
  return true;
}
