/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report/figures.h"

#include "report/page.h"
#include "report/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 600 };

typedef struct Series {
  double x[MOST_POINTS];
  double y[MOST_POINTS];
  size_t count;
} Series;

typedef char Value[LAC_VALUE_TEXT_SIZE];

/* Largest value of each of at most MOST_POINTS stretches; -INFINITY and NAN stay gaps. */
static void reduce(Series *series, const float *values, size_t count, double hop_s, double sign) {
  size_t per = (count + MOST_POINTS - 1) / MOST_POINTS;
  series->count = 0;
  for (size_t start = 0; per > 0 && start < count; start += per) {
    double best = -INFINITY;
    size_t end = start + per < count ? start + per : count;
    for (size_t i = start; i < end; i++)
      best = fmax(best, sign * (double)values[i]);
    series->x[series->count] = ((double)start + (double)(end - start) / 2) * hop_s;
    series->y[series->count++] = isfinite(best) ? sign * best : NAN;
  }
}

static double seconds_of(const LacAnalysis *analysis) {
  return analysis->rate_hz > 0 ? (double)analysis->n_frames / analysis->rate_hz : 0;
}

static double length_of(const LacReportFile *file) {
  double a = seconds_of(file->input.analysis), b = file->output.analysis ? seconds_of(file->output.analysis) : 0;
  return fmax(fmax(a, b), 0.1);
}

static void key(LacText *out, bool has_after, const char *extra) {
  lac_text_append(out, has_after ? "<span class=\"key before\"></span>mix<span class=\"key\"></span>master" : "");
  lac_text_append(out, extra);
}

/* --- Waveform --- */

static void waveform(LacText *out, const char *css_class, const LacAnalysis *analysis, double length_s,
                     const char *label) {
  const LacOverview *overview = &analysis->overview;
  LacPlot plot = {out, 0, length_s, -1, 1, false};
  double x[MOST_POINTS], low[MOST_POINTS], high[MOST_POINTS];
  size_t per = (overview->count + MOST_POINTS - 1) / MOST_POINTS, n = 0;
  for (size_t start = 0; per > 0 && start < overview->count; start += per) {
    low[n] = high[n] = 0;
    for (size_t i = start; i < start + per && i < overview->count; i++) {
      low[n] = fmin(low[n], (double)overview->minimum[i]);
      high[n] = fmax(high[n], (double)overview->maximum[i]);
    }
    x[n] = ((double)start + (double)per / 2) / (double)overview->count * seconds_of(analysis);
    n++;
  }
  lac_plot_begin(&plot, label);
  lac_plot_y_axis(&plot, 0.5, "");
  lac_plot_time_axis(&plot);
  lac_plot_band(&plot, css_class, x, low, high, n);
  lac_plot_end(&plot);
}

void lac_figure_waveform(LacText *out, const LacReportFile *file) {
  const LacLoudness *before = &file->input.analysis->loudness;
  const LacLoudness *after = file->output.analysis ? &file->output.analysis->loudness : NULL;
  Value a, b;
  lac_text_append(out, "<figure><h3>");
  if (after)
    lac_text_appendf(out, "Peaks went from %s to %s", lac_page_value_text(before->true_peak_dbtp, 1, "dBTP", a),
                     lac_page_value_text(after->true_peak_dbtp, 1, "dBTP", b));
  else
    lac_text_appendf(out, "The largest peak is %s", lac_page_value_text(before->true_peak_dbtp, 1, "dBTP", a));
  lac_text_append(out, "</h3>");
  waveform(out, "wave-before", file->input.analysis, length_of(file), "Waveform of the mix over time");
  if (after)
    waveform(out, "wave-after", file->output.analysis, length_of(file), "Waveform of the master over time, same scale");
  lac_text_appendf(out,
                   "<figcaption>%s Full scale is \xC2\xB1"
                   "1.</figcaption></figure>\n",
                   after ? "The mix above, the master below, on the same scale."
                         : "Smallest and largest sample over time.");
}

/* --- Loudness --- */

