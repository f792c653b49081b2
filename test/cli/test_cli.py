#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line as people and scripts meet it: exit codes, messages, JSON, and what happens to files.

usage: test_cli.py LACQUER [NAME...]"""

import hashlib
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import wav

LACQUER = os.path.abspath(sys.argv[1])
ONLY = sys.argv[2:]
WORK = tempfile.mkdtemp(prefix="lacquer-cli-")
SLOW = float(os.environ.get("LACQUER_TEST_SLOWNESS", "1"))
MUSIC = wav.music(3)
cases = []


def case(function):
    cases.append(function)
    return function


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)


def run(*args, stdin=None, user=None, env=None):
    command = [LACQUER] + [str(a) for a in args]
    preexec = (lambda: os.setuid(user)) if user is not None else None
    environment = dict(os.environ, **(env or {}))
    done = subprocess.run(command, input=stdin, capture_output=True, timeout=120 * SLOW, preexec_fn=preexec, cwd=WORK, env=environment)
    text = done.stderr.decode(errors="replace")
    if done.returncode < 0 or "Sanitizer" in text:
        raise AssertionError("%s died with %d: %s" % (command, done.returncode, text))
    return Result(done.returncode, done.stdout, text)


def expect(result, code, *words):
    if result.code != code:
        raise AssertionError("exit %d, wanted %d: %s%s" % (result.code, code, result.err, result.out[:300]))
    for word in words:
        if word not in result.err + result.out.decode(errors="replace"):
            raise AssertionError("no %r in: %s" % (word, result.err))
    return result


def path(name):
    return os.path.join(WORK, name)


def mix(name="mix.wav", **options):
    if not os.path.exists(path(name)):
        wav.write(path(name), MUSIC, **options)
    return path(name)


def sha(name):
    with open(name, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def leftovers(folder=WORK):
    return [f for f in os.listdir(folder) if f.endswith(".tmp")]


# --- The main job --------------------------------------------------------------------------------------------------

@case
def master_makes_a_verified_file():
    result = expect(run("master", mix(), "--json", "-f"), 0)
    file = result.json()["files"][0]
    assert result.json()["schema"] == "lacquer.master/1"
    assert file["targets_met"] is True and file["renders"] >= 1
    assert abs(file["output"]["loudness"]["integrated_lufs"] + 14) <= 0.05
    assert file["output"]["loudness"]["true_peak_dbtp"] <= -1 + 0.03
    assert file["output"]["path"] == path("mix.master.wav")
    assert file["sha256"] == sha(path("mix.master.wav"))
    assert all(d["reason"] for d in file["decisions"])
    for key in ("input", "targets", "recipe", "warnings", "seconds"):
        assert key in file, key
    assert file["output"]["format"]["bits"] == 24 and file["output"]["format"]["rate_hz"] == 44100


@case
def a_saved_recipe_renders_the_same_bytes():
    expect(run("master", mix(), "-o", path("a.wav"), "--save-recipe", path("a.json"), "-q"), 0)
    expect(run("render", path("a.json"), mix(), "-o", path("b.wav"), "-q"), 0)
    assert sha(path("a.wav")) == sha(path("b.wav"))
    recipe = json.load(open(path("a.json")))
    assert recipe["schema"] == "lacquer.recipe/1"


@case
def a_missed_target_is_said():
    expect(run("master", mix(), "-o", path("loud.wav"), "--loudness", "-4", "--max-limiting", "1"), 5, "TARGET_LIMITED")
    assert os.path.exists(path("loud.wav"))
    recipe = {"schema": "lacquer.recipe/1", "target": {"integrated_lufs": -9, "true_peak_dbtp": -1}, "chain": []}
    json.dump(recipe, open(path("missed.json"), "w"))
    expect(run("render", path("missed.json"), mix(), "-o", path("missed.wav")), 5)


@case
def quality_chooses_the_limiter():
    def chain(*options):
        result = expect(run("master", mix(), "-n", "-f", "--loudness", "-10", "--json", *options), 0).json()["files"][0]
        return {entry["processor"]: entry["parameters"] for entry in result["recipe"]["chain"]}

    assert chain()["limiter"]["solver"] == "offline" and "clipper" not in chain()
    assert chain("--quality", "fast")["limiter"]["solver"] == "realtime"
    best = chain("--quality", "best")
    assert best["limiter"]["quality"] == "best" and best["clipper"]["drive_db"] == best["limiter"]["drive_db"]
    assert chain("--set", "limiter.solver=realtime")["limiter"]["solver"] == "realtime"
    expect(run("master", mix(), "-n", "--quality", "good"), 2, "fast, standard and best")


@case
def every_container_and_width():
    for name, bits, shown in (("o.wav", "16", 16), ("o.flac", "24", 24), ("o.aiff", "16", 16), ("o2.wav", "32f", 32)):
        expect(run("master", mix(), "-o", path(name), "--bits", bits, "-q"), 0)
        info = expect(run("analyze", path(name), "--json"), 0).json()["files"][0]["format"]
        assert info["bits"] == shown and info["frames"] == len(MUSIC), info


@case
def rate_conversion_is_said_and_done():
    result = expect(run("master", mix(), "--for", "cd", "--rate", "48k", "-o", path("r.wav"), "--json"), 0)
    file = result.json()["files"][0]
    assert file["output"]["format"]["rate_hz"] == 48000
    wav.write(path("hi.wav"), wav.music(2, rate=96000), rate=96000, bits=24)
    result = expect(run("master", path("hi.wav"), "--for", "cd", "-o", path("cd.wav"), "--json"), 0, "RATE_CHANGED")
    assert result.json()["files"][0]["output"]["format"]["bits"] == 16


@case
def mono_stays_mono():
    wav.write(path("mono.wav"), wav.music(2, channels=1))
    file = expect(run("master", path("mono.wav"), "--json"), 0).json()["files"][0]
    assert file["output"]["format"]["channels"] == 1


@case
def set_values_win_and_are_recorded():
    result = expect(run("master", mix(), "-o", path("s.wav"), "--set", "equalizer.band1_type=bell", "--set",
                        "equalizer.band1_hz=300", "--set", "equalizer.band1_db=-2", "--json"), 0)
    decisions = result.json()["files"][0]["decisions"]
    mine = [d for d in decisions if d["set_by"] == "person" and d["parameter"] == "band1_db"]
    assert mine and mine[0]["value"] == -2
    expect(run("master", mix(), "-o", path("s2.wav"), "--set", "equalizer.band1_dbb=1"), 2, "band1_db")
    expect(run("master", mix(), "-o", path("s2.wav"), "--set", "equaliser.band1_db=1"), 2, "equalizer")
    expect(run("master", mix(), "-o", path("s2.wav"), "--set", "equalizer.band1_db=900"), 2)
    expect(run("master", mix(), "-o", path("s2.wav"), "--set", "equalizer.band1_db=nan"), 2)
    assert not os.path.exists(path("s2.wav"))


@case
def presets_come_after_recipes_and_before_the_assistant():
    def preset(id, db):
        chain = [{"processor": "equalizer", "id": "shape", "parameters": {"band1_type": "bell", "band1_hz": 500, "band1_db": db}}]
        document = {"schema": "lacquer.preset/1", "id": id, "version": 1, "title": id, "purpose": "For a test.",
                    "description": "Two of them.", "chain": chain}
        json.dump(document, open(path(id + ".json"), "w"))
        return ["--preset", path(id + ".json")]

    def shape_db(*options):
        recipe = expect(run("master", mix(), "-n", "-f", "--json", *options), 0).json()["files"][0]["recipe"]
        return [e["parameters"]["band1_db"] for e in recipe["chain"] if e["id"] == "shape"]

    one, two = preset("one", 1), preset("two", 2)
    assert shape_db(*one) == [1] and shape_db(*one, *two) == [2] and shape_db(*two, *one) == [1]
    assert shape_db(*one, "--set", "shape.equalizer.band1_db=3") == [3]
    expect(run("master", mix(), "-o", path("pr.wav"), *one, "--save-recipe", path("with-one.json"), "-f", "-q"), 0)
    assert shape_db(*two, "--recipe", path("with-one.json")) == [1]
    said = expect(run("master", mix(), "-n", "-f", "--preset", "open-top", "--json"), 0).json()["files"][0]["decisions"]
    assert any(d["set_by"] == "preset" and d["evidence"].startswith("Preset open-top") for d in said)
    file = expect(run("master", mix(), "-n", "-f", "--preset", "gentle-glue", "--json"), 0).json()["files"][0]
    chain = file["recipe"]["chain"]
    ids = [entry["id"] for entry in chain]
    assert ids.index("staging") < ids.index("glue") < ids.index("limiter"), ids
    staged_db = chain[ids.index("staging")]["parameters"]["db"]
    assert abs(staged_db - (-18 - file["input"]["loudness"]["integrated_lufs"])) < 0.006, staged_db
    expect(run("master", mix(), "-n", "-f", "--preset", "open-tip"), 2, "Did you mean open-top?")
    expect(run("master", mix(), "-n", "-f", "--preset", path("none.json")), 3, "none.json")
    open(path("broken.json"), "w").write("{")
    expect(run("master", mix(), "-n", "-f", "--preset", path("broken.json")), 2, "broken.json:1")
    old = json.load(open(path("one.json")))
    old["chain"][0]["revision"] = 99
    json.dump(old, open(path("old.json"), "w"))
    expect(run("master", mix(), "-n", "-f", "--preset", path("old.json")), 0, "RECIPE_REVISION", "revision 99 of equalizer")


@case
def one_bad_preset_of_ones_own_is_left_out():
    own = {"LACQUER_DATA": path("own")}
    os.makedirs(path("own/presets/folder.json"))
    open(path("own/presets/broken.json"), "w").close()
    os.mkfifo(path("own/presets/pipe.json"))
    expect(run("master", mix(), "-n", "-f", "--preset", "open-top", env=own), 0, "PRESET_SKIPPED", "own/presets/broken.json")
    expect(run("list", "presets", env=own), 0, "PRESET_SKIPPED", "warm-tape")
    expect(run("master", mix(), "-n", "-f", "--preset", "broken", env=own), 2, "own/presets/broken.json")
    expect(run("master", mix(), "-n", "-f", "--preset", path("own/")), 3, "INPUT_IS_DIRECTORY", "Name the file inside")


@case
def a_setting_stands_beside_the_assistants_own():
    def chain(*options):
        recipe = expect(run("master", mix(), "-n", "-f", "--json", *options), 0).json()["files"][0]["recipe"]
        return {e["id"]: e["parameters"] for e in recipe["chain"]}

    glued, lifted = chain("--preset", "gentle-glue"), chain("--preset", "gentle-glue", "--set", "gain.db=3")
    assert lifted["gain"]["db"] == 3 and lifted["staging"] == glued["staging"], lifted
    assert {"glue", "gentle"} <= set(chain("--preset", "gentle-glue", "--preset", "acoustic-clarity"))  # both stay
    expect(run("master", mix(), "-n", "-f", "--set", "gain.db=3,5"), 2, "not a number", "with a point")
    expect(run("master", mix(), "-n", "-f", "--set", "compressor.bands=2.5"), 2, "whole numbers")
    json.dump({"schema": "lacquer.recipe/1", "chain": [{"processor": "leveler", "parameters": {"curve": [[-1e308, 3], [1e308, -6]]}}]},
              open(path("wide.json"), "w"))
    expect(run("render", path("wide.json"), mix(), "-o", path("wide.wav")), 2, "/chain/0/parameters/curve", "up to 1000000 s")


@case
def a_loudness_range_is_ridden_to():
    sections = [wav.music(15, rate=8000, level=level) for level in (0.06, 0.2)]
    wav.write(path("sections.wav"), sections[0] + sections[1], rate=8000)

    def ridden(*options):
        options = ("--strength", "0", "--loudness", "-23", "--json", "-f") + options
        file = expect(run("master", path("sections.wav"), *options), 0).json()["files"][0]
        file["ranges"] = [w["code"] for w in file["warnings"] if w["code"].startswith("RANGE_")]
        return file

    plain, down, already = ridden(), ridden("--range", "8"), ridden("--range", "20")
    assert plain["output"]["loudness"]["range_lu"] > 10 and not plain["ranges"]
    assert abs(down["output"]["loudness"]["range_lu"] - 8) < 0.5, down["output"]["loudness"]
    assert any(d["processor"] == "leveler" for d in down["decisions"])
    assert not down["ranges"] and already["ranges"] == ["RANGE_KEPT"]
    assert ridden("--range", "2")["ranges"] == ["RANGE_LIMITED"]
    assert ridden("--range", "8", "--set", "leveler.curve=0:0,9:1")["ranges"] == ["RANGE_KEPT"]
    expect(run("master", path("sections.wav"), "--range", "0"), 2, "--range 0 is out of range", "1 to 30")


@case
def dry_run_writes_nothing():
    before = sorted(os.listdir(WORK))
    result = expect(run("master", mix("dry.wav"), "-n", "--json"), 0)
    assert result.json()["files"][0]["output"] is None
    assert sorted(os.listdir(WORK)) == sorted(set(before) | {"dry.wav"})


@case
def pipes_work():
    data = open(mix(), "rb").read()
    result = expect(run("master", "-", "-o", path("fromstdin.wav"), "-q", stdin=data), 0)
    expect(run("master", mix(), "-o", path("plain.wav"), "-q"), 0)
    assert sha(path("fromstdin.wav")) == sha(path("plain.wav"))
    result = expect(run("master", mix(), "-o", "-", "-q"), 0)
    assert hashlib.sha256(result.out).hexdigest() == sha(path("plain.wav"))


@case
def batch_goes_on_after_a_bad_file():
    os.makedirs(path("out"), exist_ok=True)
    open(path("bad.wav"), "wb").write(b"not audio")
    result = expect(run("master", mix(), path("bad.wav"), path("gone.wav"), "-o", path("out"), "--json"), 6, "1 of 3 mastered")
    files = result.json()["files"]
    assert files[0]["targets_met"] and files[1]["error"]["code"] and files[2]["error"]["code"]
    assert os.listdir(path("out")) == ["mix.master.wav"]


@case
def a_batch_never_loses_a_master():
    for folder in ("one", "two"):
        os.makedirs(path(folder), exist_ok=True)
        shutil.copy(mix(), path(folder + "/song.wav"))
    expect(run("master", path("one/song.wav"), path("two/song.wav"), "-o", path("fresh"), "-f"), 2, "would both become")
    assert not os.path.exists(path("fresh"))
    expect(run("master", path("one/song.wav"), path("one/song.flac")), 2, "would both become")
    shutil.copy(mix(), path("other.wav"))
    expect(run("master", mix(), path("other.wav"), "-o", path("fresh"), "-q"), 0)  # the folder is made
    assert sorted(os.listdir(path("fresh"))) == ["mix.master.wav", "other.master.wav"]


@case
def one_signal_stops_a_job_that_waits():
    os.mkfifo(path("nobody.wav"))
    for args in (("analyze", path("nobody.wav")), ("master", mix(), "-o", path("nobody.wav"), "-f"), ("analyze", "/dev/zero")):
        process = subprocess.Popen([LACQUER, *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.5 * SLOW)
        process.terminate()
        assert process.wait(timeout=2 + 3 * SLOW) == 143, args


@case
def paths_cannot_command_the_terminal():
    shutil.copy(mix(), path("e\x1b[31m\nv.wav"))
    result = expect(run("analyze", path("e\x1b[31m\nv.wav"), env={"NO_COLOR": "1"}), 0)
    assert b"\x1b" not in result.out and "\x1b" not in result.err


@case
def a_lost_result_is_noticed():
    if os.path.exists("/dev/full"):
        with open("/dev/full", "w") as full:
            done = subprocess.run([LACQUER, "list", "processors"], stdout=full, stderr=subprocess.DEVNULL, timeout=60)
        assert done.returncode == 4


# --- Odd inputs ----------------------------------------------------------------------------------------------------

@case
def odd_inputs_have_their_code_and_message():
    open(path("empty.wav"), "wb").close()
    random.seed(7)
    open(path("random.wav"), "wb").write(bytes(random.randrange(256) for _ in range(5000)))
    open(path("text.wav"), "w").write("hello " * 100)
    wav.write(path("noframes.wav"), [])
    wav.write(path("silent.wav"), [(0.0, 0.0)] * 44100)
    wav.write(path("three.wav"), [(0.1, 0.2, 0.3)] * 4000)
    wav.write(path("nan.wav"), [(float("nan"), float("inf"))] * 4000, bits=32)
    os.makedirs(path("folder.wav"), exist_ok=True)
    table = [("missing.wav", "INPUT_MISSING"), ("empty.wav", "INPUT_"), ("random.wav", "INPUT_"), ("text.wav", "INPUT_"),
             ("noframes.wav", "INPUT_EMPTY"), ("silent.wav", "INPUT_SILENT"), ("three.wav", "INPUT_CHANNELS"),
             ("nan.wav", "INPUT_NONFINITE"), ("folder.wav", "INPUT_IS_DIRECTORY")]
    for name, code in table:
        expect(run("master", path(name), "-o", path("odd-out.wav")), 3, code, name)
        assert not os.path.exists(path("odd-out.wav")), name
    assert not leftovers()


@case
def analyze_takes_what_can_be_measured():
    wav.write(path("silent.wav"), [(0.0, 0.0)] * 44100)
    file = expect(run("analyze", path("silent.wav"), "--json"), 0).json()["files"][0]
    assert file["loudness"]["integrated_lufs"] is None
    open(path("bad2.wav"), "wb").write(b"RIFF")
    result = expect(run("analyze", path("bad2.wav"), mix(), "--json"), 6)
    assert "error" in result.json()["files"][0] and "loudness" in result.json()["files"][1]


@case
def truncated_is_used_with_a_warning():
    wav.write(path("cut.wav"), MUSIC[:88200], claim=len(MUSIC) * 4)
    result = expect(run("master", path("cut.wav"), "--json"), 0, "INPUT_TRUNCATED")
    assert result.json()["files"][0]["output"]["format"]["frames"] == 88200


@case
def a_header_that_claims_gigabytes():
    wav.write(path("huge.wav"), MUSIC[:88200], claim=0xFFFFFF00)
    result = expect(run("master", path("huge.wav"), "--json"), 0, "INPUT_TRUNCATED")
    assert result.json()["files"][0]["output"]["format"]["frames"] == 88200


@case
def some_nonfinite_samples_are_replaced():
    frames = list(wav.music(2))
    for k in range(100, 150):
        frames[k * 100] = (float("nan"), float("-inf"))
    wav.write(path("somenan.wav"), frames, bits=32)
    expect(run("master", path("somenan.wav"), "-o", path("somenan.master.wav")), 0, "NONFINITE")


@case
def one_frame_and_short_files_get_a_level_only_master():
    wav.write(path("one.wav"), [(0.5, -0.5)])
    expect(run("master", path("one.wav"), "-o", path("one.master.wav")), 5)
    assert os.path.exists(path("one.master.wav"))
    wav.write(path("short.wav"), MUSIC[:10000])
    expect(run("master", path("short.wav"), "-o", path("short.master.wav")), 5)
    wav.write(path("quiet.wav"), [(1e-5, 1e-5), (-1e-5, -1e-5)] * 30000, bits=24)
    expect(run("master", path("quiet.wav"), "-o", path("quiet.master.wav")), 5)


@case
def extreme_rates():
    for rate in (8000, 384000):
        wav.write(path("rate.wav"), wav.music(0.8 if rate > 100000 else 3, rate=rate), rate=rate, bits=24)
        result = expect(run("master", path("rate.wav"), "-f", "-o", path("rate.master.wav"), "--json"), 0)
        assert result.json()["files"][0]["output"]["format"]["rate_hz"] == rate


# --- Outputs -------------------------------------------------------------------------------------------------------

@case
def existing_outputs_are_kept():
    open(path("keep.wav"), "w").write("precious")
    expect(run("master", mix(), "-o", path("keep.wav")), 4, "OUTPUT_EXISTS")
    assert open(path("keep.wav")).read() == "precious"
    open(path("keep.html"), "w").write("precious")
    expect(run("master", mix(), "-o", path("new1.wav"), "--report", path("keep.html")), 4, "OUTPUT_EXISTS")
    assert open(path("keep.html")).read() == "precious" and not os.path.exists(path("new1.wav"))
    expect(run("master", mix(), "-o", path("keep.wav"), "-f", "-q"), 0)
    assert open(path("keep.wav"), "rb").read(4) == b"RIFF"


@case
def two_outputs_never_share_a_file():
    os.symlink(path("later.wav"), path("later-link.wav"))
    for other in ("later-link.wav", "./later.wav"):
        expect(run("master", mix(), "-o", path("later.wav"), "-f", "--report", other), 2, "OUTPUT_TWICE")
        assert not os.path.exists(path("later.wav"))


@case
def the_input_is_never_written():
    name = mix("self.wav")
    before = sha(name)
    os.symlink(name, path("self-link.wav"))
    os.link(name, path("self-hard.wav"))
    for target in (name, path("self-link.wav"), path("self-hard.wav")):
        expect(run("master", name, "-o", target, "-f"), 4, "OUTPUT_IS_INPUT")
        expect(run("master", path("self-link.wav"), "-o", target, "-f"), 4, "OUTPUT_IS_INPUT")
    expect(run("master", name, "-o", path("fine.wav"), "--save-recipe", name, "-f"), 4)
    expect(run("master", name, "-o", path("fine.wav"), "--report", path("self-link.wav"), "-f"), 4)
    assert sha(name) == before


@case
def targets_that_cannot_be_written():
    expect(run("master", mix(), "-o", path("no/such/folder/x.wav")), 4)
    expect(run("master", mix(), "-o", path("x.ogg")), 2, ".wav")
    expect(run("master", mix(), "-o", path("x.flac"), "--bits", "32f"), 2, "float")
    folder = path("readonly")
    os.makedirs(folder)
    shutil.copy(mix(), path("readable.wav"))
    os.chmod(path("readable.wav"), 0o644)
    os.chmod(WORK, 0o755)
    os.chmod(folder, 0o555)
    nobody = 65534 if os.getuid() == 0 else None
    expect(run("master", path("readable.wav"), "-o", folder + "/x.wav", user=nobody), 4, "OUTPUT_")
    if os.path.exists("/dev/full"):
        expect(run("master", mix(), "-o", "/dev/full", "-f"), 4, "DISK_FULL")
    assert not leftovers(folder)


@case
def links_and_fifos_as_outputs():
    expect(run("master", mix(), "-o", path("plain2.wav"), "-q"), 0)
    open(path("behind.wav"), "w").close()
    os.symlink(path("behind.wav"), path("link-out.wav"))
    expect(run("master", mix(), "-o", path("link-out.wav"), "-f", "-q"), 0)
    assert os.path.islink(path("link-out.wav")) and sha(path("behind.wav")) == sha(path("plain2.wav"))
    os.mkfifo(path("pipe.wav"))
    reader = subprocess.Popen(["sha256sum", path("pipe.wav")], stdout=subprocess.PIPE)
    expect(run("master", mix(), "-o", path("pipe.wav"), "-f", "-q"), 0)
    assert reader.communicate(timeout=60 * SLOW)[0].split()[0].decode() == sha(path("plain2.wav"))


# --- The other commands --------------------------------------------------------------------------------------------

@case
def check_says_what_is_wrong():
    expect(run("master", mix(), "-o", path("c.wav"), "-q", "-f"), 0)
    result = expect(run("check", path("c.wav"), "--for", "streaming,broadcast-ebu", "--json"), 5)
    rows = {f["platform"]: f for f in result.json()["files"]}
    failed = {p: [r["id"] for r in f["rules"] if not r["passed"]] for p, f in rows.items()}
    assert all("seconds" in rule for rule in failed["streaming"]), failed  # a test mix is shorter than a song
    assert any("integrated" in rule for rule in failed["broadcast-ebu"]), failed
    assert all(set(("id", "passed", "measured", "required", "text", "source")) <= set(r) for f in rows.values() for r in f["rules"])
    expect(run("check", mix(), "--for", "spotfy"), 2, "spotify")
    expect(run("check", mix()), 2, "--for")
    clipped = [(max(-1, min(1, 9 * a)), max(-1, min(1, 9 * b))) for a, b in MUSIC]
    wav.write(path("clipped.wav"), clipped)
    expect(run("check", path("clipped.wav"), "--for", "mix"), 5, "clip")


@case
def compare_is_fair():
    expect(run("master", mix(), "-o", path("cmp.wav"), "-q"), 0)
    result = expect(run("compare", mix(), path("cmp.wav"), "--json", "--export", path("listen")), 0)
    document = result.json()
    assert document["schema"] == "lacquer.compare/1" and document["offset_db"] <= 0
    loudness = [expect(run("analyze", document[k], "--json"), 0).json()["files"][0]["loudness"]["integrated_lufs"]
                for k in ("exported_a", "exported_b")]
    assert abs(loudness[0] - loudness[1]) < 0.05, loudness
    expect(run("compare", mix()), 2)


@case
def lists_and_help():
    processors = expect(run("list", "processors", "--json"), 0).json()["processors"]
    assert {"gain", "fade", "equalizer", "limiter"} <= {p["id"] for p in processors}
    platforms = expect(run("list", "platforms", "--json"), 0).json()["platforms"]
    assert {"streaming", "spotify", "cd", "vinyl-premaster", "mix"} <= {p["id"] for p in platforms}
    presets = expect(run("list", "presets", "--json"), 0).json()["presets"]
    assert presets and all(len(p["purpose"]) > 20 and p["chain"] for p in presets)
    assert {"drive_db": 5}.items() <= next(p for p in presets if p["id"] == "warm-tape")["chain"][1]["parameters"].items()
    assert all(p["id"].encode() in expect(run("list", "presets"), 0).out for p in presets)
    expect(run("list", "settings", "--json"), 0).json()
    expect(run("list", "platform"), 2, "platforms")
    for name in ("master", "analyze", "check", "compare", "render", "list", "doctor", "limiter"):
        assert len(expect(run("help", name), 0).out) > 200
    assert run("help", "master").out == run("master", "--help").out
    expect(run("help", "limitr"), 2, "limiter")
    expect(run("--version"), 0, "lacquer")
    expect(run(), 0, "master")


@case
def every_processor_and_preset_explains_itself():
    listed = expect(run("list", "processors"), 0).out.decode()
    for processor in expect(run("list", "processors", "--json"), 0).json()["processors"]:
        words = " ".join(expect(run("help", processor["id"]), 0, processor["title"], "--set").out.decode().split())
        assert processor["id"] in listed.split() and processor["purpose"] in words, processor["id"]
        for parameter in processor["parameters"]:
            number = re.search("[0-9]+", parameter["id"])
            if not number or number[0] == "1": # of bands the first stands for all
                assert parameter["id"] in words and parameter["help"] in words, parameter["id"]
    presets = expect(run("list", "presets", "--json"), 0).json()["presets"]
    assert len(presets) >= 16
    for preset in presets:
        purpose = preset["purpose"]
        assert purpose.endswith(".") and ". " not in purpose and 30 <= len(purpose) <= 160, purpose # one sentence


@case
def a_recipe_of_every_processor_at_its_defaults_changes_no_bit():
    ids = [p["id"] for p in expect(run("list", "processors", "--json"), 0).json()["processors"]]
    samples = lambda name: expect(run("analyze", path(name), "--json"), 0).json()["files"][0]["pcm_sha256"]
    # A real-time limiter cannot know beforehand that it will rest: what goes through it is dithered.
    for solver, dither in (("offline", "tpdf"), ("realtime", "none")):
        chain = [{"processor": id, "parameters": {"solver": solver} if id == "limiter" else {}} for id in ids]
        with open(path("every.json"), "w") as file:
            json.dump({"schema": "lacquer.recipe/1", "output": {"dither": dither}, "chain": chain}, file)
        for rate in (44100, 48000, 96000):
            wav.write(path("quiet.wav"), [(0.5 * a, 0.5 * b) for a, b in MUSIC[:rate]], rate=rate, bits=24)
            expect(run("render", path("every.json"), path("quiet.wav"), "-o", path("same.wav"), "-f", "-q"), 0)
            assert samples("quiet.wav") == samples("same.wav"), (solver, rate)


@case
def doctor_is_well():
    expect(run("doctor"), 0, "ok")


@case
def wrong_usage_is_explained():
    expect(run("mastr", mix()), 2, "master")
    expect(run("master"), 2)
    expect(run("master", mix(), "--loudnes", "-14"), 2, "--loudness")
    expect(run("master", mix(), "--loud", "-14"), 2, "--loudness")
    expect(run("master", mix(), "--loudness", "loud"), 2, "not a number")
    expect(run("master", mix(), "--loudness", "nan"), 2, "not a number")
    expect(run("master", mix(), "--loudness", "-14,5"), 2, "not a number")
    expect(run("master", mix(), "--loudness", "3"), 2, "out of range")
    expect(run("master", mix(), "--ceiling"), 2, "needs a value")
    expect(run("master", mix(), "--bits", "20"), 2, "16, 24 or 32f")
    expect(run("master", mix(), "--rate", "1"), 2)
    expect(run("master", mix(), "--for", "nowhere"), 2, "streaming")
    expect(run("master", mix(), "--json", "-o", "-"), 2)
    expect(run("render", "x.json"), 2)
    expect(run("master", mix(), "-j", "0"), 2)


@case
def bad_recipes_are_refused_with_their_place():
    for text, words in (("{", ["1:"]), ('{"schema":"lacquer.recipe/1"}', ["chain"]),
                        ('{"schema":"lacquer.recipe/1","chain":[{"processor":"gian"}]}', ["/chain/0", "gain"]),
                        ('{"schema":"lacquer.recipe/1","chain":[{"processor":"gain","parameters":{"gain_db":1e9}}]}', ["/chain/0/parameters"]),
                        ('{"schema":"other/1","chain":[]}', ["schema"])):
        open(path("bad.json"), "w").write(text)
        result = expect(run("render", path("bad.json"), mix(), "-o", path("bad-out.wav")), 2, *words)
        assert not os.path.exists(path("bad-out.wav")), text
    expect(run("render", path("none.json"), mix(), "-o", path("bad-out.wav")), 3)


@case
def the_same_file_for_threads_locale_and_environment():
    sums = set()
    for k, env in enumerate(({}, {"LC_ALL": "de_DE.UTF-8"}, {"TZ": "Asia/Tokyo", "HOME": "/nowhere"}, {"LACQUER_CPU": "baseline"})):
        expect(run("master", mix(), "-o", path("same.wav"), "-f", "-q", "-j", 1 + k % 2, env=env), 0)
        sums.add(sha(path("same.wav")))
    assert len(sums) == 1, sums
    long_chain = ("--preset", "warm-tape", "--preset", "gentle-glue", "--preset", "small-room", "--quality", "fast")
    for threads in (1, 2, 4):
        expect(run("master", mix(), "-o", path("same.wav"), "-f", "-q", "-j", threads, *long_chain), 0)
        sums.add(sha(path("same.wav")))
    assert len(sums) == 2, sums


@case
def tags_are_carried_over():
    data = open(mix(), "rb").read()
    info = b"INFO" + b"INAM" + struct.pack("<I", 6) + b"Title\0" + b"IART" + struct.pack("<I", 8) + b"The Band"
    tagged = data + b"LIST" + struct.pack("<I", len(info)) + info
    tagged = tagged[:4] + struct.pack("<I", len(tagged) - 8) + tagged[8:]
    open(path("tagged.wav"), "wb").write(tagged)
    for name in ("t.wav", "t.flac", "t.aiff"):
        expect(run("master", path("tagged.wav"), "-o", path(name), "-q"), 0)
        tags = expect(run("analyze", path(name), "--json"), 0).json()["files"][0]["tags"]
        assert tags.get("TITLE") == "Title" and tags.get("ARTIST") == "The Band", (name, tags)


@case
def the_report_stands_alone():
    expect(run("master", mix(), "-o", path("rep.wav"), "--report", path("rep.html"), "-q"), 0)
    page = open(path("rep.html"), encoding="utf-8").read()
    for word in ("http://", "https://", "<script src", "<link"):
        assert word not in page.replace("http://www.w3.org/2000/svg", ""), word
    assert "LUFS" in page and "dBTP" in page and "<svg" in page
    expect(run("analyze", mix(), "--report", path("ana.html")), 0)


def main():
    failed = []
    chosen = [c for c in cases if not ONLY or c.__name__ in ONLY]
    for function in chosen:
        try:
            function()
            print("ok   " + function.__name__, flush=True)
        except Exception as problem:  # every failure is a line, the rest still runs
            failed.append(function.__name__)
            print("FAIL %s: %s: %s" % (function.__name__, type(problem).__name__, problem), flush=True)
    shutil.rmtree(WORK, ignore_errors=True)
    print("%d passed, %d failed" % (len(chosen) - len(failed), len(failed)))
    return 1 if failed or not chosen else 0


sys.exit(main())
