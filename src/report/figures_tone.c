/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* By frequency: spectrum, stereo, and the difference of two songs. */

#include "report/figures.h"

#include "report/page.h"
#include "report/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef char Value[LAC_VALUE_TEXT_SIZE];

enum { LOWEST_HZ = 25, HIGHEST_HZ = 19000 };

/* Both channels together, as the tone target counts: power of mid plus side. */
static void total_tone(const LacSpectrum *spectrum, double tone_db[LAC_BANDS]) {
  for (int i = 0; i < LAC_BANDS; i++) {
    double mid = isfinite(spectrum->mid_db[i]) ? pow(10, spectrum->mid_db[i] / 10) : 0;
    double side = isfinite(spectrum->side_db[i]) ? pow(10, spectrum->side_db[i] / 10) : 0;
    tone_db[i] = mid + side > 1e-15 ? 10 * log10(mid + side) : NAN;
  }
}

static double middle_level(const double *hz, const double *low_db, const double *high_db) {
  double sum = 0;
  int n = 0;
  for (int i = 0; i < LAC_BANDS; i++)
    if (hz[i] >= 200 && hz[i] <= 2000 && isfinite(low_db[i]) && isfinite(high_db[i])) {
      sum += (low_db[i] + high_db[i]) / 2;
      n++;
    }
  return n ? sum / n : NAN;
}

static bool shift(double *values, double by_db) {
  bool any = false;
  for (int i = 0; i < LAC_BANDS; i++) {
    values[i] += by_db;
    any |= isfinite(values[i]);
  }
  return any;
}

/* One line of the picture per song, and the usual range. 0 dB is the middle of the range (of the song, without one)
 * from 200 Hz to 2 kHz. */
typedef struct Tone {
  double before[LAC_BANDS];
  double after[LAC_BANDS];
  double low[LAC_BANDS];
  double high[LAC_BANDS];
  bool has_band;
} Tone;

/* The first song is brought to the loudness of the second, so that only tone differs. False: nothing to draw. */
static bool read_tone(const LacFigureView *view, Tone *tone) {
  const double *hz = view->before->spectrum.bands_hz;
  const LacAnalysis *last = view->after ? view->after : view->before;
  tone->has_band = view->band_low_db && view->band_high_db;
  total_tone(&view->before->spectrum, tone->before);
  total_tone(&last->spectrum, tone->after);
  double louder = last->loudness.integrated_lufs - view->before->loudness.integrated_lufs;
  if (!isfinite(louder))
    louder = middle_level(hz, tone->after, tone->after) - middle_level(hz, tone->before, tone->before);
  for (int i = 0; tone->has_band && i < LAC_BANDS; i++) {
    tone->low[i] = view->band_low_db[i];
    tone->high[i] = view->band_high_db[i];
  }
  double zero = tone->has_band ? middle_level(hz, tone->low, tone->high) : middle_level(hz, tone->after, tone->after);
  if (tone->has_band) {
    shift(tone->low, -zero);
    shift(tone->high, -zero);
  }
  bool has_before = shift(tone->before, louder - zero);
  return shift(tone->after, -zero) && has_before;
}

/* A stretch of the last song outside the range. */
typedef struct Excursion {
  int first, last; /* bands */
  double by_db;    /* positive: above */
} Excursion;

/* Below 40 Hz music may well have nothing, and less than half a dB is not worth a word. */
static size_t find_excursions(const double *hz, const Tone *tone, Excursion found[LAC_BANDS]) {
  const double *low = tone->low, *high = tone->high, *line = tone->after;
  size_t n = 0;
  for (int i = 0; i < LAC_BANDS;) {
    int end = i, sign = line[i] > high[i] ? 1 : line[i] < low[i] ? -1 : 0;
    double most = 0;
    for (; end < LAC_BANDS && sign && (sign > 0 ? line[end] > high[end] : line[end] < low[end]); end++)
      most = fmax(most, sign > 0 ? line[end] - high[end] : low[end] - line[end]);
    if (end > i && most >= 0.5 && hz[end - 1] >= 40)
      found[n++] = (Excursion){i, end - 1, sign * most};
    i = end > i ? end : i + 1;
  }
  return n;
}

