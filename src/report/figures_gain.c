/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The gains of one processor: over time and as histogram. */

#include "report/figures.h"

#include "report/gain_reduction.h"
#include "report/page.h"
#include "report/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef char Value[LAC_VALUE_TEXT_SIZE];

enum { MOST_BINS = 40 };

typedef struct Histogram {
  double share_percent[MOST_BINS]; /* of all time */
  double width_db;
  size_t n_bins;
} Histogram;

/* Of the 10 ms means, from 0.01 dB on, like the figures beside it. */
static void count_bins(const LacReportReadout *readout, Histogram *histogram) {
  double most_db = 0;
  for (size_t i = 0; i < readout->count; i++)
    most_db = fmax(most_db, -(double)readout->mean[i]);
  *histogram = (Histogram){.width_db = most_db > 20 ? 1 : most_db > 3 ? 0.5 : 0.25};
  histogram->n_bins = (size_t)fmax(fmin(ceil(most_db / histogram->width_db), MOST_BINS), 1);
  for (size_t i = 0; i < readout->count; i++)
    if (readout->mean[i] <= -0.01F) {
      double bin = fmin(-(double)readout->mean[i] / histogram->width_db, (double)histogram->n_bins - 1);
      histogram->share_percent[(size_t)bin] += 100.0 / (double)readout->count;
    }
}

static void draw_histogram(LacText *out, const Histogram *histogram, double p95_db) {
  double top = 0.5, end = (double)histogram->n_bins * histogram->width_db;
  for (size_t i = 0; i < histogram->n_bins; i++)
    top = fmax(top, histogram->share_percent[i]);
  double step = lac_plot_round_step(top, 4);
  LacPlot plot = {.out = out, .x_maximum = end, .y_maximum = ceil(top / step - 1e-9) * step};
  lac_plot_begin(&plot, "low", "How often each amount of gain reduction occurs");
  lac_plot_y_axis(&plot, step, "share of the song, %");
  lac_plot_x_axis(&plot, lac_plot_round_step(end, 10), "gain reduction, dB");
  for (size_t i = 0; i < histogram->n_bins; i++)
    lac_plot_bar(&plot, "after", (double)i * histogram->width_db, (double)(i + 1) * histogram->width_db,
                 histogram->share_percent[i]);
  lac_plot_mark(&plot, "target", p95_db);
  lac_plot_end(&plot);
}

static void histogram_table(LacText *out, const Histogram *histogram) {
  static const char *const columns[] = {"Gain reduction, dB", "share of the song", NULL};
  lac_page_table_begin(out, "Table of gain reduction", columns);
  for (size_t i = 0; i < histogram->n_bins; i++) {
    Value a, b, c;
    lac_text_appendf(out, "<tr><th scope=\"row\">%s to %s</th><td>%s</td></tr>\n",
                     lac_page_value_text((double)i * histogram->width_db, 2, "", a),
                     lac_page_value_text((double)(i + 1) * histogram->width_db, 2, "", b),
                     lac_page_value_text(histogram->share_percent[i], 2, "%", c));
  }
  lac_page_table_end(out);
}

/* Returns the seconds behind one point. */
static double over_time(LacText *out, const LacReportReadout *readout, double most_db, double length_s) {
  LacFigureSeries line;
  double zero[LAC_FIGURE_POINTS] = {0};
  lac_figure_reduce(&line, readout->minimum, readout->count, readout->hop_s, true);
  double step = most_db > 12 ? 6 : most_db > 6 ? 3 : most_db > 1 ? 1 : 0.5;
  LacPlot plot = {.out = out, .x_maximum = length_s, .y_minimum = -ceil(most_db / step) * step};
  lac_plot_begin(&plot, "low", "Gain reduction over time");
  lac_plot_y_axis(&plot, step, "gain, dB");
  lac_plot_time_axis(&plot);
  lac_plot_band(&plot, "fill", line.x, line.y, zero, line.count);
  lac_plot_line(&plot, "after", line.x, line.y, line.count);
  lac_plot_end(&plot);
  return (double)line.n_joined * readout->hop_s;
}

/* "The compressor", "Band 2 of the compressor", with the entry's name where that is another one. */
static void name_of(LacText *out, const LacReportReadout *readout, bool is_one_of_many) {
  unsigned band = 0;
  if (is_one_of_many && sscanf(readout->readout, "band%u_", &band) == 1)
    lac_text_appendf(out, "<h3>Band %u of the ", band);
  else
    lac_text_append(out, "<h3>The ");
  lac_page_escape(out, readout->processor);
  if (strcmp(readout->entry, readout->processor)) {
    lac_text_append(out, " \xE2\x80\x9C");
    lac_page_escape(out, readout->entry);
    lac_text_append(out, "\xE2\x80\x9D");
  }
}

