/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Samples between file bytes (interleaved) and planar float or integer. This is the only place where Lacquer
 * interleaves. Integers of up to 24 bits are exact in float; wider ones and doubles are rounded once. */

#ifndef LAC_MEDIA_PCM_SAMPLES_H
#define LAC_MEDIA_PCM_SAMPLES_H

#include "media/pcm_header.h"

/* n_frames frames of header->frame_bytes bytes each into channels[c][at...]. Integers become v / 2^(bits - 1). */
void lac_pcm_unpack(const LacPcmHeader *header, const uint8_t *bytes, uint32_t n_frames, float *const *channels,
                    uint32_t at);

/* Signed integers of 16 or 24 bits, from frame `at` on, into n_frames * n_channels * bits / 8 bytes. */
void lac_pcm_pack_integers(const int32_t *const *channels, uint32_t at, uint32_t n_frames, unsigned n_channels,
                           unsigned bits, bool is_big_endian, uint8_t *bytes);
void lac_pcm_pack_floats(const float *const *channels, uint32_t at, uint32_t n_frames, unsigned n_channels,
                         bool is_big_endian, uint8_t *bytes);

#endif