static void say_excursion(LacText *out, const double *hz, const Excursion *excursion) {
  Value v, from, to;
  bool is_one = excursion->first == excursion->last;
  lac_text_appendf(out, "%s%s%s is %s %s", is_one ? "" : lac_page_hz_text(hz[excursion->first], from),
                   is_one ? "" : " to ", lac_page_hz_text(hz[excursion->last], to),
                   lac_page_value_text(fabs(excursion->by_db), 1, "dB", v), excursion->by_db > 0 ? "above" : "below");
}

static void tone_title(LacText *out, const double *hz, const Excursion *found, size_t n) {
  size_t worst = 0;
  for (size_t i = 1; i < n; i++)
    worst = fabs(found[i].by_db) > fabs(found[worst].by_db) ? i : worst;
  if (!n) {
    lac_text_append(out, "Tone: every part of the spectrum is inside the usual range");
    return;
  }
  lac_text_append(out, "Tone: ");
  say_excursion(out, hz, &found[worst]);
  lac_text_append(out, " the usual range");
}

static void list_excursions(LacText *out, const double *hz, const Excursion *found, size_t n) {
  for (size_t i = 0; i < n; i++) {
    lac_text_append(out, i == 0 ? " Outside the usual range: " : "; ");
    say_excursion(out, hz, &found[i]);
  }
  lac_text_append(out, n ? "." : "");
}

static void tone_scale(const Tone *tone, bool has_two, LacPlot *plot) {
  const double *const lines[] = {tone->after, has_two ? tone->before : NULL, tone->has_band ? tone->low : NULL,
                                 tone->has_band ? tone->high : NULL};
  double least = -12, most = 6;
  for (size_t k = 0; k < 4; k++)
    for (int i = 0; lines[k] && i < LAC_BANDS; i++)
      if (isfinite(lines[k][i])) {
        least = fmin(least, lines[k][i]);
        most = fmax(most, lines[k][i]);
      }
  plot->y_minimum = fmax(floor((least - 1) / 6) * 6, -48);
  plot->y_maximum = fmin(ceil((most + 1) / 6) * 6, 36);
}

static void spectrum_table(LacText *out, const LacFigureView *view, const Tone *tone) {
  const char *two[] = {"Hz", view->before_name, view->after_name, "usual range", NULL};
  const char *one[] = {"Hz", view->before_name, "usual range", NULL};
  if (!tone->has_band)
    two[3] = one[2] = NULL;
  lac_page_table_begin(out, "Table of band levels, dB", view->after ? two : one);
  for (int i = 0; i < LAC_BANDS; i++) {
    Value a, b;
    lac_text_appendf(out, "<tr><th scope=\"row\">%.0f</th><td>%s</td>", view->before->spectrum.bands_hz[i],
                     lac_page_value_text(tone->before[i], 1, "", a));
    if (view->after)
      lac_text_appendf(out, "<td>%s</td>", lac_page_value_text(tone->after[i], 1, "", a));
    if (tone->has_band)
      lac_text_appendf(out, "<td>%s to %s</td>", lac_page_value_text(tone->low[i], 1, "", a),
                       lac_page_value_text(tone->high[i], 1, "", b));
    lac_text_append(out, "</tr>\n");
  }
  lac_page_table_end(out);
}

void lac_figure_spectrum(LacText *out, const LacFigureView *view) {
  const LacAnalysis *last = view->after ? view->after : view->before;
  const double *hz = view->before->spectrum.bands_hz;
  Tone tone;
  Value v, r;
  if (!read_tone(view, &tone))
    return;
  LacPlot plot = {.out = out, .x_minimum = LOWEST_HZ, .x_maximum = HIGHEST_HZ, .is_log_x = true};
  tone_scale(&tone, view->after, &plot);
  Excursion found[LAC_BANDS];
  size_t n_found = tone.has_band ? find_excursions(hz, &tone, found) : 0;
  lac_text_append(out, "<figure><h3>");
  if (!tone.has_band)
    lac_text_appendf(out, "The spectrum falls by %s",
                     lac_page_value_text(-last->spectrum.tilt_db_per_octave, 1, "dB per octave", v));
  else
    tone_title(out, hz, found, n_found);
  lac_text_append(out, "</h3>\n");
  lac_plot_begin(&plot, "", "Long-term spectrum by band against the usual range");
  lac_plot_y_axis(&plot, 6, "level per band, dB");
  lac_plot_hz_axis(&plot);
  if (tone.has_band)
    lac_plot_band(&plot, "band", hz, tone.low, tone.high, LAC_BANDS);
  if (view->after)
    lac_plot_line(&plot, "before", hz, tone.before, LAC_BANDS);
  lac_plot_line(&plot, "after", hz, tone.after, LAC_BANDS);
  lac_plot_end(&plot);
  lac_text_append(out, "<figcaption>");
  lac_figure_keys(out, view, "",
                  tone.has_band ? "<span><span class=\"key band\"></span>usual range of finished music</span>" : "");
  lac_text_appendf(out,
                   "%s 0\xC2\xA0"
                   "dB is the middle of %s from 200\xC2\xA0Hz to 2\xC2\xA0kHz.",
                   view->after ? "Both at equal loudness." : "", tone.has_band ? "that range" : "the song");
  if (view->after)
    lac_text_appendf(out, " Tilt: %s (%s), %s (%s).",
                     lac_page_value_text(view->before->spectrum.tilt_db_per_octave, 1, "dB per octave", v),
                     view->before_name, lac_page_value_text(last->spectrum.tilt_db_per_octave, 1, "dB per octave", r),
                     view->after_name);
  else if (tone.has_band)
    lac_text_appendf(out, " Tilt %s.", lac_page_value_text(last->spectrum.tilt_db_per_octave, 1, "dB per octave", v));
  list_excursions(out, hz, found, n_found);
  lac_text_append(out, "</figcaption>\n");
  spectrum_table(out, view, &tone);
  lac_text_append(out, "</figure>\n");
}