static void reduction(LacText *out, const LacReportReadout *readout, const LacGainReduction *found, double length_s) {
  Histogram histogram;
  Value a, b, t;
  count_bins(readout, &histogram);
  lac_text_appendf(out, " works %s of the time, at most by %s</h3>\n",
                   found->share_percent < 0.5 ? "less than 1\xC2\xA0%"
                                              : lac_page_value_text(found->share_percent, 0, "%", a),
                   lac_page_value_text(found->most_db, 1, "dB", b));
  double point_s = over_time(out, readout, found->most_db, length_s);
  lac_text_appendf(out, "<figcaption>The deepest moment in each %s; the deepest of all is at %s.</figcaption>\n",
                   lac_page_value_text(point_s, 2, "s", a), lac_page_time_text(found->most_time_s, t));
  draw_histogram(out, &histogram, found->p95_db);
  lac_text_appendf(out,
                   "<figcaption><span class=\"keys\"><span><span class=\"key target\"></span>95\xC2\xA0%% of the "
                   "working time stays within %s</span></span>How often each amount occurs, averaged over 10\xC2\xA0"
                   "ms.</figcaption>\n",
                   lac_page_value_text(found->p95_db, 1, "dB", a));
  histogram_table(out, &histogram);
}

/* A gain that rises as well: over time, by its means. */
static void movement(LacText *out, const LacReportReadout *readout, const LacGainReduction *found, double lift_db,
                     double lift_time_s, double length_s) {
  Value a, b, t;
  lac_text_appendf(out, " lifts by up to %s", lac_page_value_text(lift_db, 1, "dB", a));
  if (found->most_db >= 0.01)
    lac_text_appendf(out, " and takes up to %s off", lac_page_value_text(found->most_db, 1, "dB", b));
  lac_text_append(out, "</h3>\n");
  LacFigureSeries line;
  lac_figure_reduce(&line, readout->mean, readout->count, readout->hop_s, lift_db < found->most_db);
  double step = lac_plot_round_step(lift_db + found->most_db, 6);
  LacPlot plot = {.out = out,
                  .x_maximum = length_s,
                  .y_minimum = -ceil(found->most_db / step) * step,
                  .y_maximum = ceil(lift_db / step) * step};
  lac_plot_begin(&plot, "low", "Gain over time");
  lac_plot_y_axis(&plot, step, "gain, dB");
  lac_plot_time_axis(&plot);
  lac_plot_line(&plot, "after", line.x, line.y, line.count);
  lac_plot_end(&plot);
  lac_text_appendf(out,
                   "<figcaption>The %s moment in each %s, averaged over 10\xC2\xA0ms; the highest of all is at %s."
                   "</figcaption>\n",
                   lift_db < found->most_db ? "lowest" : "highest",
                   lac_page_value_text((double)line.n_joined * readout->hop_s, 2, "s", a),
                   lac_page_time_text(lift_time_s, t));
}

/* False when it never moved. */
static bool one_gain(LacText *out, const LacReportReadout *readout, bool is_one_of_many, double length_s) {
  LacGainReduction found;
  double lift_time_s;
  const double lift_db = lac_gain_lift_db(readout, &lift_time_s);
  if (!lac_gain_reduction(readout, &found, &out->failed) && lift_db == 0)
    return false;
  lac_text_append(out, "<figure>");
  name_of(out, readout, is_one_of_many);
  if (lift_db > 0)
    movement(out, readout, &found, lift_db, lift_time_s, length_s);
  else
    reduction(out, readout, &found, length_s);
  lac_text_append(out, "</figure>\n");
  return true;
}

void lac_figure_gains(LacText *out, const LacReportReadout *readouts, size_t n_readouts, double length_s) {
  size_t n_gains = 0, n_moved = 0;
  const LacReportReadout *any = NULL;
  for (size_t i = 0; i < n_readouts; i++)
    if (!strcmp(readouts[i].unit, "dB") && readouts[i].count) {
      any = &readouts[i];
      n_gains++;
    }
  for (size_t i = 0; i < n_readouts; i++)
    if (!strcmp(readouts[i].unit, "dB") && readouts[i].count)
      n_moved += one_gain(out, &readouts[i], n_gains > 1, length_s);
  if (any && n_moved == 0) {
    lac_text_append(out, "<figure>");
    name_of(out, any, false);
    lac_text_append(out, " had nothing to do</h3><p>Its gain stayed at 0\xC2\xA0"
                         "dB from beginning to "
                         "end.</p></figure>\n");
  }
}
