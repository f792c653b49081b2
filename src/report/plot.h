/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One plot: axes, lines, bands, bars. The picture is an SVG that stretches to its box; the words stand around it as
 * page text, so that they keep their size on a phone and in print. Coordinates are written with a point in every
 * locale; colours are the page's CSS classes, so that light, dark and print follow the reader. Non-finite values break
 * a line; what lies outside the axes is cut off at the frame. */

#ifndef LAC_REPORT_PLOT_H
#define LAC_REPORT_PLOT_H

#include <lacquer/core.h>

#include "core/text_buffer.h"

typedef struct LacPlot {
  LacText *out;
  double x_minimum, x_maximum; /* in the reader's unit; Hz when is_log_x */
  double y_minimum, y_maximum; /* minimum < maximum */
  bool is_log_x;
  LacText words; /* written after the picture; starts empty, emptied by lac_plot_end */
} LacPlot;

/* Opens the picture; `label` is what a screen reader says (plain text of ours). `css_class` sets its height: "" or
 * "low". */
void lac_plot_begin(LacPlot *plot, const char *css_class, const char *label);
void lac_plot_end(LacPlot *plot);
/* Grid lines with numbers every `step`; `title` says what and in which unit, above the picture. */
void lac_plot_y_axis(LacPlot *plot, double step, const char *title);
/* Seconds, minutes or hours, by length. */
void lac_plot_time_axis(LacPlot *plot);
/* 50 Hz .. 10 kHz, for is_log_x. */
void lac_plot_hz_axis(LacPlot *plot);
/* Numbers every `step`, `title` below. */
void lac_plot_x_axis(LacPlot *plot, double step, const char *title);
void lac_plot_line(LacPlot *plot, const char *css_class, const double *x, const double *y, size_t count);
/* Filled between low and high. */
void lac_plot_band(LacPlot *plot, const char *css_class, const double *x, const double *low, const double *high,
                   size_t count);
/* A line across, or nothing when y lies outside. */
void lac_plot_level(LacPlot *plot, const char *css_class, double y);
/* A line from bottom to top. */
void lac_plot_mark(LacPlot *plot, const char *css_class, double x);
/* From 0, or from the axis end nearest to it. */
void lac_plot_bar(LacPlot *plot, const char *css_class, double x_from, double x_to, double y);
/* A step of 1, 2 or 5 times a power of ten that cuts `span` into at most `most` pieces. */
double lac_plot_round_step(double span, unsigned most);

#endif
