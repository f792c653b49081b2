# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Topics of processor_quality.py: who was measured how, what must hold, who leads, as text and as one page."""
import math
import os
from dataclasses import dataclass

from . import page, plot
from .drivers import Failed
from .table import number

CLASSES = (("Lacquer", "realtime"), ("LSP", "lsp"), ("Calf", "rival"), ("x42", "best"), ("Za", "offline"),
           ("SoX", "clip"), ("ffmpeg", "other"))
FASTER = 1.1 # speeds nearer than this are equal: they were measured on a machine with other work


@dataclass(frozen=True)
class Axis:
    """One column. bar: what ours must keep, None for none; same: differences up to this count as equal; floor: what is
    better than this is perfect for everybody; is_ranked False: shown, not judged."""
    key: str
    words: str
    unit: str
    bar: float = None
    is_lower_better: bool = True
    same: float = 0.0
    floor: float = None
    digits: int = 2
    is_ranked: bool = True

    def clamp(self, value):
        if self.floor is None:
            return value
        return max(value, self.floor) if self.is_lower_better else min(value, self.floor)

    def compare(self, own, other):
        """1: own is better, 0: equal, -1: the other is."""
        own, other = self.clamp(own), self.clamp(other)
        near = abs(own - other) <= self.same
        if self.unit == "x":
            near = max(own, other) <= FASTER * min(own, other)
        return 0 if near else 1 if (own < other) == self.is_lower_better else -1

    def show(self, value):
        return number(value, self.digits)


def speed_axis(bar=None):
    return Axis("speed", "speed", "x", bar, False, digits=0)


class Topic:
    def __init__(self, key, title, words, axes):
        self.key, self.title, self.words, self.axes = key, title, words, axes
        self.rows, self.absent, self.figures, self.curves = [], {}, [], {}

    def measure(self, tools, read):
        """A row per tool: read(tool) -> {axis: value}, with "curve" kept aside for the plot."""
        for tool in tools:
            try:
                found = dict(read(tool))
            except (Failed, OSError, ValueError, IndexError) as error:
                self.absent[tool.title] = " ".join(os.path.basename(w) if w.startswith("/") else w
                                                   for w in str(error).split()) or "did not run"
                continue
            self.curves[tool.title] = found.pop("curve", None)
            self.rows.append(dict(tool=tool.title, is_ours=tool.is_ours, settings=tool.settings, values={
                k: float(v) for k, v in found.items() if v is not None and not math.isnan(v)}))

    def draw(self, x, y, x_axis, y_axis, titles, caption, skip=()):
        """Curves of the rows: x(curve), y(curve) give the points. One line per maker and way of drawing it."""
        shown, series, words = set(), [], []
        for row in self.rows:
            curve, name = self.curves.get(row["tool"]), css_class(row["tool"])
            if curve is None or name in shown or row["tool"] in skip:
                continue
            shown.add(name)
            series.append((name, x(curve), y(curve)))
            words.append((name, row["tool"]))
        if series:
            drawn = plot.lines(series[::-1], x_axis, y_axis, caption, titles)
            self.figures.append(page.figure(drawn, page.escape(caption), plot.keys(words)))

    def judged(self):
        """The row of ours that the verdict is about: the first."""
        return next((row for row in self.rows if row["is_ours"]), None)

    def bars(self):
        """[(axis, value, status)] of every axis with a bar."""
        values = self.judged()["values"] if self.judged() else {}
        out = []
        for axis in self.axes:
            if axis.bar is None:
                continue
            value = values.get(axis.key)
            is_kept = value is not None and (value <= axis.bar if axis.is_lower_better else value >= axis.bar)
            out.append((axis, value, "not run" if value is None else "pass" if is_kept else "MISSED"))
        return out

    def standings(self):
        """[(axis, own, best peer's title, best peer's value, 1 better 0 equal -1 behind)]."""
        own, out = self.judged(), []
        for axis in self.axes:
            peers = [(row["values"][axis.key], row["tool"]) for row in self.rows
                     if not row["is_ours"] and axis.key in row["values"]]
            if own is None or not axis.is_ranked or not peers or axis.key not in own["values"]:
                continue
            value, title = (min if axis.is_lower_better else max)(peers)
            out.append((axis, own["values"][axis.key], title, value, axis.compare(own["values"][axis.key], value)))
        return out

    def verdict(self):
        """("pass" | "MISSED" | "not run", words)."""
        standings = self.standings()
        if not standings:
            return "not run", "nobody to compare with" if self.judged() else "ours was not measured"
        behind = [s for s in standings if s[4] < 0]
        better = sum(s[4] > 0 for s in standings)
        words = f"better than the best of the others on {better} of {len(standings)}"
        if behind:
            return "MISSED", words + f", behind on {len(behind)}"
        return ("pass", words + ", behind on none") if better else ("MISSED", "better on none")

    def behind_lines(self):
        out = []
        for axis, own, title, value, sign in self.standings():
            if sign < 0:
                forms = [f"{row['tool']} {axis.show(row['values'][axis.key])}" for row in self.rows
                         if row["is_ours"] and axis.compare(row["values"].get(axis.key, own), value) >= 0]
                out.append(f"{axis.words}: {title} {axis.show(value)} {axis.unit}, ours {axis.show(own)}" +
                           (f" (but {', '.join(forms)})" if forms else ""))
        return out

    def result(self):
        status, words = self.verdict()
        return dict(key=self.key, title=self.title, words=self.words, verdict=status, verdict_words=words,
                    axes=[vars(axis) for axis in self.axes], rows=self.rows, absent=self.absent,
                    bars=[dict(axis=a.key, value=v, bar=a.bar, status=s) for a, v, s in self.bars()],
                    behind=self.behind_lines())


