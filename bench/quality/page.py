# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""One page that holds everything: verdict, bars, tables and pictures; no script, no other file, light and dark."""
import html
import math
import os

from . import bars, judge, plot, synthetic, table

CLASSES = {"realtime": "realtime", "offline": "offline", "best": "best", bars.RIVAL: "rival", "lsp": "lsp",
           "clip": "clip"}
IN_LINES = ("realtime", "offline", "best", bars.RIVAL, "lsp", "clip")
GLOSSARY = [
    ("NMR", "noise to mask ratio: how far what the limiter added lies over or under (-) what the music hides, in dB"),
    ("over %", "share of 46-ms frames in which some band is over that mask"),
    ("resid, res K", "everything the limiter changed beyond the level, against the music; plain and K-weighted, dB"),
    ("NMR t", "NMR in frames of 3 to 12 ms, with masking that does not reach back in time"),
    ("ODG, least", "objective difference grade of PEAQ (ITU-R BS.1387, basic version): 0 not heard, -1 heard but not "
                   "annoying, -4 very annoying; equal files are near +0.2. Mean and worst cut, of the six"),
    ("bass", "change below 400 Hz in bass-heavy moments, the worst tenth, dB"),
    ("pre", "worst rise 5 to 20 ms before an onset, dB over the driven input"),
    ("image", "furthest that left moved against right over 50 ms, dB"),
    ("drive", "how much the level had to be raised for the same loudness, dB: less is better"),
    ("PSR", "median of sample peak over short-term loudness, dB"),
    ("dBTP", "worst true peak by a 32x judge"),
    ("x real", "times real time on one core: ours and plugins the processing alone, ffmpeg the whole program"),
    ("n", "renders that the search for the drive took; from an earlier run's hint it is one or two"),
]


def css_class(key):
    return CLASSES.get(key, "other")


def escape(text):
    return html.escape(str(text))


def row_open(driver):
    return '<tr class="ours">' if driver["is_ours"] else "<tr>"


def title_of(result, key):
    return next((d["title"] for d in result["drivers"] if d["key"] == key), key)


def bars_table(result):
    out = ['<div class="scroll" tabindex="0"><table><thead><tr><th>Bar<th>Measured<th>Wanted<th>Verdict'
           "<th class=words>Leads</tr></thead><tbody>"]
    role, absent = None, bars.unmeasured(result["bars"])
    for v in result["bars"]:
        if v["role"] != role:
            role = v["role"]
            out.append(f'<tr><th colspan="5" scope="rowgroup">{escape(title_of(result, role))} ({bars.ROLES[role]})' +
                       (f": none of its {absent[role]} bars was measured</tr>" if role in absent else "</tr>"))
        if role in absent:
            continue
        sign = "≤" if v["is_lower_better"] else "≥"
        leads = ", ".join(title_of(result, key) for key in v["leader"].split()) or v["note"]
        unit = f' {v["unit"]}' if v["unit"] else ""
        limit = "exact" if v["limit"] == -math.inf else f'{sign} {table.number(v["limit"])}{unit}'
        out.append(f'<tr><td class="words">{escape(v["title"])}<td>{table.number(v["value"])}<td>{limit}'
                   f'<td class="{v["status"].replace(" ", "").lower()}">{v["status"].lower()}'
                   f'<td class="words">{escape(leads)}</tr>')
    return "".join(out) + "</tbody></table></div>"


def best_of(figures, column):
    """Which row leads a column: lowest, but highest grade, PSR and speed; image and renders lead nothing."""
    key = table.COLUMNS[column][0]
    if key in ("renders", "true_peak", "image_shift"):
        return None
    values = [line[column] for line in figures]
    known = [v for v in values if v is not None and math.isfinite(v)]
    if not known:
        return None
    return (max if key in ("odg", "odg_least", "psr", "x_realtime") else min)(known)


