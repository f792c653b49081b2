/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "assistant/source_state.h"

#include <math.h>
#include <stdio.h>

#include "core/number.h"

/* Loud pop masters have 7 to 10 dB between loudness and true peak, open mixes 12 and more: figures of the trade,
 * not of a study. */
static const double limited_plr_lu = 9.0;

/* An offset of 1 % takes 0.09 dB of headroom; less is not worth a filter. */
static const double least_offset = 0.01;

static const LacFinding *finding_of(const LacAnalysis *analysis, LacFindingKind kind) {
  for (size_t i = 0; i < analysis->n_findings; i++)
    if (analysis->findings[i].kind == kind)
      return &analysis->findings[i];
  return NULL;
}

/* "2:41.3" */
static const char *clock_text(double seconds, char buffer[32]) {
  unsigned tenths = seconds > 0.0 && seconds < 1e7 ? (unsigned)(seconds * 10.0 + 0.5) : 0;
  snprintf(buffer, 32, "%u:%02u.%u", tenths / 600, tenths / 10 % 60, tenths % 10);
  return buffer;
}

static LacStatus say_limited(const LacSourceState *state, LacNotes *notes) {
  char plr[LAC_NUMBER_SIZE];
  if (!isfinite(state->plr_lu))
    return lac_notes_add(notes, "INPUT_LIMITED",
                         "The mix is already limited. Tone is changed half as much as usual; a version without a "
                         "limiter would give a better master.");
  return lac_notes_add(notes, "INPUT_LIMITED",
                       "The mix is already limited (PLR %s dB). Tone is changed half as much as usual; a version "
                       "without a limiter would give a better master.",
                       lac_fixed_text(state->plr_lu, 1, plr));
}

static LacStatus say_clipped(const LacFinding *finding, LacNotes *notes) {
  char place[32];
  return lac_notes_add(notes, "INPUT_CLIPPED",
                       "%llu clipped stretch%s, the longest at %s. They were left as they are; a version without "
                       "clipping will sound better.",
                       (unsigned long long)finding->count, finding->count == 1 ? "" : "es",
                       clock_text(finding->time_s, place));
}

static LacStatus say_lossy(const LacMediaInfo *info, double edge_hz, LacNotes *notes) {
  char khz[LAC_NUMBER_SIZE];
  if (info && info->is_lossy)
    return lac_notes_add(notes, "INPUT_LOSSY_LOOK", "The input is a lossy file (%s). Use the original if you have it.",
                         info->codec);
  return lac_notes_add(notes, "INPUT_LOSSY_LOOK",
                       "Nothing above %s kHz: this looks like a converted lossy file. Use the original if you have it.",
                       lac_fixed_text(edge_hz / 1000.0, 1, khz));
}

LacStatus lac_source_state(const LacMediaInfo *info, const LacAnalysis *analysis, LacSourceState *state,
                           LacNotes *notes) {
  const LacFinding *headroom = finding_of(analysis, LAC_FINDING_HEADROOM);
  const LacFinding *clipped = finding_of(analysis, LAC_FINDING_CLIPPED);
  const LacFinding *offset = finding_of(analysis, LAC_FINDING_DC);
  const LacFinding *lossy = finding_of(analysis, LAC_FINDING_LOSSY);
  double plr_lu = analysis->loudness.plr_lu;
  *state = (LacSourceState){.plr_lu = plr_lu, .edge_hz = lossy ? lossy->value : NAN, .amount = 1.0, .max_moves = 4};
  state->is_limited = (isfinite(plr_lu) && plr_lu < limited_plr_lu) || headroom != NULL;
  state->is_clipped = clipped != NULL;
  state->offset = offset && fabs(offset->value) >= least_offset ? offset->value : 0.0;
  state->is_lossy = lossy != NULL || (info && info->is_lossy);
  LacStatus status = LAC_OK;
  if (state->is_limited) {
    state->amount = 0.5;
    state->max_moves = 2;
    status = say_limited(state, notes);
  }
  if (!status && clipped)
    status = say_clipped(clipped, notes);
  if (!status && state->is_lossy)
    status = say_lossy(info, state->edge_hz, notes);
  return status;
}
