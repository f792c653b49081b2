/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* All meters over one pass. Input is copied into blocks of fixed length at fixed places, finite samples only; each
 * block is K-weighted once and oversampled once, whoever needs it. */

#include <lacquer/analysis.h>

#include <math.h>
#include <string.h>

#include "analysis/analysis_join.h"
#include "analysis/control_track.h"
#include "analysis/dynamics.h"
#include "analysis/findings.h"
#include "analysis/loudness.h"
#include "analysis/overview.h"
#include "analysis/spectrum_meter.h"
#include "analysis/true_peak_meter.h"
#include "core/arena.h"
#include "core/memory.h"
#include "core/sha256.h"

enum { BLOCK_FRAMES = 2048 };

static const double LOWEST_RATE_HZ = 8000, HIGHEST_RATE_HZ = 384000;

struct LacAnalyzer {
  const LacMeterKernels *kernels;
  double rate_hz;
  unsigned n_channels;
  unsigned measure;
  LacStatus status; /* the first failure; everything after it returns the same */
  bool is_finished;
  uint64_t n_frames;
  uint64_t n_nonfinite, nonfinite_frame;
  bool is_any_signal;
  uint32_t filled;
  float *channels[2]; /* the block */
  float *track, *scratch, *interleaved;
  double *power;
  LacArena *arena;
  LacSha256 sha;
  LacLoudnessMeter loudness;
  LacOverviewMeter *overview;
  LacTruePeakMeter true_peak;
  LacControlMeter control;
  LacSpectrumMeter spectrum;
  LacDynamicsMeter dynamics;
  LacFindingsMeter *findings;
};

static bool wants(const LacAnalyzer *analyzer, unsigned measure) {
  return (analyzer->measure & measure) != 0;
}

static LacStatus allocate(LacAnalyzer *analyzer) {
  const LacStatus status = lac_arena_new(&analyzer->arena);
  if (status)
    return status;
  LacArena *arena = analyzer->arena;
  bool is_full = true;
  for (unsigned c = 0; c < analyzer->n_channels; c++)
    is_full &= (analyzer->channels[c] = lac_arena_alloc(arena, BLOCK_FRAMES, sizeof(float))) != NULL;
  is_full &= (analyzer->track = lac_arena_alloc(arena, BLOCK_FRAMES, sizeof(float))) != NULL;
  is_full &= (analyzer->scratch = lac_arena_alloc(arena, BLOCK_FRAMES, sizeof(float))) != NULL;
  is_full &= (analyzer->interleaved = lac_arena_alloc(arena, 2 * BLOCK_FRAMES, sizeof(float))) != NULL;
  is_full &= (analyzer->power = lac_arena_alloc(arena, BLOCK_FRAMES, sizeof(double))) != NULL;
  is_full &= (analyzer->overview = lac_arena_alloc(arena, 1, sizeof(LacOverviewMeter))) != NULL;
  if (wants(analyzer, LAC_MEASURE_FLAWS))
    is_full &= (analyzer->findings = lac_arena_alloc(arena, 1, sizeof(LacFindingsMeter))) != NULL;
  return is_full ? LAC_OK : LAC_ERR_MEMORY;
}

static LacStatus prepare(LacAnalyzer *analyzer) {
  const double rate_hz = analyzer->rate_hz;
  const unsigned n_channels = analyzer->n_channels;
  LacStatus status = allocate(analyzer);
  if (status)
    return status;
  analyzer->kernels = lac_meter_kernels_at(lac_cpu_level());
  lac_sha256_init(&analyzer->sha);
  lac_overview_meter_init(analyzer->overview);
  lac_loudness_meter_init(&analyzer->loudness, rate_hz, n_channels);
  if (wants(analyzer, LAC_MEASURE_LIMITING))
    status =
        lac_control_meter_init(&analyzer->control, analyzer->arena, rate_hz, n_channels, lac_true_peak_delay_frames());
  if (!status && wants(analyzer, LAC_MEASURE_TRUE_PEAK | LAC_MEASURE_LIMITING_PEAKS))
    status = lac_true_peak_meter_init(&analyzer->true_peak, analyzer->arena, rate_hz, n_channels);
  if (!status && wants(analyzer, LAC_MEASURE_SPECTRUM)) {
    lac_dynamics_meter_init(&analyzer->dynamics, rate_hz, n_channels);
    status = lac_spectrum_meter_init(&analyzer->spectrum, rate_hz, n_channels);
  }
  if (!status && wants(analyzer, LAC_MEASURE_FLAWS))
    lac_findings_meter_init(analyzer->findings, rate_hz, n_channels);
  return status;
}

