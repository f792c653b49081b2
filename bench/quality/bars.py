# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What must hold, and whether it does.

The absolute figures of the six cuts come from prototypes of the offline limiter; the leads are over the best packaged
limiter, x42 dpl with 10 ms release, in the same run. A bar that could not be measured is "not run", never passed.
"""
import math

RIVAL = "x42-10"
INAUDIBLE_NMR = -60.0 # below this both are perfect and a lead says nothing
NAMES = {"nmr": "NMR", "residual": "residual", "drive": "drive"}
ROLES = {"realtime": "real-time", "offline": "gain only", "best": "with clipper"}
# role: {target: (NMR, residual, drive)} on the six cuts, means, -1 dBTP held
SIX = {"offline": {-9: (-22.7, -25.3, 11.3), -7: (-15.0, -19.7, 14.0)},
       "best": {-9: (-23.2, -26.0, 11.25), -7: (-15.8, -20.7, 13.7)}}
# role: {target: (least mean, least)} ODG of PEAQ on the six cuts, from prototypes as well
GRADES = {role: {-9: (-0.15, -0.35), -7: (-0.42, -1.1)} for role in ("offline", "best")}
# role: {target: least mean lead in NMR over RIVAL}
LEADS = {"realtime": {-11: 0.0, -9: 0.0, -7: 0.0}, "offline": {-11: 4.0, -9: 3.5, -7: 3.5},
         "best": {-11: 4.0, -9: 4.5, -7: 4.5}}
SPEED = {"realtime": 200.0, "offline": 60.0, "best": 10.0}
SYNTHETIC = {"thd_50": -60.0, "thd_bass": -60.0, "smpte": -60.0, "thdn_997": -130.0, "recovery_ms": 15.0,
             "torture_db": 0.03, "null_db": -math.inf, "pre_echo_hits": 3.0}
PRE_ECHO_DB, IMAGE_DB, HELD_DB = 3.0, 0.5, 0.03


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else math.nan


def pick(rows, **wanted):
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def clamp(nmr):
    return max(nmr, INAUDIBLE_NMR)


def pairs(rows, group, target, driver):
    """[(ours, rival)] on the cuts that both drove to the loudness."""
    rivals = {row["cut"]: row for row in pick(rows, group=group, target=target, driver=RIVAL) if row["is_reached"]}
    return [(row, rivals[row["cut"]]) for row in pick(rows, group=group, target=target, driver=driver)
            if row["is_reached"] and row["cut"] in rivals]


class Sheet:
    """Collects verdicts in the order of the table."""

    def __init__(self, rows, synthetic):
        self.rows, self.synthetic, self.verdicts = rows, synthetic, []

    def add(self, role, title, value, limit, unit, is_lower_better=True, leader="", note=""):
        if value is None or (isinstance(value, float) and math.isnan(value)):
            status = "not run"
        elif is_lower_better:
            status = "pass" if value <= limit else "FAIL"
        else:
            status = "pass" if value >= limit else "FAIL"
        self.verdicts.append(dict(role=role, title=title, value=value, limit=limit, unit=unit, status=status,
                                  is_lower_better=is_lower_better, leader=leader, note=note))

    def leader(self, group, target, key, best=min):
        """Who has the best mean among those that reached the loudness everywhere and hold the ceiling."""
        means = {}
        for driver in {row["driver"] for row in self.rows}:
            own = pick(self.rows, group=group, target=target, driver=driver)
            if own and all(row["is_reached"] and row["holds"] for row in own):
                means[driver] = mean(clamp(row[key]) if key == "nmr" else row[key] for row in own)
        return best(means, key=means.get) if means else ""

    def six(self, role):
        for target, limits in SIX.get(role, {}).items():
            own = pick(self.rows, group="six", target=target, driver=role)
            own = own if len(own) == 6 else [] # the figures are means of all six
            for key, limit in zip(NAMES, limits):
                self.add(role, f"six cuts, {target:g} LUFS: {NAMES[key]}", mean(row[key] for row in own), limit, "dB",
                         leader=self.leader("six", target, key))

    def grades(self, role):
        for target, (limit_mean, limit_worst) in GRADES.get(role, {}).items():
            own = pick(self.rows, group="six", target=target, driver=role)
            own = [row["odg"] for row in own] if len(own) == 6 else []
            self.add(role, f"six cuts, {target:g} LUFS: ODG (PEAQ)", mean(own), limit_mean, "", False,
                     leader=self.leader("six", target, "odg", max))
            self.add(role, f"six cuts, {target:g} LUFS: ODG of the worst cut", min(own, default=math.nan), limit_worst,
                     "", False)

    def leads(self, role, group, target, limit):
        both = pairs(self.rows, group, target, role)
        where = {"six": "six cuts", "others": "unseen cuts"}[group] + f", {target:g} LUFS"
        lead = [clamp(rival["nmr"]) - clamp(own["nmr"]) for own, rival in both]
        note = f"cuts: {len(both)}" + (f", smallest {min(lead):+.2f}" if lead else "")
        self.add(role, f"{where}: NMR lead over x42 10 ms", mean(lead), limit, "dB", False, note=note)
        if role != "realtime": # the real-time form owes a lead on the whole, not on every cut
            behind = float(sum(value < 0 for value in lead)) if both else math.nan
            self.add(role, f"{where}: cuts behind x42 10 ms", behind, 0.0, "")
            more = mean(own["drive"] - rival["drive"] for own, rival in both)
            self.add(role, f"{where}: more drive than x42 10 ms", more, 0.0, "dB")

    def common(self, role):
        """What holds on every cut of every target."""
        own = pick(self.rows, driver=role)
        worst = lambda key: max((row[key] for row in own), default=math.nan)
        missed = float(sum(not row["is_reached"] for row in own)) if own else math.nan
        self.add(role, "all cuts: loudness not reached", missed, 0.0, "")
        self.add(role, "all cuts: worst true peak over the ceiling", worst("true_peak") + 1.0, HELD_DB, "dB")
        self.add(role, "all cuts: rise 5 to 20 ms before onsets", worst("pre_echo"), PRE_ECHO_DB, "dB")
        self.add(role, "all cuts: left moved against right over 50 ms", worst("image_shift"), IMAGE_DB, "dB")
        bass = [(a["bass"], b["bass"]) for t in (-9, -7) for g in ("six", "others") for a, b in
                pairs(self.rows, g, t, role) if not math.isnan(a["bass"] + b["bass"])]
        self.add(role, "bass frames, -9 and -7: distortion against x42 10 ms", mean(a - b for a, b in bass), 0.0, "dB")
        timed = pairs(self.rows, "six", -9, role) + pairs(self.rows, "others", -9, role)
        self.add(role, "second judge (time), -9: lead over x42 10 ms", mean(b["nmr_t"] - a["nmr_t"] for a, b in timed),
                 0.0, "dB", False)
        speeds = sorted(row["x_realtime"] for row in own if row["x_realtime"])
        self.add(role, "speed, median", speeds[len(speeds) // 2] if speeds else math.nan, SPEED[role], "x", False)

    def made_signals(self, role):
        from .synthetic import ROWS
        for key, title, unit in ROWS:
            found = {d: s["rows"][key] for d, s in self.synthetic.items() if key in s["rows"]}
            best = [d for d in found if found[d] == min(found.values())]
            if key in SYNTHETIC:
                self.add(role, title, found.get(role), SYNTHETIC[key], unit, leader=" ".join(best[:4]))


def unmeasured(verdicts):
    """{role: how many bars} of the roles of which nothing was measured: one line says it."""
    roles = {v["role"] for v in verdicts}
    return {role: sum(v["role"] == role for v in verdicts) for role in roles
            if all(v["status"] == "not run" for v in verdicts if v["role"] == role)}


def evaluate(rows, synthetic, roles, groups, targets):
    """List of verdicts for the roles of ours that were asked for."""
    sheet = Sheet(rows, synthetic)
    for role in roles:
        if role not in LEADS:
            continue # a variant by --ours: in the tables, without bars
        if "six" in groups:
            sheet.six(role)
            sheet.grades(role)
        for group in groups:
            for target in targets:
                if target in LEADS[role]:
                    sheet.leads(role, group, target, LEADS[role][target])
        sheet.common(role)
        sheet.made_signals(role)
    return sheet.verdicts
