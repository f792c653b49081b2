/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One SVG plot: axes, lines, bands, bars. Coordinates are written with a point in every locale; colours are the page's
 * CSS classes, so that light, dark and print follow the reader. Non-finite values break a line. */

#ifndef LAC_REPORT_PLOT_H
#define LAC_REPORT_PLOT_H

#include <lacquer/core.h>

#include "core/text_buffer.h"

typedef struct LacPlot {
  LacText *out;
  double x_minimum, x_maximum; /* in the reader's unit; Hz when is_log_x */
  double y_minimum, y_maximum;
  bool is_log_x;
} LacPlot;

/* Opens the picture; `label` is what a screen reader says. */
void lac_plot_begin(const LacPlot *plot, const char *label);
void lac_plot_end(const LacPlot *plot);
/* Grid lines with numbers every `step`; unit at the top. */
void lac_plot_y_axis(const LacPlot *plot, double step, const char *unit);
/* Minutes and seconds, or 20 Hz .. 20 kHz when is_log_x. */
void lac_plot_time_axis(const LacPlot *plot);
void lac_plot_hz_axis(const LacPlot *plot);
/* Numbers every `step` with the unit at the right. */
void lac_plot_x_axis(const LacPlot *plot, double step, const char *unit);
void lac_plot_line(const LacPlot *plot, const char *css_class, const double *x, const double *y, size_t count);
/* Filled between low and high. */
void lac_plot_band(const LacPlot *plot, const char *css_class, const double *x, const double *low, const double *high,
                   size_t count);
void lac_plot_level(const LacPlot *plot, const char *css_class, double y, const char *label);
void lac_plot_bar(const LacPlot *plot, const char *css_class, double x_from, double x_to, double y);

#endif