def css_class(title):
    return next(name for start, name in CLASSES if title.startswith(start))


def _sign(axis):
    return "<=" if axis.is_lower_better else ">="


def show(topic):
    print(f"\n== {topic.title}\n{topic.words}")
    widths = [max(len(a.words), 7) + 2 for a in topic.axes]
    print("%-34s" % "" + "".join(f"{a.words:>{w}}" for a, w in zip(topic.axes, widths)))
    print("%-34s" % "" + "".join(f"{a.unit:>{w}}" for a, w in zip(topic.axes, widths)))
    for row in topic.rows:
        print("%-34s" % row["tool"] + "".join(f"{a.show(row['values'].get(a.key)):>{w}}"
                                              for a, w in zip(topic.axes, widths)))
    for axis, value, status in topic.bars():
        print(f"  bar  {axis.words} {axis.show(value)} {_sign(axis)} {axis.bar:g} {axis.unit}: {status}")
    status, words = topic.verdict()
    print(f"  {status}: {words}")
    for line in topic.behind_lines():
        print(f"  peer wins  {line}")
    for what, why in topic.absent.items():
        print(f"  not run  {what}: {why}")


def _best(topic, axis):
    values = [row["values"][axis.key] for row in topic.rows if axis.key in row["values"]]
    if not values or not axis.is_ranked:
        return None
    return axis.clamp((min if axis.is_lower_better else max)(values))


def _table(topic):
    head = "".join(f"<th>{page.escape(a.words)}<br>{page.escape(a.unit)}" for a in topic.axes)
    out = [f'<div class="scroll" tabindex="0"><table><thead><tr><th>Tool{head}</tr></thead><tbody>']
    best = {a.key: _best(topic, a) for a in topic.axes}
    for row in topic.rows:
        cells = ""
        for a in topic.axes:
            value = row["values"].get(a.key)
            leads = value is not None and best[a.key] is not None and a.compare(value, best[a.key]) >= 0
            cells += f'<td{" class=lead" if leads else ""}>{a.show(value)}'
        out.append(f'{page.row_open(row)}<th scope="row">{page.escape(row["tool"])}{cells}</tr>')
    return "".join(out) + "</tbody></table></div>"


def _bars(topic):
    marks = {"pass": "pass", "MISSED": "fail", "not run": "notrun"}
    return "".join(f'<li>{page.escape(a.words)} {a.show(v)} {"≤" if a.is_lower_better else "≥"} {a.bar:g} '
                   f'{page.escape(a.unit)}: <span class="{marks[s]}">{s}</span>' for a, v, s in topic.bars())


def _section(topic):
    status, words = topic.verdict()
    mark = {"pass": "pass", "MISSED": "fail", "not run": "notrun"}[status]
    out = f'<h2>{page.escape(topic.title)}</h2><p class="quiet">{page.escape(topic.words)} Bold leads.</p>'
    out += f'<p><span class="verdict {mark}">{page.escape(words)}</span></p>' + _table(topic)
    found = _bars(topic) + "".join(f"<li>A peer wins: {page.escape(line)}" for line in topic.behind_lines())
    found += "".join(f'<li><span class="notrun">not run</span> {page.escape(what)}: {page.escape(why)}'
                     for what, why in topic.absent.items())
    settings = "".join(f"<li>{page.escape(r['tool'])}: {page.escape(r['settings'])}" for r in topic.rows
                       if r["settings"])
    return out + f"<ul>{found}</ul>" + "".join(topic.figures) + \
        (f"<details><summary>Settings</summary><ul>{settings}</ul></details>" if settings else "")


def make_page(topics, date, wall_s, versions):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "style.css"), encoding="utf-8") as file:
        style = file.read().split("*/\n", 1)[1]
    names = ", ".join(f"{name} {version}" for name, version in versions.items())
    return ('<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f"<title>Processors beside others</title><style>{style}</style><h1>Processors beside others</h1>"
            f'<p class="quiet">{page.escape(date)}, made signals with known answers, {wall_s} s. {page.escape(names)}. '
            "The verdict of a topic is about the first row of ours. Speeds are times real time of one core: ours and "
            "plugins the processing alone, ffmpeg and SoX the program less what starting and doing nothing cost.</p>" +
            "".join(_section(topic) for topic in topics) + "</html>\n")
