/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pictures of a report. Each has a title that states its finding, a text summary, and its numbers as a table.
 * What was not measured (silence, too short) is said instead of drawn. */

#ifndef LAC_REPORT_FIGURES_H
#define LAC_REPORT_FIGURES_H

#include <lacquer/report.h>

#include "core/text_buffer.h"

/* One or two songs in one picture: mix and master, or A and B. */
typedef struct LacFigureView {
  const LacAnalysis *before;
  const LacAnalysis *after; /* NULL: one song */
  const char *before_name;  /* "mix", "A", "file" */
  const char *after_name;
  LacRecipeTarget target;
  const double *band_low_db; /* the usual range, raised to the level of the last song; may be NULL */
  const double *band_high_db;
} LacFigureView;

enum { LAC_FIGURE_POINTS = 600 };

/* Values over time, reduced to what a picture shows. */
typedef struct LacFigureSeries {
  double x[LAC_FIGURE_POINTS]; /* s */
  double y[LAC_FIGURE_POINTS]; /* NAN: gap */
  size_t count;
  size_t n_joined; /* values behind one point */
} LacFigureSeries;

/* Largest value (smallest when `take_least`) of each of at most LAC_FIGURE_POINTS stretches. */
void lac_figure_reduce(LacFigureSeries *series, const float *values, size_t count, double hop_s, bool take_least);
double lac_figure_seconds(const LacFigureView *view);
/* The legend: names with their lines, then `extra` (markup, may be ""). */
void lac_figure_keys(LacText *out, const LacFigureView *view, const char *kind, const char *extra);

void lac_figure_waveform(LacText *out, const LacFigureView *view);
void lac_figure_loudness(LacText *out, const LacFigureView *view);
void lac_figure_spectrum(LacText *out, const LacFigureView *view);
void lac_figure_stereo(LacText *out, const LacFigureView *view);
/* The gains of one processor, the readouts of one entry: each that moved over time, and as histogram where it only
 * reduces; one sentence when none moved. */
void lac_figure_gains(LacText *out, const LacReportReadout *readouts, size_t n_readouts, double length_s);
/* Two analyses at equal loudness: b minus a per band. */
void lac_figure_tone_difference(LacText *out, const LacReportCompare *compare);

#endif