def figures_table(result, group, target):
    lines = table.summary(result, group, target)
    best = [best_of([line[4] for line in lines if line[2] == line[1]], c) for c in range(len(table.COLUMNS))]
    out = ['<div class="scroll" tabindex="0"><table><thead><tr><th>Limiter<th>reached' +
           "".join(f"<th>{escape(words)}" for _, words in table.COLUMNS) + "</tr></thead><tbody>"]
    for driver, n, reached, held, figures in lines:
        warn = ' class="fail"' if min(reached, held) < n else ""
        cells = "".join(f'<td{" class=lead" if v is not None and v == b and reached == n else ""}>{table.number(v)}'
                        for v, b in zip(figures, best))
        over = "" if held == n else f", {n - held} over"
        out.append(f'{row_open(driver)}<th scope="row">{escape(driver["title"])}'
                   f"<td{warn}>{reached}/{n}{over}{cells}</tr>")
    return "".join(out) + "</tbody></table></div>"


def figure(picture, caption, keys=""):
    return f"<figure>{keys}{picture}<figcaption>{caption}</figcaption></figure>"


def dots_figure(result, group, target, key, words, step):
    """A dot per cut and limiter; `words`: what it is, what the axis says."""
    rows = []
    for driver in result["drivers"]:
        own = bars.pick(result["rows"], group=group, target=target, driver=driver["key"], is_reached=True)
        if own:
            rows.append((css_class(driver["key"]), driver["title"], [bars.clamp(r[key]) for r in own]))
    values = [v for _, _, found in rows for v in found]
    if not values:
        return ""
    axis = plot.Axis(math.floor(min(values) / step) * step, math.ceil((max(values) + 0.02 * step) / step) * step)
    drawn = plot.dots(rows, axis, f"{words[0]} per cut at {target:g} LUFS", words[1])
    return figure(drawn, f"{target:g} LUFS: every dot a cut, the tick their mean. Cuts on which a limiter cannot "
                         "reach the loudness are left out.")


def lead_figure(result, group, target):
    series = []
    for role in ("best", "offline", "realtime"):
        both = bars.pairs(result["rows"], group, target, role)
        leads = sorted((bars.clamp(rival["nmr"]) - bars.clamp(own["nmr"]) for own, rival in both), reverse=True)
        series += [(role, leads)] if leads else []
    out = ""
    for role, leads in series:
        name = css_class(role)
        top = max(6.0, math.ceil(max(leads) + 0.5))
        axis = plot.Axis(min(0.0, math.floor(min(leads))), top)
        limit = bars.LEADS[role].get(target, 0)
        drawn = plot.columns([(name, v) for v in leads], axis, f"Lead per cut at {target:g} LUFS, {role}",
                             ("cuts, sorted", "dB"), [("bar", limit)] if limit else [], "low")
        wanted = " Dotted: what the mean must reach." if limit else ""
        words = f"{escape(title_of(result, role))}, {target:g} LUFS: lead in NMR over x42 dpl 10 ms, a column per cut."
        out += figure(drawn, words + wanted)
    return out


def pictured(result):
    """{cut: [(driver, picture)]} of the drivers that the line plots show."""
    found = {}
    for row in result["rows"]:
        if "picture" in row and row["driver"] in IN_LINES:
            found.setdefault(row["cut"], []).append((row["driver"], row["picture"]))
    return {cut: sorted(items, key=lambda item: -IN_LINES.index(item[0])) for cut, items in found.items()}


def legend(result, drivers, extra=()):
    ordered = sorted(drivers, key=IN_LINES.index)
    return plot.keys([(css_class(key), title_of(result, key)) for key in ordered] + list(extra))


def residual_figure(result, cut, items):
    hz = judge.BAND_CENTRES
    level = [v for _, p in items for v in p["noise"] + p["mask"] if v is not None]
    y = plot.Axis(math.floor(max(min(level), -130) / 10) * 10, math.ceil(max(level) / 10) * 10)
    x = plot.Axis(50, 16000, True, [50, 100, 200, 500, 1000, 2000, 5000, 10000])
    series = [("mask", hz, items[-1][1]["mask"])] + [(css_class(d), hz, p["noise"]) for d, p in items]
    drawn = plot.lines(series, x, y, f"Residual against the mask, cut {cut}", ("Hz, Bark bands", "dBFS"))
    return figure(drawn, "What each limiter added, per critical band, under what the music masks (dotted, mean).",
                  legend(result, [d for d, _ in items], [("mask", "mask")]))