LacStatus lac_analyzer_new(double rate_hz, unsigned n_channels, unsigned measure, LacAnalyzer **out) {
  *out = NULL;
  if (!(rate_hz >= LOWEST_RATE_HZ && rate_hz <= HIGHEST_RATE_HZ))
    return LAC_ERR_RANGE;
  if (n_channels < 1 || n_channels > 2)
    return LAC_ERR_CHANNELS;
  LacAnalyzer *analyzer = lac_calloc(1, sizeof(*analyzer));
  if (!analyzer)
    return LAC_ERR_MEMORY;
  analyzer->rate_hz = rate_hz;
  analyzer->n_channels = n_channels;
  analyzer->measure = measure;
  const LacStatus status = prepare(analyzer);
  if (status) {
    lac_analyzer_free(analyzer);
    return status;
  }
  *out = analyzer;
  return LAC_OK;
}

void lac_analyzer_free(LacAnalyzer *analyzer) {
  if (!analyzer)
    return;
  lac_loudness_meter_free(&analyzer->loudness);
  lac_true_peak_meter_free(&analyzer->true_peak);
  lac_control_meter_free(&analyzer->control);
  lac_spectrum_meter_free(&analyzer->spectrum);
  lac_dynamics_meter_free(&analyzer->dynamics);
  lac_arena_free(analyzer->arena);
  lac_free(analyzer);
}

/* The samples as 32-bit little-endian float, interleaved. */
static void hash_block(LacAnalyzer *analyzer, const float *const *channels, uint32_t n) {
  const unsigned n_channels = analyzer->n_channels;
  float *out = analyzer->interleaved;
  for (unsigned c = 0; c < n_channels; c++)
    for (uint32_t i = 0; i < n; i++)
      out[(size_t)i * n_channels + c] = channels[c][i];
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  for (size_t i = 0; i < (size_t)n * n_channels; i++) {
    uint32_t bits;
    memcpy(&bits, &out[i], sizeof(bits));
    bits = __builtin_bswap32(bits);
    memcpy(&out[i], &bits, sizeof(bits));
  }
#endif
  lac_sha256_add(&analyzer->sha, out, (size_t)n * n_channels * sizeof(float));
}

static LacStatus add_loudness(LacAnalyzer *analyzer, const float *const *channels, uint32_t n) {
  LacStatus status = LAC_OK;
  if (!wants(analyzer, LAC_MEASURE_LOUDNESS | LAC_MEASURE_LIMITING_LEVELS))
    return status;
  lac_k_weighting_power(&analyzer->loudness.weighting, channels, analyzer->n_channels, analyzer->power, n);
  if (wants(analyzer, LAC_MEASURE_LOUDNESS)) {
    lac_overview_meter_add(analyzer->overview, channels, analyzer->n_channels, n);
    status = lac_loudness_meter_add_power(&analyzer->loudness, analyzer->power, n);
  }
  if (!status && wants(analyzer, LAC_MEASURE_LIMITING_LEVELS))
    status = lac_control_meter_add_audio(&analyzer->control, channels, analyzer->power, n);
  return status;
}