static void loudness_rows(LacText *out, const LacReportFile *file) {
  static const struct {
    const char *label;
    size_t offset;
    int n_decimals;
    const char *unit;
  } rows[] = {{"Integrated", offsetof(LacLoudness, integrated_lufs), 2, "LUFS"},
              {"Loudest 3 s", offsetof(LacLoudness, short_term_max_lufs), 1, "LUFS"},
              {"Loudest 0.4 s", offsetof(LacLoudness, momentary_max_lufs), 1, "LUFS"},
              {"Range", offsetof(LacLoudness, range_lu), 1, "LU"},
              {"Least peak to short-term", offsetof(LacLoudness, psr_min_lu), 1, "LU"}};
  lac_text_append(out, "<details><summary>Numbers</summary><table>");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    Value a, b;
    const char *before = (const char *)&file->input.analysis->loudness + rows[i].offset;
    lac_text_appendf(out, "<tr><td>%s</td><td>%s</td>", rows[i].label,
                     lac_page_value_text(*(const double *)(const void *)before, rows[i].n_decimals, rows[i].unit, a));
    if (file->output.analysis) {
      const char *after = (const char *)&file->output.analysis->loudness + rows[i].offset;
      lac_text_appendf(out, "<td>%s</td>",
                       lac_page_value_text(*(const double *)(const void *)after, rows[i].n_decimals, rows[i].unit, b));
    }
    lac_text_append(out, "</tr>");
  }
  lac_text_append(out, "</table></details>");
}

void lac_figure_loudness(LacText *out, const LacReportFile *file) {
  const LacAnalysis *before = file->input.analysis, *after = file->output.analysis;
  const LacAnalysis *shown = after ? after : before;
  Series a, b = {.count = 0};
  Value v, r;
  reduce(&a, before->history.short_term_lufs, before->history.count, 0.1, 1);
  if (after)
    reduce(&b, after->history.short_term_lufs, after->history.count, 0.1, 1);
  double loudest = fmax(before->loudness.short_term_max_lufs, after ? after->loudness.short_term_max_lufs : -70);
  double top = isfinite(loudest) ? fmin(ceil((loudest + 3) / 5) * 5, 5) : 0;
  LacPlot plot = {out, 0, length_of(file), top - 35, top, false};
  lac_text_appendf(out, "<figure><h3>%s over the whole song, range %s</h3>",
                   lac_page_value_text(shown->loudness.integrated_lufs, 1, "LUFS", v),
                   lac_page_value_text(shown->loudness.range_lu, 1, "LU", r));
  lac_plot_begin(&plot, "Short-term loudness over time");
  lac_plot_y_axis(&plot, 5, "LUFS");
  lac_plot_time_axis(&plot);
  lac_plot_level(&plot, "target", file->target.integrated_lufs, "target");
  lac_plot_line(&plot, "before", a.x, a.y, a.count);
  if (after)
    lac_plot_line(&plot, "after", b.x, b.y, b.count);
  lac_plot_end(&plot);
  lac_text_append(out, "<figcaption>Short-term loudness (3 s) over time.");
  key(out, after != NULL, isfinite(file->target.integrated_lufs) ? "<span class=\"key target\"></span>target" : "");
  if (length_of(file) < 60)
    lac_text_append(out, " The range says little for songs under one minute.");
  lac_text_append(out, "</figcaption>");
  loudness_rows(out, file);
  lac_text_append(out, "</figure>\n");
}

/* --- Spectrum --- */

/* Third-octave-like view: band levels relative to the mean of 200 Hz .. 2 kHz, so that only tone is compared. */
static void relative_tone(const LacAnalysis *analysis, double tone_db[LAC_BANDS]) {
  const LacSpectrum *spectrum = &analysis->spectrum;
  double sum = 0;
  int n = 0;
  for (int i = 0; i < LAC_BANDS; i++)
    if (spectrum->bands_hz[i] >= 200 && spectrum->bands_hz[i] <= 2000 && isfinite(spectrum->mid_db[i])) {
      sum += spectrum->mid_db[i];
      n++;
    }
  for (int i = 0; i < LAC_BANDS; i++)
    tone_db[i] = n ? spectrum->mid_db[i] - sum / n : NAN;
}

