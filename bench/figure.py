# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Line figures for the documents: one SVG each, that stands alone and needs no style sheet."""
import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 400, 56, 14, 14, 42
COLOURS = {"ours": "#c2410c", "plain": "#2563eb", "other": "#6b7280", "ear": "#15803d", "mid": "#7c3aed",
           "top": "#0d9488"}
IN_ORDER = ("ours", "plain", "top", "mid", "ear", "other")


class Axis:
    """From low to high, linear or logarithmic; ticks at round values."""

    def __init__(self, low, high, words, is_log=False, step=None):
        self.low, self.high, self.words, self.is_log, self.step = low, high, words, is_log, step

    def place(self, value):
        """0..1, kept inside."""
        value = min(max(value, self.low), self.high)
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self):
        if self.is_log:
            found = [d * 10.0 ** e for e in range(-3, 6) for d in (1, 2, 5)]
            return [t for t in found if self.low <= t <= self.high]
        step = self.step or self._round_step()
        first = math.ceil(self.low / step - 1e-9)
        return [k * step for k in range(first, math.floor(self.high / step + 1e-9) + 1)]

    def _round_step(self):
        raw = (self.high - self.low) / 8
        unit = 10 ** math.floor(math.log10(raw))
        return next(m * unit for m in (1, 2, 5, 10) if m * unit >= raw * 0.999)

    def label(self, tick):
        return f"{tick / 1000:g}k" if self.is_log and tick >= 1000 else f"{tick:.6g}"


def frequencies(low=20, high=20000):
    return Axis(low, high, "Hz", is_log=True)


class Figure:
    def __init__(self, x_axis, y_axis, title, legend_at=(300, 18)):
        self.x, self.y, self.title, self.legend_at = x_axis, y_axis, title, legend_at
        self.parts, self.names = [], []

    def place(self, x, y):
        return (LEFT + (WIDTH - LEFT - RIGHT) * self.x.place(x), TOP + (HEIGHT - TOP - BOTTOM) * (1 - self.y.place(y)))

    def line(self, points, name=None, kind=None, dash=""):
        """points: (x, y); those that are not finite break the line. kind: a colour's name, the next one when None."""
        kind = kind or IN_ORDER[len(self.names) % len(IN_ORDER)]
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        for run in _runs(points):
            path = " ".join("%.1f,%.1f" % self.place(x, y) for x, y in run)
            self.parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[kind]}" stroke-width="1.8"'
                              f'{dashes}/>')
        if name:
            self.names.append((name, kind))

    def _grid(self):
        bottom, right, out = HEIGHT - BOTTOM, WIDTH - RIGHT, []
        for tick in self.y.ticks():
            y = self.place(self.x.low, tick)[1]
            out.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#ddd"/>'
                       f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{self.y.label(tick)}</text>')
        for tick in self.x.ticks():
            x = self.place(tick, self.y.low)[0]
            out.append(f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="#eee"/>'
                       f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{self.x.label(tick)}</text>')
        return out

    def svg(self):
        head = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                'font-family="sans-serif" font-size="12">',
                f'<title>{self.title}</title><rect width="100%" height="100%" fill="#fff"/>']
        x, y = self.legend_at
        legend = [f'<text x="{LEFT + x}" y="{TOP + y + 17 * i}" fill="{COLOURS[kind]}">{name}</text>'
                  for i, (name, kind) in enumerate(self.names)]
        foot = [f'<text x="{(LEFT + WIDTH) // 2}" y="{HEIGHT - 8}" text-anchor="middle">{self.x.words}</text>',
                f'<text x="{LEFT + 4}" y="{TOP + 12}">{self.y.words}</text></svg>\n']
        return "\n".join(head + self._grid() + self.parts + legend + foot)


def _runs(points):
    run = []
    for x, y in points:
        if math.isfinite(y):
            run.append((x, y))
        elif run:
            yield run
            run = []
    if run:
        yield run
