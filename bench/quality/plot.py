# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Small plots as SVG with HTML labels: they stretch to any width, the words keep their size, and colours come from the
page's style sheet, so that light, dark and print need no second picture."""
import html
import math


class Axis:
    """Linear or logarithmic, from values to 0..100 %."""

    def __init__(self, low, high, is_log=False, ticks=None, label="{:g}"):
        self.low, self.high, self.is_log, self.label = low, high, is_log, label
        self.ticks = ticks or self._round_ticks()

    def _round_ticks(self, about=6):
        raw = (self.high - self.low) / about
        unit = 10 ** math.floor(math.log10(raw))
        step = next(m * unit for m in (1, 2, 5, 10) if m * unit >= raw)
        first = math.ceil(self.low / step - 1e-9)
        return [round(k * step, 10) for k in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def place(self, value):
        value = min(max(value, self.low), self.high)
        if self.is_log:
            return 100 * math.log(value / self.low) / math.log(self.high / self.low)
        return 100 * (value - self.low) / (self.high - self.low)


def series_path(x, y, x_axis, y_axis):
    """Path data; None in y breaks the line. Runs of points that fall on one spot are thinned to their extremes."""
    parts, pen = [], "M"
    for at, value in zip(x, y):
        if value is None or not math.isfinite(value):
            pen = "M"
            continue
        parts.append(f"{pen}{x_axis.place(at):.2f} {100 - y_axis.place(value):.2f}")
        pen = "L"
    return "".join(parts)


def _grid(x_axis, y_axis, zero):
    out = [f'<line class="grid" x1="{x_axis.place(t):.2f}" x2="{x_axis.place(t):.2f}" y1="0" y2="100"/>'
           for t in x_axis.ticks]
    if y_axis:
        out += [f'<line class="grid{" zero" if t == zero else ""}" x1="0" x2="100" y1="{100 - y_axis.place(t):.2f}" '
                f'y2="{100 - y_axis.place(t):.2f}"/>' for t in y_axis.ticks]
    return "".join(out)


def _labels(axis, kind, words=None):
    out = []
    for i, tick in enumerate(axis.ticks):
        side = f"left:{axis.place(tick):.2f}%" if kind == "x" else f"top:{100 - axis.place(tick):.2f}%"
        out.append(f'<i class="{kind}{" odd" if i % 2 else ""}" style="{side}">'
                   f'{html.escape((words or axis.label).format(tick))}</i>')
    return "".join(out)


def _frame(inside, labels, alt, height="", titles=("", "")):
    y_title = f'<i class="ytitle">{html.escape(titles[1])}</i>' if titles[1] else ""
    return (f'<div class="plot {height}" role="img" aria-label="{html.escape(alt, True)}">'
            f'<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">{inside}</svg>{labels}'
            f'<i class="xtitle">{html.escape(titles[0])}</i>{y_title}</div>')


def keys(series):
    """Legend: [(class, words)]."""
    return '<span class="keys">' + "".join(
        f'<span><b class="key {name}"></b>{html.escape(words)}</span>' for name, words in series) + "</span>"


def lines(series, x_axis, y_axis, alt, titles, zero=None, rules=()):
    """series: [(class, x, y)]; rules: [(class, y value)] across the plot."""
    inside = _grid(x_axis, y_axis, zero)
    inside += "".join(f'<line class="{name}" x1="0" x2="100" y1="{100 - y_axis.place(v):.2f}" '
                      f'y2="{100 - y_axis.place(v):.2f}"/>' for name, v in rules)
    inside += "".join(f'<path class="{name}" d="{series_path(x, y, x_axis, y_axis)}"/>' for name, x, y in series)
    return _frame(inside, _labels(x_axis, "x") + _labels(y_axis, "y"), alt, titles=titles)


def dots(rows, x_axis, alt, title, rules=()):
    """A row of dots per name with a tick at their mean: [(class, name, values)]. Round at any width: each dot is a
    stroke without length."""
    height = 100 / max(len(rows), 1)
    inside, names = _grid(x_axis, None, None), ""
    inside += "".join(f'<line class="{name}" x1="{x_axis.place(v):.2f}" x2="{x_axis.place(v):.2f}" y1="0" y2="100"/>'
                      for name, v in rules)
    for i, (name, words, values) in enumerate(rows):
        y = (i + 0.5) * height
        names += f'<i class="name" style="top:{y:.2f}%">{html.escape(words)}</i>'
        inside += f'<line class="grid" x1="0" x2="100" y1="{y:.2f}" y2="{y:.2f}"/>'
        values = [v for v in values if math.isfinite(v)]
        inside += "".join(f'<path class="dot {name}" d="M{x_axis.place(v):.2f} {y:.2f}h0"/>' for v in values)
        if values:
            x = x_axis.place(sum(values) / len(values))
            inside += f'<path class="mean {name}" d="M{x:.2f} {y - 0.36 * height:.2f}V{y + 0.36 * height:.2f}"/>'
    return (f'<div class="rows" style="--rows:{len(rows)}">' +
            _frame(inside, _labels(x_axis, "x") + names, alt, "named", (title, "")) + "</div>")


def columns(values, y_axis, alt, titles, rules=(), height=""):
    """Sorted columns from zero, each (class, value)."""
    width = 100 / max(len(values), 1)
    zero = 100 - y_axis.place(0)
    inside = _grid(Axis(0, 1, ticks=[0]), y_axis, 0)
    for i, (name, value) in enumerate(values):
        y = 100 - y_axis.place(value)
        inside += (f'<rect class="{name}" x="{(i + 0.12) * width:.2f}" width="{0.76 * width:.2f}" '
                   f'y="{min(y, zero):.2f}" height="{max(abs(y - zero), 0.3):.2f}"/>')
    inside += "".join(f'<line class="{name}" x1="0" x2="100" y1="{100 - y_axis.place(v):.2f}" '
                      f'y2="{100 - y_axis.place(v):.2f}"/>' for name, v in rules)
    return _frame(inside, _labels(y_axis, "y"), alt, height, titles)
