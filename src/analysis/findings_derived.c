/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Findings that follow from the results of several meters. */

#include "analysis/findings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/number.h"
#include "dsp/elementary.h"

static const double SLOT_S = 0.1;

static bool is_derived(LacFindingKind kind) {
  return kind == LAC_FINDING_OVERS || kind == LAC_FINDING_LOSSY || kind == LAC_FINDING_HEADROOM;
}

/* A place is a stretch of neighbouring 100 ms slots with a true peak above full scale. */
static void find_overs(const LacAnalysis *analysis, LacFindingList *list) {
  const LacHistory *history = &analysis->history;
  uint64_t n_places = 0, n_slots = 0;
  for (size_t i = 0; i < history->count; i++) {
    if (!(history->true_peak_dbtp[i] > 0.0F))
      continue;
    n_slots++;
    n_places += i == 0 || !(history->true_peak_dbtp[i - 1] > 0.0F);
  }
  const LacLoudness *loudness = &analysis->loudness;
  if (!n_places || !(loudness->true_peak_dbtp > 0))
    return;
  char peak[LAC_NUMBER_SIZE], at[LAC_TIME_TEXT_SIZE];
  /* Up to half a decibel is common and mostly harmless; more than that distorts in many players. */
  const LacSeverity severity = loudness->true_peak_dbtp > 0.5 ? LAC_SEVERITY_WARNING : LAC_SEVERITY_INFO;
  LacFinding *finding = lac_finding_add(
      list, LAC_FINDING_OVERS, severity, 1.0, "True peaks above full scale in %llu place%s, up to +%s dBTP at %s.",
      (unsigned long long)n_places, n_places == 1 ? "" : "s", lac_fixed_text(loudness->true_peak_dbtp, 2, peak),
      lac_time_text(loudness->true_peak_time_s, at));
  if (!finding)
    return;
  finding->time_s = loudness->true_peak_time_s;
  finding->seconds = (double)n_slots * SLOT_S;
  finding->count = n_places;
  finding->value = loudness->true_peak_dbtp;
}

/* Encoders cut between 10 kHz (low rates) and 20.3 kHz (320 kbit/s); the filters of honest converters at 44.1 and
 * 48 kHz end above 20.4 kHz. */
static void find_lossy(const LacAnalysis *analysis, LacFindingList *list) {
  const LacSpectrum *spectrum = &analysis->spectrum;
  if (isnan(spectrum->edge_db) || analysis->rate_hz < 32000 || spectrum->cutoff_hz < 10000 ||
      spectrum->cutoff_hz > 20350 || spectrum->cutoff_hz > 0.925 * analysis->rate_hz / 2)
    return;
  /* Below 15 kHz an old sampler or a 32 kHz recording looks the same. */
  const double usual = spectrum->cutoff_hz >= 15000 ? 1.0 : 0.6;
  const double confidence = usual * (spectrum->edge_db >= 40 ? 0.9 : 0.5 + 0.02 * (spectrum->edge_db - 20));
  char khz[LAC_NUMBER_SIZE];
  LacFinding *finding = lac_finding_add(
      list, LAC_FINDING_LOSSY, LAC_SEVERITY_WARNING, confidence,
      "Nothing above %s kHz: this looks like a converted MP3 or another lossy file. Use the original if you have it.",
      lac_fixed_text(spectrum->cutoff_hz / 1000.0, 1, khz));
  if (finding)
    finding->value = spectrum->cutoff_hz;
}

/* Share of the sounding 100 ms slots whose true peak lies within 1 dB under the level that only 2 % of them exceed (one
 * stray peak must not hide a wall): limiting presses the peaks of the loud parts against it. */