static LacStatus add_true_peak(LacAnalyzer *analyzer, const float *const *channels, uint32_t n) {
  if (wants(analyzer, LAC_MEASURE_LIMITING_PEAKS)) {
    const LacStatus status =
        lac_true_peak_meter_add(&analyzer->true_peak, channels, n, analyzer->track, analyzer->scratch);
    return status ? status : lac_control_meter_add_peaks(&analyzer->control, analyzer->track, n);
  }
  if (wants(analyzer, LAC_MEASURE_TRUE_PEAK))
    return lac_true_peak_meter_add(&analyzer->true_peak, channels, n, NULL, NULL);
  return LAC_OK;
}

static LacStatus process_block(LacAnalyzer *analyzer, uint32_t n) {
  const float *channels[2] = {analyzer->channels[0], analyzer->channels[1]};
  for (unsigned c = 0; c < analyzer->n_channels && !analyzer->is_any_signal; c++) {
    float low = 0, high = 0;
    analyzer->kernels->range(channels[c], n, &low, &high);
    analyzer->is_any_signal = low < 0 || high > 0;
  }
  LacStatus status = add_loudness(analyzer, channels, n);
  if (!status)
    status = add_true_peak(analyzer, channels, n);
  if (!status && wants(analyzer, LAC_MEASURE_SPECTRUM)) {
    status = lac_spectrum_meter_add(&analyzer->spectrum, channels, n);
    if (!status)
      status = lac_dynamics_meter_add(&analyzer->dynamics, channels, n);
  }
  if (!status && wants(analyzer, LAC_MEASURE_FLAWS))
    lac_findings_meter_add(analyzer->findings, channels, n);
  if (!status && wants(analyzer, LAC_MEASURE_CHECKSUM))
    hash_block(analyzer, channels, n);
  analyzer->filled = 0;
  return status;
}

/* Remembers where the first of them is; only called when a stretch has some. */
static void note_nonfinite(LacAnalyzer *analyzer, const float *in, uint32_t n, uint64_t count) {
  uint32_t first = 0;
  while (first < n && isfinite(in[first]))
    first++;
  const uint64_t frame = analyzer->n_frames + first;
  if (!analyzer->n_nonfinite || frame < analyzer->nonfinite_frame)
    analyzer->nonfinite_frame = frame;
  analyzer->n_nonfinite += count;
}

LacStatus lac_analyzer_add(LacAnalyzer *analyzer, const float *const *channels, uint32_t n_frames) {
  if (analyzer->is_finished)
    return LAC_ERR_USAGE;
  for (uint32_t done = 0; done < n_frames && !analyzer->status;) {
    const uint32_t space = BLOCK_FRAMES - analyzer->filled;
    const uint32_t n = n_frames - done < space ? n_frames - done : space;
    for (unsigned c = 0; c < analyzer->n_channels; c++) {
      const float *in = channels[c] + done;
      const size_t bad = analyzer->kernels->copy_finite(in, analyzer->channels[c] + analyzer->filled, n);
      if (bad)
        note_nonfinite(analyzer, in, n, bad);
    }
    analyzer->filled += n;
    analyzer->n_frames += n;
    done += n;
    if (analyzer->filled == BLOCK_FRAMES)
      analyzer->status = process_block(analyzer, BLOCK_FRAMES);
  }
  return analyzer->status;
}

static LacStatus flush(LacAnalyzer *analyzer) {
  LacStatus status = analyzer->filled ? process_block(analyzer, analyzer->filled) : LAC_OK;
  if (status || !wants(analyzer, LAC_MEASURE_TRUE_PEAK | LAC_MEASURE_LIMITING_PEAKS))
    return status;
  const bool is_tracked = wants(analyzer, LAC_MEASURE_LIMITING_PEAKS);
  status = lac_true_peak_meter_flush(&analyzer->true_peak, is_tracked ? analyzer->track : NULL, analyzer->scratch);
  if (!status && is_tracked)
    status = lac_control_meter_add_peaks(&analyzer->control, analyzer->track, lac_true_peak_delay_frames());
  return status;
}

