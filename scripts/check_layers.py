#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the floors of the house: who may include whom (docs/architecture.md), by reading #include lines.

    check_layers.py [ROOT]

Also checked: every C file begins with the two-line SPDX banner, a file includes its own tree as "module/x.h" or
<lacquer/x.h>, and no two files of the tree share a name (test data aside). Test folders, test/,
bench/ and fuzz/ may include anything.
Exit code 1 and one line per fault, "FILE:LINE: what; what to do".
"""

import os
import re
import sys

# What each module may include besides itself. Two readings of the table that stand here and nowhere else:
# - render also uses dsp: its resampler and dither stages are kernels that live there.
# - report takes result structs; those of the modules stand in their public headers, so report may include any
#   <lacquer/x.h> of a floor below it and any x_result.h, and no other private header.
FLOORS = {
    "core": set(),
    "text": {"core"},
    "dsp": {"core"},
    "analysis": {"core", "dsp"},
    "processors": {"core", "dsp"},
    "chain": {"core", "text", "processors"},
    "media": {"core", "text"},
    "targets": {"core", "text", "chain"},
    "render": {"core", "dsp", "analysis", "chain", "media"},
    "profiles": {"core", "text", "analysis"},
    "assistant": {"core", "dsp", "analysis", "chain", "targets", "profiles", "render"},
    "release": {"core", "text", "analysis", "chain", "media", "targets", "render", "assistant"},
    "report": {"core", "text"},
    "master": {"core", "text", "dsp", "analysis", "processors", "chain", "media", "targets", "render", "profiles",
               "assistant", "release", "report"},
    "jobs": {"core", "text", "master"},
}
REPORT_RESULTS = {"analysis", "processors", "chain", "media", "targets", "render", "profiles", "assistant", "release"}

# Through these alone the chain sees the processors.
CHAIN_SEES = {"lacquer/processor.h", "processors/processor_class.h", "processors/registry.h"}

# Programs use the library through its public headers: all of them, or those listed.
PROGRAMS = {
    "cli": None,
    "server": None,
    "plugin": {"core", "processors", "chain", "analysis"},
}

# Public headers whose module has another name.
PUBLIC_MODULE = {"processor": "processors"}

ANYTHING_GOES = {"test", "bench", "fuzz"}
SKIPPED_FOLDERS = {"build", "third_party", "node_modules", "__pycache__"}
# One per folder by nature.
SHARED_NAMES = {"meson.build", "README.md", "CHANGELOG.md", "Makefile", "__init__.py"}

BANNER = ["/* SPDX-FileCopyrightText: 2026 The Lacquer authors\n", " * SPDX-License-Identifier: LGPL-2.1-or-later */\n"]
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def tree_files(root):
    """Paths relative to root, with '/', sorted; hidden folders, build folders and foreign code left out."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name for name in folders
            if not name.startswith(".") and name not in SKIPPED_FOLDERS and not name.startswith("build")
            and not os.path.exists(os.path.join(folder, name, "meson-info")))
        for name in sorted(names):
            yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


def owner_of(path):
    """(kind, module): kind is 'module', 'public', 'program' or None for files that may include anything."""
    parts = path.split("/")
    if ANYTHING_GOES & set(parts[:-1]):
        return None, None
    if parts[0] == "src" and len(parts) > 2:
        return "module", parts[1]
    if parts[:2] == ["include", "lacquer"] and len(parts) == 3:
        return "public", public_module(parts[2])
    if parts[0] in PROGRAMS:
        return "program", parts[0]
    return None, None


def public_module(header):
    stem = header.rsplit(".", 1)[0]
    return PUBLIC_MODULE.get(stem, stem)


def included_module(root, target):
    """The module that an included path belongs to, or None when it is not ours."""
    parts = target.split("/")
    if parts[0] == "lacquer":
        return public_module(parts[-1])
    if len(parts) > 1 and (parts[0] in FLOORS or parts[0] in PROGRAMS):
        return parts[0]
    if len(parts) > 1 and os.path.isdir(os.path.join(root, "src", parts[0])):
        return parts[0]
    return None


def include_fault(root, kind, module, mark, target):
    """Why this include is wrong, or None."""
    is_public = target.startswith("lacquer/")
    other = included_module(root, target)
    if other is None and kind == "program" and mark == '"' and os.path.exists(os.path.join(root, module, target)):
        return None
    if other is None:
        return 'a header of ours is included as "module/x.h"' if mark == '"' else None
    if is_public and mark == '"':
        return "a public header is included as <lacquer/x.h>"
    if is_public and not os.path.exists(os.path.join(root, "include", target)):
        return "there is no such public header"
    if kind == "program":
        return program_fault(module, other, is_public)
    if kind == "public" and not is_public:
        return "a public header includes only <lacquer/x.h> and the system's headers"
    if module not in FLOORS:
        return f"the folder src/{module} has no row in the table of floors (scripts/check_layers.py)"
    if other == module:
        return None
    if module == "report" and other in REPORT_RESULTS:
        return None if is_public or target.endswith("_result.h") else "report sees other modules by their results only"
    if other not in FLOORS[module]:
        allowed = ", ".join(sorted(FLOORS[module])) or "nothing of ours"
        return f"{module} may not include {other} (only {allowed})"
    if module == "chain" and other == "processors" and target not in CHAIN_SEES:
        return "the chain sees processors only through " + ", ".join(sorted(CHAIN_SEES))
    return None


def program_fault(program, other, is_public):
    if not is_public:
        return None if other == program else f"{program}/ uses the library through <lacquer/x.h> only"
    allowed = PROGRAMS[program]
    if allowed is not None and other not in allowed:
        return f"{program}/ may use only the public headers of " + ", ".join(sorted(allowed))
    return None


def check_file(root, path):
    kind, module = owner_of(path)
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        lines = file.readlines()
    faults = []
    if lines[:2] != BANNER:
        faults.append(f"{path}:1: the two-line SPDX banner is missing or different")
    if kind is None:
        return faults
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        fault = include_fault(root, kind, module, found[1], found[2]) if found else None
        if fault:
            faults.append(f"{path}:{number}: {found[2]}: {fault}")
    return faults


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(here))
    faults, places, n_files = [], {}, 0
    for path in tree_files(root):
        name = path.rsplit("/", 1)[-1]
        is_test_data = ANYTHING_GOES & set(path.split("/")[:-1]) and not name.endswith((".c", ".h", ".py", ".sh"))
        if not is_test_data:
            places.setdefault(name, []).append(path)
        if name.endswith((".c", ".h")):
            n_files += 1
            faults += check_file(root, path)
    for name, paths in sorted(places.items()):
        if len(paths) > 1 and name not in SHARED_NAMES and not name.startswith("."):
            faults.append(f"{paths[1]}:1: the name {name} is taken by {paths[0]}; give one of them its own")
    if n_files == 0:
        faults.append(f"{root}: no C files found; is this the source folder?")
    for fault in faults:
        print(fault)
    print(f"{n_files} C files, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