static void center_band(const double *hz, const double *low, const double *high, double *out_low, double *out_high) {
  double sum = 0;
  int n = 0;
  for (int i = 0; i < LAC_BANDS; i++)
    if (hz[i] >= 200 && hz[i] <= 2000) {
      sum += (low[i] + high[i]) / 2;
      n++;
    }
  for (int i = 0; i < LAC_BANDS; i++) {
    out_low[i] = low[i] - (n ? sum / n : 0);
    out_high[i] = high[i] - (n ? sum / n : 0);
  }
}

static void excursions(LacText *out, const double *hz, const double *tone, const double *low, const double *high) {
  bool any = false;
  for (int i = 0; i < LAC_BANDS;) {
    int end = i;
    double most = 0;
    int sign = tone[i] > high[i] ? 1 : tone[i] < low[i] ? -1 : 0;
    for (; end < LAC_BANDS && sign && (sign > 0 ? tone[end] > high[end] : tone[end] < low[end]); end++)
      most = fmax(most, sign > 0 ? tone[end] - high[end] : low[end] - tone[end]);
    if (end > i && most >= 0.5 && isfinite(tone[i])) {
      Value v;
      lac_text_appendf(out, "%s%.0f\xE2\x80\x93%.0f Hz is up to %s %s the usual range", any ? "; " : " ", hz[i],
                       hz[end - 1], lac_page_value_text(most, 1, "dB", v), sign > 0 ? "above" : "below");
      any = true;
    }
    i = end > i ? end : i + 1;
  }
  lac_text_append(out, any ? "." : " Every band is inside the usual range.");
}

void lac_figure_spectrum(LacText *out, const LacReportFile *file) {
  const LacAnalysis *before = file->input.analysis, *after = file->output.analysis;
  const double *hz = before->spectrum.bands_hz;
  double a[LAC_BANDS], b[LAC_BANDS], low[LAC_BANDS], high[LAC_BANDS];
  bool has_band = file->target_band_low_db && file->target_band_high_db;
  Value v, r;
  relative_tone(before, a);
  if (after)
    relative_tone(after, b);
  if (has_band)
    center_band(hz, file->target_band_low_db, file->target_band_high_db, low, high);
  LacPlot plot = {out, 25, 19000, -36, 18, true};
  lac_text_append(out, "<figure><h3>");
  if (after)
    lac_text_appendf(out, "Tilt %s before, %s after",
                     lac_page_value_text(before->spectrum.tilt_db_per_octave, 1, "dB per octave", v),
                     lac_page_value_text(after->spectrum.tilt_db_per_octave, 1, "dB per octave", r));
  else
    lac_text_appendf(out, "Tilt %s", lac_page_value_text(before->spectrum.tilt_db_per_octave, 1, "dB per octave", v));
  lac_text_append(out, "</h3>");
  lac_plot_begin(&plot, "Long-term spectrum by band, relative to 200 Hz to 2 kHz");
  lac_plot_y_axis(&plot, 6, "dB");
  lac_plot_hz_axis(&plot);
  if (has_band)
    lac_plot_band(&plot, "band", hz, low, high, LAC_BANDS);
  lac_plot_line(&plot, "before", hz, a, LAC_BANDS);
  if (after)
    lac_plot_line(&plot, "after", hz, b, LAC_BANDS);
  lac_plot_end(&plot);
  lac_text_append(out, "<figcaption>Power per band of the middle channel, levelled so that only tone is compared.");
  key(out, after != NULL, has_band ? "<span class=\"key band\"></span>usual range of released music." : "");
  if (has_band)
    excursions(out, hz, after ? b : a, low, high);
  lac_text_append(out, "</figcaption><details><summary>Numbers</summary><div "
                       "class=\"scroll\"><table><thead><tr><th>Hz</th><th>mix</th>");
  lac_text_append(out, after ? "<th>master</th></tr></thead>" : "</tr></thead>");
  for (int i = 0; i < LAC_BANDS; i++) {
    lac_text_appendf(out, "<tr><td>%.0f</td><td>%s</td>", hz[i], lac_page_value_text(a[i], 1, "dB", v));
    if (after)
      lac_text_appendf(out, "<td>%s</td>", lac_page_value_text(b[i], 1, "dB", v));
    lac_text_append(out, "</tr>");
  }
  lac_text_append(out, "</table></div></details></figure>\n");
}

