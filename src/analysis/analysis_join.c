/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/analysis_join.h"

#include <math.h>
#include <string.h>

#include "analysis/findings.h"
#include "analysis/loudness.h"
#include "core/memory.h"

static void fill_nan(double *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    values[i] = NAN;
}

_Static_assert(sizeof(LacLoudness) % sizeof(double) == 0 && sizeof(LacSpectrum) % sizeof(double) == 0 &&
                   sizeof(LacStereo) % sizeof(double) == 0 && sizeof(LacDynamics) % sizeof(double) == 0,
               "these results are doubles throughout");

void lac_analysis_clear(LacAnalysis *analysis) {
  memset(analysis, 0, sizeof(*analysis));
  fill_nan((double *)&analysis->loudness, sizeof(LacLoudness) / sizeof(double));
  fill_nan((double *)&analysis->spectrum, sizeof(LacSpectrum) / sizeof(double));
  fill_nan((double *)&analysis->stereo, sizeof(LacStereo) / sizeof(double));
  fill_nan((double *)&analysis->dynamics, sizeof(LacDynamics) / sizeof(double));
}

void lac_analysis_free(LacAnalysis *analysis) {
  if (!analysis)
    return;
  lac_free(analysis->findings);
  lac_free(analysis->history.momentary_lufs);
  lac_free(analysis->history.short_term_lufs);
  lac_free(analysis->history.true_peak_dbtp);
  lac_free(analysis->control.peak);
  lac_free(analysis->control.lead);
  lac_free(analysis->control.openness);
  lac_free(analysis->control.k_energy);
  lac_free(analysis->levels.group_db);
  memset(analysis, 0, sizeof(*analysis));
}

/* Largest true peak of the last 3 s over the short-term loudness of the same 3 s, where that passes -70 LUFS. */
static double least_psr(const LacHistory *history) {
  double least = NAN;
  for (size_t i = LAC_LOUDNESS_SHORT_TERM_HOPS - 1; i < history->count; i++) {
    if (!(history->short_term_lufs[i] > -70.0F))
      continue;
    float peak = -INFINITY;
    for (size_t j = i + 1 - LAC_LOUDNESS_SHORT_TERM_HOPS; j <= i; j++)
      peak = history->true_peak_dbtp[j] > peak ? history->true_peak_dbtp[j] : peak;
    const double psr = (double)peak - (double)history->short_term_lufs[i];
    least = !(psr >= least) ? psr : least;
  }
  return least;
}

LacStatus lac_analysis_combine(LacAnalysis *analysis) {
  const unsigned both = LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK;
  if ((analysis->measured & both) == both) {
    LacLoudness *loudness = &analysis->loudness;
    loudness->plr_lu = loudness->true_peak_dbtp - loudness->integrated_lufs;
    loudness->psr_min_lu = least_psr(&analysis->history);
  }
  return lac_findings_derive(analysis);
}

static LacStatus append_findings(LacAnalysis *into, LacAnalysis *from) {
  if (!from->n_findings)
    return LAC_OK;
  LacFinding *findings = lac_realloc(into->findings, into->n_findings + from->n_findings, sizeof(LacFinding));
  if (!findings)
    return LAC_ERR_MEMORY;
  memcpy(findings + into->n_findings, from->findings, from->n_findings * sizeof(LacFinding));
  into->findings = findings;
  into->n_findings += from->n_findings;
  return LAC_OK;
}

static void move_loudness(LacAnalysis *into, LacAnalysis *from) {
  LacLoudness *a = &into->loudness;
  const LacLoudness *b = &from->loudness;
  a->integrated_lufs = b->integrated_lufs;
  a->momentary_max_lufs = b->momentary_max_lufs;
  a->short_term_max_lufs = b->short_term_max_lufs;
  a->range_lu = b->range_lu;
  a->sample_peak_dbfs = b->sample_peak_dbfs;
  into->overview = from->overview;
  into->history.momentary_lufs = from->history.momentary_lufs;
  into->history.short_term_lufs = from->history.short_term_lufs;
  from->history.momentary_lufs = from->history.short_term_lufs = NULL;
}

static void move_true_peak(LacAnalysis *into, LacAnalysis *from) {
  into->loudness.true_peak_dbtp = from->loudness.true_peak_dbtp;
  into->loudness.true_peak_itu_dbtp = from->loudness.true_peak_itu_dbtp;
  into->loudness.true_peak_time_s = from->loudness.true_peak_time_s;
  into->history.true_peak_dbtp = from->history.true_peak_dbtp;
  from->history.true_peak_dbtp = NULL;
}

/* Either half of the track, or both. */
static void move_control(LacAnalysis *into, LacAnalysis *from, unsigned missing) {
  LacControlTrack *a = &into->control, *b = &from->control;
  if (!(missing & LAC_MEASURE_LIMITING))
    return;
  const bool is_other_half = (into->measured & LAC_MEASURE_LIMITING) != 0;
  a->count = is_other_half && a->count < b->count ? a->count : b->count;
  a->hop_frames = b->hop_frames;
  a->rate_hz = b->rate_hz;
  if (missing & LAC_MEASURE_LIMITING_PEAKS) {
    a->peak = b->peak;
    b->peak = NULL;
  }
  if (missing & LAC_MEASURE_LIMITING_LEVELS) {
    a->lead = b->lead;
    a->k_energy = b->k_energy;
    a->openness = b->openness;
    a->openness_count = b->openness_count;
    a->openness_hop_frames = b->openness_hop_frames;
    b->lead = NULL;
    b->k_energy = NULL;
    b->openness = NULL;
  }
}

LacStatus lac_analysis_join(LacAnalysis *into, LacAnalysis *from) {
  const bool is_same_audio = into->n_frames == from->n_frames && into->n_channels == from->n_channels &&
                             !(into->rate_hz < from->rate_hz) && !(into->rate_hz > from->rate_hz);
  LacStatus status = is_same_audio ? LAC_OK : LAC_ERR_USAGE;
  const unsigned missing = from->measured & ~into->measured;
  if (!status && (missing & LAC_MEASURE_FLAWS))
    status = append_findings(into, from);
  if (status) {
    lac_analysis_free(from);
    return status;
  }
  if (missing & LAC_MEASURE_CHECKSUM)
    memcpy(into->pcm_sha256, from->pcm_sha256, sizeof(into->pcm_sha256));
  if (missing & LAC_MEASURE_LOUDNESS)
    move_loudness(into, from);
  if (missing & LAC_MEASURE_TRUE_PEAK)
    move_true_peak(into, from);
  if (missing & LAC_MEASURE_SPECTRUM) {
    into->spectrum = from->spectrum;
    into->stereo = from->stereo;
    into->dynamics = from->dynamics;
    into->levels = from->levels;
    from->levels.group_db = NULL;
  }
  move_control(into, from, missing);
  into->measured |= missing;
  lac_analysis_free(from);
  return lac_analysis_combine(into);
}