/* --- Stereo --- */

static void stereo_table(LacText *out, const LacFigureView *view) {
  const LacAnalysis *const sides[] = {view->before, view->after};
  const char *const names[] = {view->before_name, view->after_name};
  char heads[4][80];
  const char *columns[6] = {"Hz"};
  for (size_t k = 0; k < 2 && sides[k]; k++) {
    snprintf(heads[2 * k], sizeof heads[0], "correlation%s%s", view->after ? ", " : "", view->after ? names[k] : "");
    snprintf(heads[2 * k + 1], sizeof heads[0], "side over mid, dB%s%s", view->after ? ", " : "",
             view->after ? names[k] : "");
    columns[2 * k + 1] = heads[2 * k];
    columns[2 * k + 2] = heads[2 * k + 1];
  }
  lac_page_table_begin(out, "Table of correlation and width", columns);
  for (int i = 0; i < LAC_BANDS; i++) {
    lac_text_appendf(out, "<tr><th scope=\"row\">%.0f</th>", view->before->stereo.bands_hz[i]);
    for (size_t k = 0; k < 2 && sides[k]; k++) {
      Value c, d;
      lac_text_appendf(out, "<td>%s</td><td>%s</td>", lac_page_value_text(sides[k]->stereo.correlation[i], 2, "", c),
                       lac_page_value_text(sides[k]->stereo.width_db[i], 1, "", d));
    }
    lac_text_append(out, "</tr>\n");
  }
  lac_page_table_end(out);
}

static void stereo_title(LacText *out, const LacStereo *stereo) {
  double least = 2, least_hz = 0;
  Value v, f;
  for (int i = 0; i < LAC_BANDS; i++)
    if (isfinite(stereo->correlation[i]) && stereo->bands_hz[i] < 12000 && stereo->correlation[i] < least) {
      least = stereo->correlation[i];
      least_hz = stereo->bands_hz[i];
    }
  lac_text_append(out, "<figure><h3>");
  if (stereo->mono_loss_lu < 0.05)
    lac_text_append(out, "Stereo: nothing is lost on one speaker");
  else
    lac_text_appendf(out, "Stereo: %s quieter on one speaker", lac_page_value_text(stereo->mono_loss_lu, 1, "LU", v));
  if (least < 0)
    lac_text_appendf(out, "; left and right cancel most at %s", lac_page_hz_text(least_hz, f));
  else if (least < 2)
    lac_text_appendf(out, "; widest at %s", lac_page_hz_text(least_hz, f));
  lac_text_append(out, "</h3>\n");
}

static void stereo_words(LacText *out, const LacStereo *stereo) {
  Value v;
  lac_text_append(out, "Correlation 1 is mono, 0 is wide, below 0 cancels on one speaker. ");
  if (fabs(stereo->balance_db) < 0.05)
    lac_text_append(out, "Left and right are equally strong.");
  else if (isfinite(stereo->balance_db))
    lac_text_appendf(out, "The %s channel is stronger by %s.", stereo->balance_db > 0 ? "left" : "right",
                     lac_page_value_text(fabs(stereo->balance_db), 1, "dB", v));
}

