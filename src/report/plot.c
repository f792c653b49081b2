/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report/plot.h"

#include "core/number.h"
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The viewBox; the page stretches it, lines keep their width. */
enum { WIDTH = 1000, HEIGHT = 300 };

static double x_position(const LacPlot *plot, double x) {
  double share = plot->is_log_x ? log(x / plot->x_minimum) / log(plot->x_maximum / plot->x_minimum)
                                : (x - plot->x_minimum) / (plot->x_maximum - plot->x_minimum);
  return share * WIDTH;
}

/* Far outside is as good as outside: keeps coordinates short. */
static double y_position(const LacPlot *plot, double y) {
  double share = (y - plot->y_minimum) / (plot->y_maximum - plot->y_minimum);
  share = share < -1 ? -1 : share > 2 ? 2 : share;
  return HEIGHT - share * HEIGHT;
}

static void coordinate(LacText *out, double value) {
  char text[LAC_NUMBER_SIZE];
  lac_text_append(out, lac_fixed_text(value, 1, text));
}

static void point(const LacPlot *plot, double x, double y) {
  coordinate(plot->out, x);
  lac_text_append(plot->out, " ");
  coordinate(plot->out, y);
}

static void attribute(const LacPlot *plot, const char *name, double value) {
  lac_text_appendf(plot->out, " %s=\"", name);
  coordinate(plot->out, value);
  lac_text_append(plot->out, "\"");
}

static void straight(const LacPlot *plot, const char *css_class, double x1, double y1, double x2, double y2) {
  lac_text_appendf(plot->out, "<line class=\"%s\"", css_class);
  attribute(plot, "x1", x1);
  attribute(plot, "y1", y1);
  attribute(plot, "x2", x2);
  attribute(plot, "y2", y2);
  lac_text_append(plot->out, "/>");
}

void lac_plot_begin(LacPlot *plot, const char *css_class, const char *label) {
  plot->words = (LacText){0};
  lac_text_appendf(plot->out,
                   "<div class=\"plot%s%s\"><svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
                   "aria-label=\"%s\">",
                   *css_class ? " " : "", css_class, WIDTH, HEIGHT, label);
}

void lac_plot_end(LacPlot *plot) {
  plot->out->failed |= plot->words.failed;
  lac_text_append(plot->out, "</svg><div aria-hidden=\"true\">");
  if (plot->words.bytes)
    lac_text_append(plot->out, plot->words.bytes);
  lac_text_append(plot->out, "</div></div>\n");
  lac_text_clear(&plot->words);
}

void lac_plot_y_axis(LacPlot *plot, double step, const char *title) {
  char text[LAC_VALUE_TEXT_SIZE];
  long first = lrint(ceil(plot->y_minimum / step - 1e-9)), last = lrint(floor(plot->y_maximum / step + 1e-9));
  for (long i = first; i <= last; i++) {
    double y = (double)i * step, at = y_position(plot, y);
    straight(plot, i == 0 ? "grid zero" : "grid", 0, at, WIDTH, at);
    lac_text_append(&plot->words, "<i class=\"y\" style=\"top:");
    coordinate(&plot->words, 100 * at / HEIGHT);
    lac_text_appendf(&plot->words, "%%\">%s</i>", lac_page_value_text(y, step < 1 ? 1 : 0, "", text));
  }
  lac_text_appendf(&plot->words, "<b class=\"ytitle\">%s</b>", title);
}

static void x_tick(LacPlot *plot, double x, const char *text, bool is_odd) {
  double at = x_position(plot, x);
  straight(plot, "grid", at, 0, at, HEIGHT);
  lac_text_appendf(&plot->words, "<i class=\"x%s\" style=\"left:", is_odd ? " odd" : "");
  coordinate(&plot->words, 100 * at / WIDTH);
  lac_text_appendf(&plot->words, "%%\">%s</i>", text);
}

static void x_title(LacPlot *plot, const char *title) {
  lac_text_appendf(&plot->words, "<b class=\"xtitle\">%s</b>", title);
}

void lac_plot_time_axis(LacPlot *plot) {
  static const double steps_s[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1,   2,    5,    10,
                                   15,   30,   60,   120, 300, 600, 900, 1800, 3600, 7200};
  double length = plot->x_maximum - plot->x_minimum, step = steps_s[0];
  for (size_t i = 0; i < sizeof steps_s / sizeof *steps_s && length / step > 8; i++)
    step = steps_s[i];
  while (length / step > 12)
    step *= 2;
  for (unsigned i = 0; i * step <= plot->x_maximum + 1e-9; i++) {
    char text[LAC_VALUE_TEXT_SIZE];
    double x = i * step;
    unsigned long s = (unsigned long)(x + 0.5);
    if (step < 1)
      lac_page_value_text(x, step < 0.1 ? 2 : 1, "", text);
    else if (plot->x_maximum >= 3600)
      snprintf(text, sizeof text, "%lu:%02lu", s / 3600, s / 60 % 60); /* steps are whole minutes then */
    else
      snprintf(text, sizeof text, "%lu:%02lu", s / 60, s % 60);
    x_tick(plot, x, text, i % 2 == 1);
  }
  x_title(plot, step < 1 ? "Time, s" : plot->x_maximum >= 3600 ? "Time, h:min" : "Time, min:s");
}

