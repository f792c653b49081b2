/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/openness_meter.h"

#include <string.h>

#include "core/memory.h"

enum { STRETCH_HOPS = 256 }; /* beside the context: 1.5 s, of which a sixth is read twice */

LacStatus lac_openness_meter_init(LacOpennessMeter *meter, LacArena *arena, double rate_hz, unsigned n_channels) {
  memset(meter, 0, sizeof(*meter));
  lac_series_init(&meter->codes, sizeof(uint8_t));
  meter->n_channels = n_channels;
  LacStatus status = lac_bass_gate_new(rate_hz, 1, &meter->gate); /* the longest stretch follows from its own hop */
  if (status)
    return status;
  meter->hop_frames = lac_bass_gate_hop_frames(meter->gate);
  meter->context_frames = lac_bass_gate_context_frames(meter->gate);
  meter->length_frames = 2 * meter->context_frames + STRETCH_HOPS * meter->hop_frames;
  lac_bass_gate_free(meter->gate);
  status = lac_bass_gate_new(rate_hz, meter->length_frames, &meter->gate);
  if (status)
    return status;
  for (unsigned c = 0; c < n_channels; c++)
    if (!(meter->stretch[c] = lac_arena_alloc(arena, meter->length_frames, sizeof(float))))
      return LAC_ERR_MEMORY;
  meter->openness = lac_arena_alloc(arena, meter->length_frames / meter->hop_frames, sizeof(float));
  return meter->openness ? LAC_OK : LAC_ERR_MEMORY;
}

void lac_openness_meter_free(LacOpennessMeter *meter) {
  lac_bass_gate_free(meter->gate);
  lac_series_free(&meter->codes);
  meter->gate = NULL;
}

/* Reads the stretch and keeps what is new up to frame `end` of it. */
static LacStatus read_stretch(LacOpennessMeter *meter, uint32_t end) {
  const float *channels[2] = {meter->stretch[0], meter->stretch[1]};
  lac_bass_gate_run(meter->gate, channels, meter->n_channels, meter->filled, meter->openness);
  for (uint32_t at = meter->known; at < end; at += meter->hop_frames) {
    uint8_t *code = lac_series_push(&meter->codes);
    if (!code)
      return LAC_ERR_MEMORY;
    *code = (uint8_t)(255.0F * meter->openness[at / meter->hop_frames] + 0.5F);
  }
  return LAC_OK;
}

LacStatus lac_openness_meter_add(LacOpennessMeter *meter, const float *const *channels, uint32_t n_frames) {
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    const uint32_t room = meter->length_frames - meter->filled;
    n = n_frames - done < room ? n_frames - done : room;
    for (unsigned c = 0; c < meter->n_channels; c++)
      memcpy(meter->stretch[c] + meter->filled, channels[c] + done, n * sizeof(float));
    meter->filled += n;
    if (meter->filled < meter->length_frames)
      continue;
    const uint32_t end = meter->length_frames - meter->context_frames;
    if (read_stretch(meter, end))
      return LAC_ERR_MEMORY;
    const uint32_t kept = 2 * meter->context_frames; /* the next stretch begins that much before what was read last */
    for (unsigned c = 0; c < meter->n_channels; c++)
      memmove(meter->stretch[c], meter->stretch[c] + meter->length_frames - kept, kept * sizeof(float));
    meter->filled = kept;
    meter->known = meter->context_frames;
  }
  return LAC_OK;
}

LacStatus lac_openness_meter_flush(LacOpennessMeter *meter) {
  return meter->filled > meter->known ? read_stretch(meter, meter->filled) : LAC_OK;
}
