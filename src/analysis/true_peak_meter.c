/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/true_peak_meter.h"

#include <math.h>
#include <string.h>

#include "analysis/control_track.h"
#include "analysis/loudness.h"
#include "dsp/elementary.h"

enum { FLUSH_FRAMES = 64, RUN_FRAMES = 512 };

static uint32_t piece_frames(const LacTruePeakMeter *meter) {
  return (meter->piece + 1) * meter->hop_frames / LAC_TRUE_PEAK_PIECES -
         meter->piece * meter->hop_frames / LAC_TRUE_PEAK_PIECES;
}

LacStatus lac_true_peak_meter_init(LacTruePeakMeter *meter, LacArena *arena, double rate_hz, unsigned n_channels) {
  memset(meter, 0, sizeof(*meter));
  meter->vectors = lac_vector_kernels_at(lac_cpu_level());
  meter->kernels = lac_meter_kernels_at(lac_cpu_level());
  meter->n_channels = n_channels;
  meter->rate_hz = rate_hz;
  meter->hop_frames = lac_loudness_hop_frames(rate_hz);
  meter->before_start = lac_true_peak_delay_frames();
  meter->piece_left = piece_frames(meter);
  meter->track_hop_frames = lac_control_hop_frames(rate_hz);
  meter->track_hop_left = lac_true_peak_delay_frames();
  meter->held = lac_arena_alloc(arena, lac_true_peak_delay_frames() + RUN_FRAMES, sizeof(float));
  if (!meter->held)
    return LAC_ERR_MEMORY;
  lac_series_init(&meter->hops, sizeof(float));
  for (unsigned c = 0; c < n_channels; c++) {
    LacStatus status = lac_true_peak_new(arena, &meter->wide[c]);
    if (!status)
      status = lac_true_peak_itu_new(arena, rate_hz, &meter->itu[c]);
    if (status)
      return status;
  }
  return LAC_OK;
}

void lac_true_peak_meter_free(LacTruePeakMeter *meter) {
  lac_series_free(&meter->hops);
}

static LacStatus end_hop(LacTruePeakMeter *meter) {
  float *hop = lac_series_push(&meter->hops);
  if (!hop)
    return LAC_ERR_MEMORY;
  *hop = meter->hop_peak;
  meter->hop_peak = 0;
  return LAC_OK;
}

/* `n` frames of the current piece were completed and their largest peak is `peak`. */
static LacStatus advance(LacTruePeakMeter *meter, float peak, uint32_t n) {
  if (peak > meter->hop_peak)
    meter->hop_peak = peak;
  if (peak > meter->peak) {
    meter->peak = peak;
    meter->peak_frame = meter->piece_start;
  }
  /* What rings before the first frame counts as part of the first piece. */
  const uint32_t early = n < meter->before_start ? n : meter->before_start;
  meter->before_start -= early;
  n -= early;
  meter->piece_left -= n;
  if (meter->piece_left)
    return LAC_OK;
  meter->piece_start += piece_frames(meter);
  meter->piece = (meter->piece + 1) % LAC_TRUE_PEAK_PIECES;
  meter->piece_left = piece_frames(meter);
  return meter->piece ? LAC_OK : end_hop(meter);
}

/* The frames that a call completes lie `delay` before those it is given. A sample that is given and completed by the
 * same call bounds the result from below, as does what the hop has already reached: below that the detector need not
 * look, and the maxima are exact all the same. */
static float measure_piece(LacTruePeakMeter *meter, const float *const *channels, uint32_t n) {
  const uint32_t delay = lac_true_peak_delay_frames();
  float peak = meter->hop_peak;
  if (n > delay) {
    for (unsigned c = 0; c < meter->n_channels; c++) {
      const float sample = meter->vectors->max_abs(channels[c], n - delay);
      peak = sample > peak ? sample : peak;
    }
  }
  for (unsigned c = 0; c < meter->n_channels; c++) {
    const float wide = lac_true_peak_block(meter->wide[c], channels[c], n, peak);
    peak = wide > peak ? wide : peak;
  }
  return peak;
}

typedef struct Limits { /* of the frames that are completed next */
  float of_frame[RUN_FRAMES];
  uint32_t run[RUN_FRAMES]; /* frames of each part of a track's hop that lies within them */
  uint32_t n_runs;
} Limits;

/* What the detector need not exceed: the largest sample of the part of a track's hop. A peak below it decides neither
 * the hop nor the piece. */
static void fill_limits(LacTruePeakMeter *meter, Limits *limits, uint32_t n) {
  limits->n_runs = 0;
  for (uint32_t done = 0; done < n;) {
    const uint32_t run = n - done < meter->track_hop_left ? n - done : meter->track_hop_left;
    const float largest = meter->vectors->max_abs(meter->held + done, run);
    for (uint32_t i = 0; i < run; i++)
      limits->of_frame[done + i] = largest;
    limits->run[limits->n_runs++] = run;
    done += run;
    meter->track_hop_left -= run;
    if (!meter->track_hop_left)
      meter->track_hop_left = meter->track_hop_frames;
  }
}