def gain_figure(result, cut, items):
    wanted = [item for item in items if item[0] != "clip"]
    low = min((v for _, p in wanted for v in p["gain"] if v is not None), default=-12)
    y = plot.Axis(math.floor(max(low, -24) / 2) * 2 - 1, 1)
    n = len(wanted[0][1]["gain"])
    x = plot.Axis(0, n * 0.002)
    series = [(css_class(d), [i * 0.002 for i in range(n)], p["gain"]) for d, p in wanted]
    drawn = plot.lines(series, x, y, f"Gain over time, cut {cut}", ("s", "dB"), zero=0)
    return figure(drawn, "Gain over two seconds, estimated from input and output per millisecond, against the drive.",
                  legend(result, [d for d, _ in wanted]))


def wave_figure(result, cut, items):
    shown = [item for item in items if item[0] != "lsp"]
    driven = shown[-1][1]["driven"]
    top = max(abs(v) for v in driven)
    y = plot.Axis(-min(top, 4.0), min(top, 4.0))
    ms = lambda values: [(i - len(values) / 2) / 44.1 for i in range(len(values))]
    x = plot.Axis(ms(driven)[0], -ms(driven)[0])
    series = [("driven", ms(driven), driven)] + [(css_class(d), ms(p["wave"]), p["wave"]) for d, p in shown]
    ceiling = synthetic.TOP
    drawn = plot.lines(series, x, y, f"Samples around the largest peak, cut {cut}", ("ms", "full scale = 1"), zero=0,
                       rules=[("ceiling", ceiling), ("ceiling", -ceiling)])
    return figure(drawn, "The largest peak of the left channel, 8 ms: what is driven in (dotted) and what comes out.",
                  legend(result, [d for d, _ in shown], [("driven", "driven input"), ("ceiling", "ceiling")]))


def made_figures(result):
    found = {key: value["pictures"] for key, value in result["synthetic"].items() if key in IN_LINES}
    out = ""
    spectra = {k: p["thd_50"] for k, p in found.items() if "thd_50" in p}
    if spectra:
        n = len(next(iter(spectra.values())))
        hz = [2 * i * synthetic.RATE / synthetic.GRID for i in range(n)]
        x, y = plot.Axis(0, 650), plot.Axis(-160, 0, ticks=[0, -40, -80, -120, -160])
        order = sorted(spectra, key=IN_LINES.index, reverse=True)
        drawn = plot.lines([(css_class(k), hz, spectra[k]) for k in order], x, y, "Spectrum of a limited 50 Hz tone",
                           ("Hz", "dB"))
        out += figure(drawn, "A 50 Hz tone driven 6 dB over the ceiling: all beside the first line is distortion.",
                      legend(result, order))
    curves = {k: p["recovery_ms"] for k, p in found.items() if "recovery_ms" in p and k != "clip"}
    if curves:
        n = len(next(iter(curves.values())))
        ms = [i * 1000 * round(synthetic.STEP_S * synthetic.RATE) / synthetic.RATE - 20 for i in range(n)]
        x, y = plot.Axis(-20, 250), plot.Axis(-7, 1)
        order = sorted(curves, key=IN_LINES.index, reverse=True)
        drawn = plot.lines([(css_class(k), ms, curves[k]) for k in order], x, y, "Gain around a 50 ms burst",
                           ("ms", "dB"), zero=0)
        out += figure(drawn, "Gain around a 50 ms burst, 6 dB over: how soon the limiter lets go.",
                      legend(result, order))
    return out