/* --- Stereo --- */

void lac_figure_stereo(LacText *out, const LacReportFile *file) {
  const LacAnalysis *before = file->input.analysis, *after = file->output.analysis;
  const LacAnalysis *shown = after ? after : before;
  if (shown->n_channels < 2)
    return;
  const double *hz = before->stereo.bands_hz;
  Value v;
  LacPlot plot = {out, 25, 19000, -1, 1, true};
  lac_text_appendf(out, "<figure><h3>%s is lost when folded to mono</h3>",
                   lac_page_value_text(shown->stereo.mono_loss_lu, 1, "LU", v));
  lac_plot_begin(&plot, "Correlation of left and right by band");
  lac_plot_y_axis(&plot, 0.5, "");
  lac_plot_hz_axis(&plot);
  lac_plot_line(&plot, "before", hz, before->stereo.correlation, LAC_BANDS);
  if (after)
    lac_plot_line(&plot, "after", hz, after->stereo.correlation, LAC_BANDS);
  lac_plot_end(&plot);
  lac_text_append(out,
                  "<figcaption>Correlation of left and right by band: 1 is mono, 0 is wide, below 0 cancels in mono.");
  key(out, after != NULL, "");
  lac_text_appendf(out, " Balance: left over right %s.</figcaption>",
                   lac_page_value_text(shown->stereo.balance_db, 1, "dB", v));
  lac_text_append(
      out, "<details><summary>Numbers</summary><div class=\"scroll\"><table><thead><tr><th>Hz</th><th>correlation</th>"
           "<th>side over mid</th></tr></thead>");
  for (int i = 0; i < LAC_BANDS; i++) {
    Value c, d;
    lac_text_appendf(out, "<tr><td>%.0f</td><td>%s</td><td>%s</td></tr>", hz[i],
                     lac_page_value_text(shown->stereo.correlation[i], 2, "", c),
                     lac_page_value_text(shown->stereo.width_db[i], 1, "dB", d));
  }
  lac_text_append(out, "</table></div></details></figure>\n");
}

/* --- Gain reduction --- */

