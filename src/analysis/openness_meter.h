/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where and how far the bass gate (dsp/bass_gate.h) has the offline limiter recover slower, over audio of any length.
 * Audio is gathered into stretches that overlap by what the gate looks about, so values are those of one run over the
 * whole. */

#ifndef LAC_ANALYSIS_OPENNESS_METER_H
#define LAC_ANALYSIS_OPENNESS_METER_H

#include "analysis/series.h"
#include "core/arena.h"
#include "dsp/bass_gate.h"

typedef struct LacOpennessMeter {
  LacBassGate *gate;
  unsigned n_channels;
  uint32_t hop_frames, context_frames, length_frames;
  float *stretch[2]; /* in the caller's arena */
  float *openness;
  uint32_t filled;
  uint32_t known;  /* frames of the stretch whose values have been kept already */
  LacSeries codes; /* uint8_t per hop: 255 is fully open */
} LacOpennessMeter;

/* Arrays live in `arena`, which must outlive the meter. LAC_ERR_MEMORY leaves the meter so that it may be freed. */
LacStatus lac_openness_meter_init(LacOpennessMeter *meter, LacArena *arena, double rate_hz, unsigned n_channels);
void lac_openness_meter_free(LacOpennessMeter *meter);
/* Planar finite samples, any n_frames. */
LacStatus lac_openness_meter_add(LacOpennessMeter *meter, const float *const *channels, uint32_t n_frames);
/* After the last frame. */
LacStatus lac_openness_meter_flush(LacOpennessMeter *meter);
#endif