static double share_near_wall(const LacAnalysis *analysis) {
  enum { SLOTS = 400, PER_DB = 10 }; /* down to 40 dB under the largest */
  size_t counts[SLOTS] = {0}, sounding = 0, above = 0, near_wall = 0;
  for (size_t i = 0; i < analysis->history.count; i++) {
    const double under = analysis->loudness.true_peak_dbtp - (double)analysis->history.true_peak_dbtp[i];
    if (!(under < (double)SLOTS / PER_DB))
      continue;
    counts[under > 0 ? (int)(under * PER_DB) : 0]++;
    sounding++;
  }
  int wall = 0;
  while (wall < SLOTS && above + counts[wall] <= sounding / 50)
    above += counts[wall++];
  for (int slot = wall; slot <= wall + PER_DB && slot < SLOTS; slot++)
    near_wall += counts[slot];
  return sounding ? (double)(above + near_wall) / (double)sounding : 0;
}

static bool is_much_clipped(const LacAnalysis *analysis) {
  for (size_t i = 0; i < analysis->n_findings; i++) {
    const LacFinding *finding = &analysis->findings[i];
    if (finding->kind == LAC_FINDING_CLIPPED && finding->confidence > 0.5)
      return (double)finding->count >= (double)analysis->n_frames / analysis->rate_hz / 6.0; /* ten a minute */
  }
  return false;
}

/* Unlimited mixes keep 12 LU and more and reach their peaks now and then; below 8.5 LU nothing but a limiter or a
 * clipper has been at work; in between the wall decides. A steady tone (about 0 LU) is no music. */
static void find_headroom(const LacAnalysis *analysis, LacFindingList *list) {
  const double plr = analysis->loudness.plr_lu;
  const double near_wall = share_near_wall(analysis);
  const bool is_limited =
      plr >= 2.5 && (plr < 8.5 || (plr < 10.0 && near_wall >= 0.2) || (plr < 11.5 && is_much_clipped(analysis)));
  if (!is_limited)
    return;
  const double closeness = near_wall >= 0.4 ? 1.0 : near_wall / 0.4;
  const double depth = plr <= 7.0 ? 1.0 : plr >= 11.5 ? 0.5 : 1.0 - (plr - 7.0) / 9.0;
  char text[LAC_NUMBER_SIZE];
  LacFinding *finding = lac_finding_add(
      list, LAC_FINDING_HEADROOM, LAC_SEVERITY_WARNING, 0.3 * closeness + 0.65 * depth,
      "The mix is already limited (PLR %s LU): no headroom is left for mastering.", lac_fixed_text(plr, 1, text));
  if (finding)
    finding->value = plr;
}

static int compare_findings(const void *a, const void *b) {
  const LacFinding *x = a, *y = b;
  if (x->severity != y->severity)
    return x->severity > y->severity ? -1 : 1;
  const double x_time = isnan(x->time_s) ? -1 : x->time_s, y_time = isnan(y->time_s) ? -1 : y->time_s;
  if (x_time < y_time || x_time > y_time)
    return x_time < y_time ? -1 : 1;
  return (x->kind > y->kind) - (x->kind < y->kind);
}

LacStatus lac_findings_derive(LacAnalysis *analysis) {
  if (!(analysis->measured & LAC_MEASURE_FLAWS))
    return LAC_OK;
  size_t kept = 0;
  for (size_t i = 0; i < analysis->n_findings; i++)
    if (!is_derived(analysis->findings[i].kind))
      analysis->findings[kept++] = analysis->findings[i];
  analysis->n_findings = kept;
  LacFindingList list = {analysis->findings, kept, kept, false};
  const unsigned both = LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK;
  if (analysis->measured & LAC_MEASURE_TRUE_PEAK)
    find_overs(analysis, &list);
  if (analysis->measured & LAC_MEASURE_SPECTRUM)
    find_lossy(analysis, &list);
  /* Adding may move the array that the next two read their clipping from. */
  analysis->findings = list.items;
  if ((analysis->measured & both) == both && !isnan(analysis->loudness.plr_lu))
    find_headroom(analysis, &list);
  analysis->findings = list.items;
  analysis->n_findings = list.count;
  if (list.count)
    qsort(list.items, list.count, sizeof(LacFinding), compare_findings);
  return list.failed ? LAC_ERR_MEMORY : LAC_OK;
}