/* 100 ms slots; the last one may be incomplete. */
static LacStatus fill_history(LacAnalyzer *analyzer, LacHistory *history) {
  const uint32_t hop = lac_loudness_hop_frames(analyzer->rate_hz);
  history->count = (size_t)((analyzer->n_frames + hop - 1) / hop);
  if (!history->count)
    return LAC_OK;
  if (wants(analyzer, LAC_MEASURE_LOUDNESS)) {
    history->momentary_lufs = lac_alloc(history->count, sizeof(float));
    history->short_term_lufs = lac_alloc(history->count, sizeof(float));
    if (!history->momentary_lufs || !history->short_term_lufs)
      return LAC_ERR_MEMORY;
    lac_loudness_meter_history(&analyzer->loudness, history->momentary_lufs, history->short_term_lufs, history->count);
  }
  if (wants(analyzer, LAC_MEASURE_TRUE_PEAK)) {
    history->true_peak_dbtp = lac_alloc(history->count, sizeof(float));
    if (!history->true_peak_dbtp)
      return LAC_ERR_MEMORY;
    lac_true_peak_meter_history(&analyzer->true_peak, history->true_peak_dbtp, history->count);
  }
  return LAC_OK;
}

static LacStatus fill_loudness(LacAnalyzer *analyzer, LacAnalysis *out) {
  if (wants(analyzer, LAC_MEASURE_LOUDNESS)) {
    const LacStatus status = lac_loudness_meter_result(&analyzer->loudness, &out->loudness);
    if (status)
      return status;
    out->loudness.sample_peak_dbfs = lac_overview_meter_result_db(analyzer->overview, &out->overview);
  }
  if (wants(analyzer, LAC_MEASURE_TRUE_PEAK))
    lac_true_peak_meter_result(&analyzer->true_peak, &out->loudness);
  return fill_history(analyzer, &out->history);
}

static LacStatus fill_findings(LacAnalyzer *analyzer, LacAnalysis *out) {
  if (wants(analyzer, LAC_MEASURE_CHECKSUM))
    lac_sha256_text(&analyzer->sha, out->pcm_sha256);
  if (!wants(analyzer, LAC_MEASURE_FLAWS))
    return LAC_OK;
  LacFindingList list = {0};
  lac_findings_meter_result(analyzer->findings, analyzer->n_nonfinite, analyzer->nonfinite_frame, &list);
  out->findings = list.items;
  out->n_findings = list.count;
  return list.failed ? LAC_ERR_MEMORY : LAC_OK;
}

static LacStatus fill(LacAnalyzer *analyzer, LacAnalysis *out) {
  LacStatus status = fill_loudness(analyzer, out);
  if (!status && wants(analyzer, LAC_MEASURE_SPECTRUM)) {
    status = lac_spectrum_meter_result(&analyzer->spectrum, &out->spectrum, &out->stereo);
    if (!status)
      status = lac_dynamics_meter_result(&analyzer->dynamics, &out->dynamics);
    if (!status)
      status = lac_dynamics_meter_levels(&analyzer->dynamics, &out->levels);
  }
  if (!status && wants(analyzer, LAC_MEASURE_LIMITING))
    status = lac_control_meter_result(&analyzer->control, analyzer->rate_hz, &out->control);
  if (!status)
    status = fill_findings(analyzer, out);
  return status ? status : lac_analysis_combine(out);
}

LacStatus lac_analyzer_finish(LacAnalyzer *analyzer, LacAnalysis *out) {
  lac_analysis_clear(out);
  if (analyzer->is_finished)
    return LAC_ERR_USAGE;
  analyzer->is_finished = true;
  out->measured = analyzer->measure;
  out->rate_hz = analyzer->rate_hz;
  out->n_channels = analyzer->n_channels;
  out->n_frames = analyzer->n_frames;
  out->n_nonfinite = analyzer->n_nonfinite;
  LacStatus status = analyzer->status;
  if (!status)
    status = flush(analyzer);
  out->is_silent = !analyzer->is_any_signal;
  if (!status)
    status = fill(analyzer, out);
  if (status)
    lac_analysis_free(out);
  return status;
}