static int ascending(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

typedef struct Reduction {
  double most_db;       /* positive */
  double p95_db;        /* of the time in which it works */
  double share_percent; /* of all time in which it works */
} Reduction;

/* Values are 0 or negative. False when it never works or memory is out. */
static bool measure_reduction(const LacReportReadout *readout, Reduction *result) {
  float *active = malloc((readout->count ? readout->count : 1) * sizeof *active);
  size_t n = 0;
  for (size_t i = 0; active && i < readout->count; i++)
    if (readout->minimum[i] < -0.05F)
      active[n++] = readout->minimum[i];
  if (n) {
    qsort(active, n, sizeof *active, ascending);
    result->most_db = -(double)active[0];
    result->p95_db = -(double)active[n / 20];
    result->share_percent = 100.0 * (double)n / (double)readout->count;
  }
  free(active);
  return n > 0;
}

static void reduction_histogram(LacText *out, const LacReportReadout *readout, double most_db) {
  enum { MOST_BINS = 40 };
  double width = most_db > 10 ? 1 : 0.5, shares[MOST_BINS] = {0};
  size_t n_bins = (size_t)fmin(ceil(most_db / width), MOST_BINS);
  for (size_t i = 0; i < readout->count; i++)
    if (readout->minimum[i] < -0.05F)
      shares[(size_t)fmin(-(double)readout->minimum[i] / width, (double)n_bins - 1)] += 100.0 / (double)readout->count;
  double top = 1;
  for (size_t i = 0; i < n_bins; i++)
    top = fmax(top, shares[i]);
  double step = top > 50 ? 20 : top > 20 ? 10 : top > 8 ? 5 : top > 4 ? 2 : 1;
  LacPlot plot = {out, 0, (double)n_bins * width, 0, ceil(top / step) * step, false};
  lac_plot_begin(&plot, "How often each amount of gain reduction occurs");
  lac_plot_y_axis(&plot, step, "% of time");
  lac_plot_x_axis(&plot, most_db > 10 ? 2 : most_db > 4 ? 1 : 0.5, "dB");
  for (size_t i = 0; i < n_bins; i++)
    lac_plot_bar(&plot, "after", (double)i * width, (double)(i + 1) * width, shares[i]);
  lac_plot_end(&plot);
}

static void one_reduction(LacText *out, const LacReportReadout *readout, double length_s) {
  Reduction found;
  Value a, b, c;
  if (!measure_reduction(readout, &found)) {
    lac_text_appendf(out, "<p>The %s had nothing to do: its gain stayed at 0 dB.</p>\n", readout->processor);
    return;
  }
  static Series series_zero;
  Series line = series_zero;
  reduce(&line, readout->minimum, readout->count, readout->hop_s, -1);
  double zero[MOST_POINTS] = {0};
  LacPlot plot = {out, 0, length_s, -ceil(found.most_db / 3) * 3, 0, false};
  lac_text_appendf(out, "<figure><h3>The %s works %s of the time, at most %s</h3>", readout->processor,
                   lac_page_value_text(found.share_percent, 0, "%", a), lac_page_value_text(found.most_db, 1, "dB", b));
  lac_plot_begin(&plot, "Gain reduction over time");
  lac_plot_y_axis(&plot, found.most_db > 12 ? 6 : found.most_db > 6 ? 3 : 1, "dB");
  lac_plot_time_axis(&plot);
  lac_plot_band(&plot, "fill", line.x, line.y, zero, line.count);
  lac_plot_line(&plot, "after", line.x, line.y, line.count);
  lac_plot_end(&plot);
  lac_text_append(out, "<figcaption>Deepest gain reduction over time.</figcaption>");
  reduction_histogram(out, readout, found.most_db);
  lac_text_appendf(out,
                   "<figcaption>How often each amount occurs. 95 %% of the working time stays within %s; the largest "
                   "is %s.</figcaption></figure>\n",
                   lac_page_value_text(found.p95_db, 1, "dB", a), lac_page_value_text(found.most_db, 1, "dB", c));
}

void lac_figure_reduction(LacText *out, const LacReportFile *file) {
  for (size_t i = 0; i < file->n_readouts; i++)
    if (!strcmp(file->readouts[i].unit, "dB") && file->readouts[i].count)
      one_reduction(out, &file->readouts[i], length_of(file));
}

/* --- Comparison --- */

void lac_figure_tone_difference(LacText *out, const LacReportCompare *compare) {
  const double *hz = compare->a.input.analysis->spectrum.bands_hz;
  double zero[LAC_BANDS] = {0}, most = 3;
  for (int i = 0; i < LAC_BANDS; i++)
    if (isfinite(compare->tone_difference_db[i]))
      most = fmax(most, fabs(compare->tone_difference_db[i]));
  most = ceil(fmin(most, 24) / 3) * 3;
  LacPlot plot = {out, 25, 19000, -most, most, true};
  lac_text_append(out, "<figure><h3>Tone of B against A at equal loudness</h3>");
  lac_plot_begin(&plot, "Level of B minus A by band");
  lac_plot_y_axis(&plot, most > 12 ? 6 : 3, "dB");
  lac_plot_hz_axis(&plot);
  lac_plot_band(&plot, "fill", hz, zero, compare->tone_difference_db, LAC_BANDS);
  lac_plot_line(&plot, "after", hz, compare->tone_difference_db, LAC_BANDS);
  lac_plot_end(&plot);
  lac_text_append(out, "<figcaption>Above 0: B has more there.</figcaption></figure>\n");
}
