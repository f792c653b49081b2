# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The drive that gives a cut its loudness while the true peak holds, found with few renders.

Secant search on the drive. The first slope and drive come from what the same limiter needed elsewhere (`Memory`). While
the loudness is being found, the ceiling is lowered by what the judge of true peak finds over it.
"""
import os
import subprocess

from .drivers import run

HIGHEST_DRIVE_DB = 40.0
LEAST_SLOPE, MOST_SLOPE = 0.12, 1.5
CEILING_DBTP, OVER_DB = -1.0, 0.03 # what counts as holding the ceiling
REACHED_LU = 0.06 # further from the target than this is not the same loudness


class Memory:
    """Drives, ceilings and slopes seen so far; starts the next search near its end."""

    def __init__(self, hints=None):
        self.hints = dict(hints or {}) # "driver|cut|target": [drive, ceiling, slope]

    @staticmethod
    def name(driver, cut, target):
        return f"{driver}|{cut}|{target:g}"

    def start(self, driver, cut, target):
        """(drive, ceiling, slope) to begin with."""
        known = self.hints.get(self.name(driver, cut, target))
        if known:
            return known
        same_driver = [v for k, v in self.hints.items() if k.startswith(driver + "|") and k.endswith(f"|{target:g}")]
        slope = sum(v[2] for v in same_driver) / len(same_driver) if same_driver else 0.85 if target < -10 else 0.6
        ceiling = max((v[1] for v in same_driver), default=CEILING_DBTP)
        others = sorted(v[0] for k, v in self.hints.items() if k.endswith(f"|{cut}|{target:g}"))
        if others: # the others needed about as much on this cut
            return others[len(others) // 2], ceiling, slope
        return target + 20 + max(0.0, target + 12) * 0.6, ceiling, slope

    def keep(self, driver, cut, target, found):
        self.hints[self.name(driver, cut, target)] = found


def measure(program, path):
    """(LUFS, dBTP, dBFS)."""
    return tuple(float(v) for v in run([program, path]).split())


def _next_slope(points, slope):
    """From the last two renders, if they say anything; a lowered ceiling between them blurs little."""
    (drive_a, lufs_a), (drive_b, lufs_b) = points[-2:]
    if abs(drive_b - drive_a) < 0.02:
        return slope
    return min(max((lufs_b - lufs_a) / (drive_b - drive_a), LEAST_SLOPE), MOST_SLOPE)


def solve(driver, cut_name, source, target, memory, measurer, out, tolerance_lu=0.02, most_renders=12):
    """Renders to `out` until loudness and true peak are right, or as near as they come. Returns a dict."""
    drive, ceiling, slope = memory.start(driver.key, cut_name, target)
    points, speeds, best = [], [], None
    for _ in range(most_renders):
        speed = driver.render(source, out, drive, ceiling)
        lufs, true_peak, sample_peak = measure(measurer, out)
        points.append((drive, lufs))
        speeds.append(speed)
        miss, over = target - lufs, true_peak - CEILING_DBTP
        best = dict(drive=drive, ceiling=ceiling, lufs=lufs, true_peak=true_peak, sample_peak=sample_peak)
        if len(points) > 1:
            slope = _next_slope(points, slope)
        if abs(miss) <= tolerance_lu and over <= OVER_DB:
            break
        if over > OVER_DB and abs(miss) < 0.5: # far from the loudness the overs are others
            ceiling -= over + 0.005
            miss += 0.6 * (over + 0.005) # a lower ceiling costs about as much loudness
        wanted = min(max(drive + min(max(miss / slope, -8.0), 8.0), driver.lowest_drive_db), HIGHEST_DRIVE_DB)
        if wanted == drive and over <= OVER_DB:
            break # at its end
        drive = wanted
    is_reached = abs(target - best["lufs"]) <= REACHED_LU
    if is_reached:
        memory.keep(driver.key, cut_name, target, [best["drive"], best["ceiling"], slope])
    best.update(is_reached=is_reached, holds=best["true_peak"] <= CEILING_DBTP + OVER_DB, renders=len(points),
                x_realtime=sorted(s for s in speeds if s)[len(speeds) // 2] if all(speeds) else None)
    return best


def remove(path):
    if os.path.exists(path):
        os.remove(path)


def has_program(command):
    return subprocess.run(["sh", "-c", f"command -v {command}"], stdout=subprocess.DEVNULL, check=False).returncode == 0