void lac_plot_hz_axis(LacPlot *plot) {
  static const struct {
    double hz;
    const char *text;
  } ticks[] = {{50, "50"},  {100, "100"}, {200, "200"}, {500, "500"},
               {1e3, "1k"}, {2e3, "2k"},  {5e3, "5k"},  {1e4, "10k"}};
  for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++)
    x_tick(plot, ticks[i].hz, ticks[i].text, false);
  x_title(plot, "Frequency, Hz");
}

void lac_plot_x_axis(LacPlot *plot, double step, const char *title) {
  char text[LAC_VALUE_TEXT_SIZE];
  long first = lrint(ceil(plot->x_minimum / step - 1e-9)), last = lrint(floor(plot->x_maximum / step + 1e-9));
  for (long i = first; i <= last; i++)
    x_tick(plot, (double)i * step, lac_page_value_text((double)i * step, step < 1 ? 1 : 0, "", text), i % 2 != 0);
  x_title(plot, title);
}

void lac_plot_line(LacPlot *plot, const char *css_class, const double *x, const double *y, size_t count) {
  bool is_open = false;
  lac_text_appendf(plot->out, "<path class=\"%s\" d=\"", css_class);
  for (size_t i = 0; i < count; i++) {
    bool is_there = isfinite(y[i]) && x[i] >= plot->x_minimum && x[i] <= plot->x_maximum;
    if (is_there) {
      lac_text_append(plot->out, is_open ? "L" : "M");
      point(plot, x_position(plot, x[i]), y_position(plot, y[i]));
    }
    is_open = is_there;
  }
  lac_text_append(plot->out, "\"/>");
}

/* One closed shape per stretch where both edges exist. */
void lac_plot_band(LacPlot *plot, const char *css_class, const double *x, const double *low, const double *high,
                   size_t count) {
  lac_text_appendf(plot->out, "<path class=\"%s\" d=\"", css_class);
  for (size_t i = 0; i < count;) {
    size_t end = i;
    while (end < count && isfinite(high[end]) && isfinite(low[end]))
      end++;
    for (size_t k = i; k < end; k++) {
      lac_text_append(plot->out, k > i ? "L" : "M");
      point(plot, x_position(plot, x[k]), y_position(plot, high[k]));
    }
    for (size_t k = end; k-- > i;) {
      lac_text_append(plot->out, "L");
      point(plot, x_position(plot, x[k]), y_position(plot, low[k]));
    }
    lac_text_append(plot->out, end > i ? "Z" : "");
    i = end > i ? end : i + 1;
  }
  lac_text_append(plot->out, "\"/>");
}

void lac_plot_level(LacPlot *plot, const char *css_class, double y) {
  if (isfinite(y) && y >= plot->y_minimum && y <= plot->y_maximum)
    straight(plot, css_class, 0, y_position(plot, y), WIDTH, y_position(plot, y));
}

void lac_plot_mark(LacPlot *plot, const char *css_class, double x) {
  if (isfinite(x) && x >= plot->x_minimum && x <= plot->x_maximum)
    straight(plot, css_class, x_position(plot, x), 0, x_position(plot, x), HEIGHT);
}

void lac_plot_bar(LacPlot *plot, const char *css_class, double x_from, double x_to, double y) {
  if (!isfinite(y))
    return;
  double base = y_position(plot, plot->y_minimum > 0 ? plot->y_minimum : plot->y_maximum < 0 ? plot->y_maximum : 0);
  double top = y_position(plot, y), left = x_position(plot, x_from), right = x_position(plot, x_to);
  double gap = fmin(4, 0.1 * (right - left));
  lac_text_appendf(plot->out, "<rect class=\"%s\"", css_class);
  attribute(plot, "x", left + 0.5 * gap);
  attribute(plot, "y", fmin(top, base));
  attribute(plot, "width", right - left - gap);
  attribute(plot, "height", fabs(base - top));
  lac_text_append(plot->out, "/>");
}

double lac_plot_round_step(double span, unsigned most) {
  static const double parts[] = {1, 2, 5};
  for (double power = 0.1; power < 1e6; power *= 10)
    for (size_t i = 0; i < 3; i++)
      if (span <= parts[i] * power * most * (1 + 1e-9))
        return parts[i] * power;
  return span;
}
