/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Over time: waveform and loudness. */

#include "report/figures.h"

#include "report/page.h"
#include "report/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef char Value[LAC_VALUE_TEXT_SIZE];

void lac_figure_reduce(LacFigureSeries *series, const float *values, size_t count, double hop_s, bool take_least) {
  size_t per = (count + LAC_FIGURE_POINTS - 1) / LAC_FIGURE_POINTS;
  double sign = take_least ? -1 : 1;
  series->count = 0;
  series->n_joined = per;
  for (size_t start = 0; values && per > 0 && start < count; start += per) {
    double best = -INFINITY;
    size_t end = start + per < count ? start + per : count;
    for (size_t i = start; i < end; i++)
      best = fmax(best, sign * (double)values[i]);
    series->x[series->count] = ((double)start + (double)(end - start) / 2) * hop_s;
    series->y[series->count++] = isfinite(best) ? sign * best : NAN;
  }
}

static double seconds_of(const LacAnalysis *analysis) {
  return analysis && analysis->rate_hz > 0 ? (double)analysis->n_frames / analysis->rate_hz : 0;
}

double lac_figure_seconds(const LacFigureView *view) {
  return fmax(fmax(seconds_of(view->before), seconds_of(view->after)), 0.02);
}

static const LacAnalysis *shown(const LacFigureView *view) {
  return view->after ? view->after : view->before;
}

void lac_figure_keys(LacText *out, const LacFigureView *view, const char *kind, const char *extra) {
  lac_text_append(out, "<span class=\"keys\">");
  if (view->after)
    lac_text_appendf(out,
                     "<span><span class=\"key %sbefore\"></span>%s</span> <span><span class=\"key %safter\"></span>%s"
                     "</span> ",
                     kind, view->before_name, kind, view->after_name);
  lac_text_append(out, extra);
  lac_text_append(out, "</span>");
}

/* --- Waveform --- */

static double largest_sample(const LacAnalysis *analysis) {
  double largest = 0;
  for (size_t i = 0; analysis && i < analysis->overview.count; i++)
    largest = fmax(largest, fmax(-(double)analysis->overview.minimum[i], (double)analysis->overview.maximum[i]));
  return isfinite(largest) ? largest : 0;
}

static void waveform(LacText *out, const LacFigureView *view, const LacAnalysis *analysis, const char *css_class,
                     const char *name, double top) {
  const LacOverview *overview = &analysis->overview;
  LacPlot plot = {.out = out, .x_maximum = lac_figure_seconds(view), .y_minimum = -top, .y_maximum = top};
  double x[LAC_FIGURE_POINTS], low[LAC_FIGURE_POINTS], high[LAC_FIGURE_POINTS];
  size_t per = (overview->count + LAC_FIGURE_POINTS - 1) / LAC_FIGURE_POINTS, n = 0;
  for (size_t start = 0; per > 0 && start < overview->count; start += per) {
    low[n] = high[n] = 0;
    for (size_t i = start; i < start + per && i < overview->count; i++) {
      low[n] = fmin(low[n], (double)overview->minimum[i]);
      high[n] = fmax(high[n], (double)overview->maximum[i]);
    }
    x[n] = ((double)start + (double)per / 2) / (double)overview->count * seconds_of(analysis);
    n++;
  }
  char label[96], title[96];
  snprintf(label, sizeof label, "Waveform over time: %s", name);
  snprintf(title, sizeof title, "%s, full scale = 1", name);
  lac_plot_begin(&plot, "low", label);
  lac_plot_y_axis(&plot, top > 4 ? lac_plot_round_step(2 * top, 5) : top > 1.5 ? 1 : 0.5, title);
  lac_plot_time_axis(&plot);
  lac_plot_band(&plot, css_class, x, low, high, n);
  if (analysis == view->after && isfinite(view->target.true_peak_dbtp)) {
    double ceiling = pow(10, view->target.true_peak_dbtp / 20);
    lac_plot_level(&plot, "ceiling", ceiling);
    lac_plot_level(&plot, "ceiling", -ceiling);
  }
  lac_plot_end(&plot);
}

static void peak_row(LacText *out, const char *label, double before, double after, bool has_after, const char *unit) {
  Value v;
  lac_text_appendf(out, "<tr><th scope=\"row\">%s</th><td>%s</td>", label, lac_page_value_text(before, 2, unit, v));
  if (has_after)
    lac_text_appendf(out, "<td>%s</td>", lac_page_value_text(after, 2, unit, v));
  lac_text_append(out, "</tr>\n");
}

