/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report/plot.h"

#include "core/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The viewBox; the page scales it to any width. */
enum { WIDTH = 760, HEIGHT = 250, LEFT = 46, RIGHT = 12, TOP = 20, BOTTOM = 26 };

static double x_position(const LacPlot *plot, double x) {
  double share = plot->is_log_x ? log(x / plot->x_minimum) / log(plot->x_maximum / plot->x_minimum)
                                : (x - plot->x_minimum) / (plot->x_maximum - plot->x_minimum);
  return LEFT + share * (WIDTH - LEFT - RIGHT);
}

static double y_position(const LacPlot *plot, double y) {
  double share = (y - plot->y_minimum) / (plot->y_maximum - plot->y_minimum);
  share = share < 0 ? 0 : share > 1 ? 1 : share;
  return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
}

static void coordinate(const LacPlot *plot, double value) {
  char text[LAC_NUMBER_SIZE];
  lac_text_append(plot->out, lac_fixed_text(value, 1, text));
}

static void point(const LacPlot *plot, double x, double y) {
  coordinate(plot, x);
  lac_text_append(plot->out, " ");
  coordinate(plot, y);
}

static void attribute(const LacPlot *plot, const char *name, double value) {
  lac_text_appendf(plot->out, " %s=\"", name);
  coordinate(plot, value);
  lac_text_append(plot->out, "\"");
}

static void grid_line(const LacPlot *plot, double x1, double y1, double x2, double y2) {
  lac_text_append(plot->out, "<line class=\"grid\"");
  attribute(plot, "x1", x1);
  attribute(plot, "y1", y1);
  attribute(plot, "x2", x2);
  attribute(plot, "y2", y2);
  lac_text_append(plot->out, "/>");
}

static void label_at(const LacPlot *plot, double x, double y, const char *anchor, const char *text) {
  lac_text_append(plot->out, "<text");
  attribute(plot, "x", x);
  attribute(plot, "y", y);
  lac_text_appendf(plot->out, " text-anchor=\"%s\">%s</text>", anchor, text);
}

void lac_plot_begin(const LacPlot *plot, const char *label) {
  lac_text_appendf(plot->out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", WIDTH, HEIGHT, label);
}

void lac_plot_end(const LacPlot *plot) {
  lac_text_append(plot->out, "</svg>\n");
}

void lac_plot_y_axis(const LacPlot *plot, double step, const char *unit) {
  char text[LAC_NUMBER_SIZE];
  for (double y = ceil(plot->y_minimum / step) * step; y <= plot->y_maximum + 1e-9; y += step) {
    grid_line(plot, LEFT, y_position(plot, y), WIDTH - RIGHT, y_position(plot, y));
    label_at(plot, LEFT - 6, y_position(plot, y) + 4, "end", lac_fixed_text(y, step < 1 ? 1 : 0, text));
  }
  label_at(plot, LEFT + 3, TOP - 5, "start", unit);
}

static void x_tick(const LacPlot *plot, double x, const char *text) {
  grid_line(plot, x_position(plot, x), TOP, x_position(plot, x), HEIGHT - BOTTOM);
  label_at(plot, x_position(plot, x), HEIGHT - 8, "middle", text);
}

void lac_plot_time_axis(const LacPlot *plot) {
  static const double steps_s[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600};
  double step = 1, length = plot->x_maximum - plot->x_minimum;
  for (size_t i = 0; i < sizeof steps_s / sizeof *steps_s && length / step > 9; i++)
    step = steps_s[i];
  while (length / step > 12)
    step *= 2;
  for (double x = 0; x <= plot->x_maximum; x += step) {
    char text[32];
    unsigned long s = (unsigned long)x;
    snprintf(text, sizeof text, "%lu:%02lu", s / 60, s % 60);
    x_tick(plot, x, text);
  }
}

void lac_plot_hz_axis(const LacPlot *plot) {
  static const struct {
    double hz;
    const char *text;
  } ticks[] = {{20, "20"},  {50, "50"},  {100, "100"}, {200, "200"}, {500, "500"},
               {1e3, "1k"}, {2e3, "2k"}, {5e3, "5k"},  {1e4, "10k"}, {2e4, "20k Hz"}};
  for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++)
    if (ticks[i].hz >= plot->x_minimum && ticks[i].hz <= plot->x_maximum)
      x_tick(plot, ticks[i].hz, ticks[i].text);
}

void lac_plot_x_axis(const LacPlot *plot, double step, const char *unit) {
  char number[LAC_NUMBER_SIZE], text[64];
  for (double x = ceil(plot->x_minimum / step) * step; x <= plot->x_maximum + 1e-9; x += step) {
    bool is_last = x + step > plot->x_maximum + 1e-9;
    snprintf(text, sizeof text, "%s%s%s", lac_fixed_text(x, step < 1 ? 1 : 0, number), is_last ? " " : "",
             is_last ? unit : "");
    x_tick(plot, x, text);
  }
}

void lac_plot_line(const LacPlot *plot, const char *css_class, const double *x, const double *y, size_t count) {
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

void lac_plot_band(const LacPlot *plot, const char *css_class, const double *x, const double *low, const double *high,
                   size_t count) {
  size_t n = 0;
  lac_text_appendf(plot->out, "<path class=\"%s\" d=\"", css_class);
  for (size_t i = 0; i < count; i++)
    if (isfinite(high[i]) && isfinite(low[i])) {
      lac_text_append(plot->out, n++ ? "L" : "M");
      point(plot, x_position(plot, x[i]), y_position(plot, high[i]));
    }
  for (size_t i = count; i-- > 0;)
    if (isfinite(high[i]) && isfinite(low[i])) {
      lac_text_append(plot->out, "L");
      point(plot, x_position(plot, x[i]), y_position(plot, low[i]));
    }
  lac_text_append(plot->out, n ? "Z\"/>" : "\"/>");
}

void lac_plot_level(const LacPlot *plot, const char *css_class, double y, const char *label) {
  if (!isfinite(y) || y < plot->y_minimum || y > plot->y_maximum)
    return;
  lac_text_appendf(plot->out, "<line class=\"%s\"", css_class);
  attribute(plot, "x1", LEFT);
  attribute(plot, "y1", y_position(plot, y));
  attribute(plot, "x2", WIDTH - RIGHT);
  attribute(plot, "y2", y_position(plot, y));
  lac_text_append(plot->out, "/>");
  if (label)
    label_at(plot, WIDTH - RIGHT - 4, y_position(plot, y) - 5, "end", label);
}

void lac_plot_bar(const LacPlot *plot, const char *css_class, double x_from, double x_to, double y) {
  if (!isfinite(y))
    return;
  double base = y_position(plot, plot->y_minimum > 0 ? plot->y_minimum : plot->y_maximum < 0 ? plot->y_maximum : 0);
  double top = y_position(plot, y), left = x_position(plot, x_from), right = x_position(plot, x_to);
  lac_text_appendf(plot->out, "<rect class=\"%s\"", css_class);
  attribute(plot, "x", left + 0.5);
  attribute(plot, "y", top < base ? top : base);
  attribute(plot, "width", right - left > 2 ? right - left - 1 : right - left);
  attribute(plot, "height", fabs(base - top));
  lac_text_append(plot->out, "/>");
}