void lac_figure_stereo(LacText *out, const LacFigureView *view) {
  const LacAnalysis *last = view->after ? view->after : view->before;
  const double *hz = view->before->stereo.bands_hz;
  if (last->n_channels < 2 || !isfinite(last->stereo.mono_loss_lu))
    return;
  LacPlot plot = {
      .out = out, .x_minimum = LOWEST_HZ, .x_maximum = HIGHEST_HZ, .y_minimum = -1, .y_maximum = 1, .is_log_x = true};
  stereo_title(out, &last->stereo);
  lac_plot_begin(&plot, "low", "Correlation of left and right by band");
  lac_plot_y_axis(&plot, 0.5, "correlation of left and right");
  lac_plot_hz_axis(&plot);
  if (view->after)
    lac_plot_line(&plot, "before", hz, view->before->stereo.correlation, LAC_BANDS);
  lac_plot_line(&plot, "after", hz, last->stereo.correlation, LAC_BANDS);
  lac_plot_end(&plot);
  lac_text_append(out, "<figcaption>");
  lac_figure_keys(out, view, "", "");
  stereo_words(out, &last->stereo);
  lac_text_append(out, "</figcaption>\n");
  stereo_table(out, view);
  lac_text_append(out, "</figure>\n");
}

/* --- Comparison --- */

static void difference_title(LacText *out, const double *hz, const double *difference) {
  int most = -1, least = -1;
  Value v, f;
  for (int i = 0; i < LAC_BANDS; i++)
    if (isfinite(difference[i]) && hz[i] >= 40) {
      most = difference[i] >= 0.5 && (most < 0 || difference[i] > difference[most]) ? i : most;
      least = difference[i] <= -0.5 && (least < 0 || difference[i] < difference[least]) ? i : least;
    }
  lac_text_append(out, "<figure><h3>");
  if (most < 0 && least < 0)
    lac_text_append(out, "Tone: within 0.5\xC2\xA0"
                         "dB of each other in every band");
  else
    lac_text_append(out, "Tone: B has ");
  if (most >= 0)
    lac_text_appendf(out, "up to %s more around %s", lac_page_value_text(difference[most], 1, "dB", v),
                     lac_page_hz_text(hz[most], f));
  if (least >= 0)
    lac_text_appendf(out, "%sup to %s less around %s", most >= 0 ? ", " : "",
                     lac_page_value_text(-difference[least], 1, "dB", v), lac_page_hz_text(hz[least], f));
  lac_text_append(out, "</h3>\n");
}

void lac_figure_tone_difference(LacText *out, const LacReportCompare *compare) {
  static const char *const columns[] = {"Hz", "B \xE2\x88\x92 A", NULL};
  const double *hz = compare->a.input.analysis->spectrum.bands_hz, *difference = compare->tone_difference_db;
  double zero[LAC_BANDS] = {0}, most = 3;
  bool any = false;
  for (int i = 0; i < LAC_BANDS; i++)
    if (isfinite(difference[i])) {
      any = true;
      most = fmax(most, fabs(difference[i]));
    }
  if (!any)
    return;
  most = ceil(fmin(most, 24) / 3) * 3;
  LacPlot plot = {.out = out,
                  .x_minimum = LOWEST_HZ,
                  .x_maximum = HIGHEST_HZ,
                  .y_minimum = -most,
                  .y_maximum = most,
                  .is_log_x = true};
  difference_title(out, hz, difference);
  lac_plot_begin(&plot, "", "Level of B minus A by band at equal loudness");
  lac_plot_y_axis(&plot, most > 12 ? 6 : most > 3 ? 3 : 1, "B \xE2\x88\x92 A, dB");
  lac_plot_hz_axis(&plot);
  lac_plot_band(&plot, "fill", hz, zero, difference, LAC_BANDS);
  lac_plot_line(&plot, "after", hz, difference, LAC_BANDS);
  lac_plot_end(&plot);
  lac_text_append(out, "<figcaption>At equal loudness. Above 0, B has more there; below 0, less.</figcaption>\n");
  lac_page_table_begin(out, "Table of differences, dB", columns);
  for (int i = 0; i < LAC_BANDS; i++) {
    Value v;
    lac_text_appendf(out, "<tr><th scope=\"row\">%.0f</th><td>%s</td></tr>\n", hz[i],
                     lac_page_change_text(difference[i], 1, "", v));
  }
  lac_page_table_end(out);
  lac_text_append(out, "</figure>\n");
}