def made_table(result):
    found = result["synthetic"]
    out = ['<div class="scroll" tabindex="0"><table class="made"><thead><tr><th>Signal' +
           "".join(f"<th>{escape(title_of(result, key))}" for key in found) + "</tr></thead><tbody>"]
    for key, words, unit in synthetic.ROWS:
        values = [value["rows"].get(key) for value in found.values()]
        best = min(v for v in values if v is not None)
        out.append(f'<tr><td class="words">{escape(words)}, {unit}' +
                   "".join(f'<td{" class=lead" if v == best else ""}>{table.number(v)}' for v in values) + "</tr>")
    return "".join(out) + "</tbody></table></div>"


def verdict_line(result):
    count = lambda status: sum(v["status"] == status for v in result["bars"])
    words, name = f"{count('pass')} bars met", "pass"
    if count("FAIL"):
        words, name = f"{count('FAIL')} of {len(result['bars'])} bars missed", "fail"
    not_run = count("not run")
    line = f'<p><span class="verdict {name}">{words}</span>'
    if not_run:
        line += f'<span class="verdict notrun">{not_run} not run</span>'
    return line + "</p>"


def music(result):
    out = ""
    for group, words in (("six", "Six cuts of dense free music"), ("others", "Cuts of songs nobody tuned on")):
        if not any(cut["group"] == group for cut in result["cuts"]):
            continue
        out += f"<h2>{words}</h2><p class=quiet>12 s each, driven to the same loudness, -1 dBTP held by all. " \
               "Bold leads. Least ODG, pre, image and dBTP are the worst, the rest means.</p>"
        for target in sorted(result["targets"], reverse=True):
            out += f"<h3>{target:g} LUFS</h3>" + figures_table(result, group, target)
            out += dots_figure(result, group, target, "nmr",
                               ("Noise to mask ratio", "NMR, dB: further left is cleaner"), 5)
            if group == "six":
                out += dots_figure(result, group, target, "odg",
                                   ("Grade by PEAQ", "ODG: further right is cleaner"), 0.5)
            if group == "others":
                out += lead_figure(result, group, target)
    return out


def make(result):
    """The page as a string."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "style.css"), encoding="utf-8") as file:
        style = file.read().split("*/\n", 1)[1]
    absent = "".join(f"<li><b>{escape(what)}</b>: {escape(why)}" for what, why in result["absent"].items())
    judge_name = "our own judge" if result["judge"] == "own" else result["judge"]
    kinds = {cut["name"]: cut["title"] for cut in result["cuts"]}
    closer = "".join(f"<h3>Cut {escape(cut)}, {escape(kinds.get(cut, ''))}, -9 LUFS</h3>" +
                     gain_figure(result, cut, items) + wave_figure(result, cut, items) +
                     residual_figure(result, cut, items)
                     for cut, items in pictured(result).items())
    who = "".join(f'<li>{escape(d["title"])} {"" if d["is_ours"] else escape(d["version"])}: {escape(d["settings"])}'
                  for d in result["drivers"])
    return ('<!doctype html><html lang="en"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            '<title>Limiters at equal loudness</title>'
            f"<style>{style}</style><h1>Limiters at equal loudness and equal true peak</h1>"
            f'<p class="quiet">{escape(result["date"])}, {len(result["cuts"])} cuts, NMR and residual by '
            f'{escape(judge_name)}, {result["wall_s"]} s</p>' + verdict_line(result) +
            (f"<h2>Not run</h2><ul>{absent}</ul>" if absent else "") + "<h2>Bars</h2>" + bars_table(result) +
            music(result) + (f"<h2>A closer look</h2>{closer}" if closer else "") +
            (f"<h2>Made signals</h2>{made_table(result)}{made_figures(result)}" if result["synthetic"] else "") +
            "<h2>Words</h2><ul>" + "".join(f"<li><b>{escape(w)}</b>: {escape(m)}" for w, m in GLOSSARY) + "</ul>" +
            f"<details><summary>Limiters and settings</summary><ul>{who}</ul></details></html>\n")