void lac_figure_waveform(LacText *out, const LacFigureView *view) {
  const LacLoudness *before = &view->before->loudness, *after = view->after ? &view->after->loudness : before;
  double largest = fmax(largest_sample(view->before), largest_sample(view->after));
  double top = largest > 1.0005 ? fmax(ceil(largest * 2) / 2, 1.5) : 1;
  Value a, b, t;
  lac_text_append(out, "<figure><h3>");
  if (!isfinite(before->true_peak_dbtp) && !isfinite(after->true_peak_dbtp))
    lac_text_append(out, "There is nothing but silence");
  else if (view->after)
    lac_text_appendf(out, "Highest peak: %s (%s), %s (%s)", lac_page_value_text(before->true_peak_dbtp, 1, "dBTP", a),
                     view->before_name, lac_page_value_text(after->true_peak_dbtp, 1, "dBTP", b), view->after_name);
  else
    lac_text_appendf(out, "The highest peak is %s, at %s", lac_page_value_text(before->true_peak_dbtp, 1, "dBTP", a),
                     lac_page_time_text(before->true_peak_time_s, t));
  lac_text_append(out, "</h3>\n");
  waveform(out, view, view->before, view->after ? "wave-before" : "wave-after", view->before_name, top);
  if (view->after)
    waveform(out, view, view->after, "wave-after", view->after_name, top);
  lac_text_appendf(out, "<figcaption>Smallest and largest sample over time%s.",
                   view->after ? ", both on the same scale" : "");
  if (view->after && isfinite(view->target.true_peak_dbtp))
    lac_text_appendf(out, "<span class=\"keys\"><span><span class=\"key ceiling\"></span>ceiling %s</span></span>",
                     lac_page_value_text(view->target.true_peak_dbtp, 1, "dBTP", a));
  lac_text_append(out, "</figcaption>\n");
  const char *columns[] = {"Peaks", view->before_name, view->after_name, NULL};
  columns[2] = view->after ? view->after_name : NULL;
  lac_page_table_begin(out, "Table of peaks", columns);
  peak_row(out, "True peak", before->true_peak_dbtp, after->true_peak_dbtp, view->after, "dBTP");
  lac_text_appendf(out, "<tr><th scope=\"row\">at</th><td>%s</td>", lac_page_time_text(before->true_peak_time_s, t));
  if (view->after)
    lac_text_appendf(out, "<td>%s</td>", lac_page_time_text(after->true_peak_time_s, t));
  lac_text_append(out, "</tr>\n");
  peak_row(out, "True peak by the filter of BS.1770", before->true_peak_itu_dbtp, after->true_peak_itu_dbtp,
           view->after, "dBTP");
  peak_row(out, "Sample peak", before->sample_peak_dbfs, after->sample_peak_dbfs, view->after, "dBFS");
  lac_page_table_end(out);
  lac_text_append(out, "</figure>\n");
}

/* --- Loudness --- */

/* Rows of a table with one stretch per line, at most 60. */
static void loudness_rows(LacText *out, const LacFigureView *view) {
  enum { MOST_ROWS = 60 };
  const LacHistory *longest = &view->before->history;
  if (view->after && view->after->history.count > longest->count)
    longest = &view->after->history;
  size_t per = (longest->count + MOST_ROWS - 1) / MOST_ROWS;
  per = (per + 9) / 10 * 10; /* whole seconds */
  const char *columns[] = {"Until", view->before_name, view->after ? view->after_name : NULL, NULL};
  lac_page_table_begin(out, "Table of short-term loudness, LUFS", columns);
  for (size_t i = per; per && i - per < longest->count; i += per) {
    const LacAnalysis *const sides[] = {view->before, view->after};
    Value v, t;
    size_t end = i < longest->count ? i : longest->count;
    lac_text_appendf(out, "<tr><th scope=\"row\">%s</th>", lac_page_time_text(0.1 * (double)end, t));
    for (size_t k = 0; k < 2 && sides[k]; k++) {
      const LacHistory *history = &sides[k]->history;
      bool is_there = history->short_term_lufs && end - 1 < history->count;
      lac_text_appendf(out, "<td>%s</td>",
                       lac_page_value_text(is_there ? (double)history->short_term_lufs[end - 1] : NAN, 1, "", v));
    }
    lac_text_append(out, "</tr>\n");
  }
  lac_page_table_end(out);
}

