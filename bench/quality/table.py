# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The result as text."""
import math

from . import bars
from .synthetic import ROWS

COLUMNS = [("nmr", "NMR"), ("over_share", "over %"), ("residual", "resid"), ("residual_k", "res K"), ("nmr_t", "NMR t"),
           ("odg", "ODG"), ("odg_least", "least"), ("bass", "bass"), ("pre_echo", "pre"), ("image_shift", "image"),
           ("drive", "drive"), ("psr", "PSR"), ("true_peak", "dBTP"), ("x_realtime", "x real"), ("renders", "n")]
LARGEST, LEAST = {"pre_echo", "image_shift", "true_peak"}, {"odg_least": "odg"} # the others are means


def number(value, digits=2):
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if value in (-math.inf, math.inf):
        return "exact" if value < 0 else "inf"
    return f"{round(value, digits) + 0.0:.{digits}f}" # + 0.0: no minus before zero


def combine(rows, key):
    """One figure for many cuts."""
    values = [row.get(LEAST.get(key, key)) for row in rows]
    values = [value for value in values if value is not None and not math.isnan(value)]
    if not values:
        return None
    if key in LARGEST:
        return max(values)
    if key in LEAST:
        return min(values)
    return (100 if key == "over_share" else 1) * bars.mean(bars.clamp(v) if key == "nmr" else v for v in values)


def summary(result, group, target):
    """[(driver, cuts, reached, held, [figures])] in table order."""
    lines = []
    for driver in result["drivers"]:
        own = bars.pick(result["rows"], group=group, target=target, driver=driver["key"])
        if own:
            lines.append((driver, len(own), sum(r["is_reached"] for r in own), sum(r["holds"] for r in own),
                          [combine(own, key) for key, _ in COLUMNS]))
    return lines


def show(result):
    titles = {driver["key"]: driver["title"] for driver in result["drivers"]}
    for group, words in (("six", "Six cuts"), ("others", "Unseen cuts")):
        for target in result["targets"]:
            lines = summary(result, group, target)
            if not lines:
                continue
            print(f"\n{words}, {target:g} LUFS, -1 dBTP held (means; least ODG; pre, image, dBTP worst)")
            print("%-24s %7s" % ("", "reached") + "".join("%8s" % title for _, title in COLUMNS))
            for driver, n, reached, held, figures in lines:
                print("%-24s %7s" % (driver["title"], f"{reached}/{n}") + "".join("%8s" % number(v) for v in figures) +
                      ("" if held == n else f"  ceiling missed on {n - held}"))
    if result["synthetic"]:
        print("\nMade signals")
        print("%-58s" % "" + "".join("%10.10s" % key for key in result["synthetic"]))
        for key, title, unit in ROWS:
            print("%-58s" % f"{title}, {unit}" +
                  "".join("%10s" % number(found["rows"].get(key), 2) for found in result["synthetic"].values()))
    print("\n%-12s %-58s %10s %10s  %-8s %s" % ("bars", "", "measured", "bar", "", "leads"))
    absent = bars.unmeasured(result["bars"])
    for v in result["bars"]:
        if v["role"] in absent:
            continue
        sign = "<=" if v["is_lower_better"] else ">="
        leads = titles.get(v["leader"], v["leader"])
        print("%-12s %-58s %10s %2s %7s  %-8s %s" % (bars.ROLES[v["role"]], v["title"], number(v["value"]), sign,
                                                      number(v["limit"]), v["status"], leads or v["note"]))
    for role, n in sorted(absent.items()):
        print("%-12s none of its %d bars was measured" % (bars.ROLES[role], n))
    count = lambda status: sum(v["status"] == status for v in result["bars"])
    print(f"{count('pass')} bars met, {count('FAIL')} missed, {count('not run')} not run")
    for what, why in result["absent"].items():
        print(f"NOT RUN: {what}: {why}")