/* The second channel need not exceed what the first one reaches either. */
static void raise_limits(const LacTruePeakMeter *meter, Limits *limits, const float *track) {
  float *limit = limits->of_frame;
  for (uint32_t k = 0; k < limits->n_runs; limit += limits->run[k], track += limits->run[k], k++) {
    const float largest = meter->vectors->max_abs(track, limits->run[k]);
    if (largest <= limit[0])
      continue;
    for (uint32_t i = 0; i < limits->run[k]; i++)
      limit[i] = largest;
  }
}

/* n <= RUN_FRAMES. */
static float track_run(LacTruePeakMeter *meter, const float *const *channels, uint32_t n, float *track,
                       float *scratch) {
  const uint32_t delay = lac_true_peak_delay_frames();
  Limits limits;
  meter->kernels->sizes(channels[0], channels[meter->n_channels - 1], meter->held + delay, n);
  fill_limits(meter, &limits, n);
  memmove(meter->held, meter->held + n, delay * sizeof(float));
  lac_true_peak_track_over(meter->wide[0], channels[0], limits.of_frame, track, n);
  if (meter->n_channels > 1) {
    raise_limits(meter, &limits, track);
    lac_true_peak_track_over(meter->wide[1], channels[1], limits.of_frame, scratch, n);
    meter->kernels->larger(track, scratch, track, n);
  }
  return meter->vectors->max_abs(track, n);
}

static float track_piece(LacTruePeakMeter *meter, const float *const *channels, uint32_t n_frames, float *track,
                         float *scratch) {
  float peak = 0;
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    n = n_frames - done < RUN_FRAMES ? n_frames - done : RUN_FRAMES;
    const float *at[2] = {channels[0] + done, meter->n_channels > 1 ? channels[1] + done : NULL};
    const float found = track_run(meter, at, n, track + done, scratch);
    peak = found > peak ? found : peak;
  }
  return peak;
}

static LacStatus add_wide(LacTruePeakMeter *meter, const float *const *channels, uint32_t n_frames, float *track,
                          float *scratch) {
  for (uint32_t done = 0; done < n_frames;) {
    const uint32_t wanted = meter->before_start + meter->piece_left;
    const uint32_t n = n_frames - done < wanted ? n_frames - done : wanted;
    const float *at[2] = {channels[0] + done, meter->n_channels > 1 ? channels[1] + done : NULL};
    const float peak = track ? track_piece(meter, at, n, track + done, scratch) : measure_piece(meter, at, n);
    const LacStatus status = advance(meter, peak, n);
    if (status)
      return status;
    done += n;
  }
  return LAC_OK;
}

LacStatus lac_true_peak_meter_add(LacTruePeakMeter *meter, const float *const *channels, uint32_t n_frames,
                                  float *track, float *scratch) {
  for (unsigned c = 0; c < meter->n_channels; c++)
    lac_true_peak_itu_add(meter->itu[c], channels[c], n_frames);
  return add_wide(meter, channels, n_frames, track, scratch);
}

LacStatus lac_true_peak_meter_flush(LacTruePeakMeter *meter, float *track, float *scratch) {
  static const float silence[FLUSH_FRAMES];
  const float *channels[2] = {silence, silence};
  for (uint32_t left = lac_true_peak_delay_frames(); left;) {
    const uint32_t n = left < FLUSH_FRAMES ? left : FLUSH_FRAMES;
    const LacStatus status = lac_true_peak_meter_add(meter, channels, n, track, scratch);
    if (status)
      return status;
    track = track ? track + n : NULL;
    left -= n;
  }
  const bool hop_begun = meter->piece > 0 || meter->piece_left < piece_frames(meter);
  return hop_begun ? end_hop(meter) : LAC_OK;
}

void lac_true_peak_meter_history(const LacTruePeakMeter *meter, float *dbtp, size_t count) {
  const float *hops = meter->hops.items;
  for (size_t i = 0; i < count; i++)
    dbtp[i] = i < meter->hops.count ? (float)lac_db_from_gain((double)hops[i]) : i ? dbtp[i - 1] : -INFINITY;
}

void lac_true_peak_meter_result(const LacTruePeakMeter *meter, LacLoudness *loudness) {
  float itu = 0;
  for (unsigned c = 0; c < meter->n_channels; c++) {
    const float peak = lac_true_peak_itu_result(meter->itu[c]);
    itu = peak > itu ? peak : itu;
  }
  const bool any = meter->peak > 0;
  loudness->true_peak_dbtp = any ? lac_db_from_gain((double)meter->peak) : NAN;
  loudness->true_peak_itu_dbtp = itu > 0 ? lac_db_from_gain((double)itu) : NAN;
  loudness->true_peak_time_s = any ? (double)meter->peak_frame / meter->rate_hz : NAN;
}