static size_t count_finite(const LacFigureSeries *series) {
  size_t n = 0;
  for (size_t i = 0; i < series->count; i++)
    n += isfinite(series->y[i]) && series->y[i] > -100;
  return n;
}

/* From 5 over the loudest to under the integrated loudness of the quieter song, at least 30 LU. */
static void loudness_scale(const LacFigureView *view, LacPlot *plot) {
  const LacLoudness *a = &view->before->loudness, *b = &shown(view)->loudness;
  double top = fmax(fmax(a->short_term_max_lufs, b->short_term_max_lufs), view->target.integrated_lufs);
  double least = fmin(a->integrated_lufs, b->integrated_lufs);
  top = isfinite(top) ? ceil((top + 2) / 5) * 5 : 0;
  plot->y_maximum = top;
  plot->y_minimum = fmin(top - 30, isfinite(least) ? floor((least - 8) / 5) * 5 : top - 30);
}

static void loudness_title(LacText *out, const LacFigureView *view) {
  const LacLoudness *loudness = &shown(view)->loudness;
  Value v, r, s;
  lac_text_append(out, "<h3>");
  if (view->after)
    lac_text_appendf(out, "Loudness: %s (%s), %s (%s)",
                     lac_page_value_text(view->before->loudness.integrated_lufs, 1, "LUFS", s), view->before_name,
                     lac_page_value_text(loudness->integrated_lufs, 1, "LUFS", v), view->after_name);
  else
    lac_text_appendf(out, "The whole song measures %s", lac_page_value_text(loudness->integrated_lufs, 1, "LUFS", v));
  if (isfinite(loudness->range_lu) && lac_figure_seconds(view) >= 60)
    lac_text_appendf(out, "; its quiet and loud parts lie %s apart",
                     lac_page_value_text(loudness->range_lu, 1, "LU", r));
  lac_text_append(out, "</h3>\n");
}

void lac_figure_loudness(LacText *out, const LacFigureView *view) {
  LacFigureSeries a, b = {.count = 0};
  Value v;
  lac_figure_reduce(&a, view->before->history.short_term_lufs, view->before->history.count, 0.1, false);
  if (view->after)
    lac_figure_reduce(&b, view->after->history.short_term_lufs, view->after->history.count, 0.1, false);
  lac_text_append(out, "<figure>");
  if (count_finite(&a) + count_finite(&b) < 2 || !isfinite(shown(view)->loudness.integrated_lufs)) {
    lac_text_append(out, "<h3>Loudness cannot be measured</h3><p>The audio is too short or too quiet: loudness "
                         "needs at least 0.4 s above \xE2\x88\x92"
                         "70\xC2\xA0LUFS.</p></figure>\n");
    return;
  }
  LacPlot plot = {.out = out, .x_maximum = lac_figure_seconds(view)};
  loudness_scale(view, &plot);
  loudness_title(out, view);
  lac_plot_begin(&plot, "", "Short-term loudness over time");
  lac_plot_y_axis(&plot, plot.y_maximum - plot.y_minimum > 45 ? 10 : 5, "short-term loudness, LUFS");
  lac_plot_time_axis(&plot);
  bool has_target = isfinite(view->target.integrated_lufs);
  double level = has_target ? view->target.integrated_lufs : view->after ? NAN : shown(view)->loudness.integrated_lufs;
  lac_plot_level(&plot, "target", level);
  lac_plot_line(&plot, view->after ? "before" : "after", a.x, a.y, a.count);
  if (view->after)
    lac_plot_line(&plot, "after", b.x, b.y, b.count);
  lac_plot_end(&plot);
  char extra[192] = "";
  if (isfinite(level))
    snprintf(extra, sizeof extra, "<span><span class=\"key target\"></span>%s %s</span>",
             has_target ? "target for the whole song" : "the whole song", lac_page_value_text(level, 1, "LUFS", v));
  lac_text_append(out, "<figcaption>");
  lac_figure_keys(out, view, "", extra);
  lac_text_append(out, "Each point hears the 3 s before it.");
  size_t per = a.n_joined > b.n_joined ? a.n_joined : b.n_joined;
  if (per > 10)
    lac_text_appendf(out, " Shown is the loudest in each %s.", lac_page_value_text(0.1 * (double)per, 0, "s", v));
  if (lac_figure_seconds(view) < 60)
    lac_text_append(out, " Under one minute of music, the loudness range says little.");
  lac_text_append(out, "</figcaption>\n");
  loudness_rows(out, view);
  lac_text_append(out, "</figure>\n");
}
