/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The pictures of a report. Each has a title that states its finding, a text summary, and its numbers as a table.
 * A side without analysis is left out. */

#ifndef LAC_REPORT_FIGURES_H
#define LAC_REPORT_FIGURES_H

#include <lacquer/report.h>

#include "core/text_buffer.h"

void lac_figure_waveform(LacText *out, const LacReportFile *file);
void lac_figure_loudness(LacText *out, const LacReportFile *file);
void lac_figure_spectrum(LacText *out, const LacReportFile *file);
void lac_figure_stereo(LacText *out, const LacReportFile *file);
/* Every readout in dB that ever moved: over time and as histogram. */
void lac_figure_reduction(LacText *out, const LacReportFile *file);
/* Two analyses at equal loudness: b minus a per band. */
void lac_figure_tone_difference(LacText *out, const LacReportCompare *compare);

#endif
