#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/commands.md from the program's own tables.

usage: command_reference.py LACQUER [--check FILE]   (prints the page, or compares it with FILE)"""

import subprocess
import sys

EXIT_CODES = """| code | meaning |
| --- | --- |
| 0 | done, targets met (also with warnings) |
| 1 | failed while working |
| 2 | wrong usage, a value out of range or not a number, a recipe that cannot be used |
| 3 | the input is missing, damaged beyond use, unsupported, silent, or has more than two channels |
| 4 | the output exists without `-f`, is the input, or cannot be written |
| 5 | written, but a target was not met; or a check was not passed |
| 6 | several inputs: some failed |
| 7 | a limit stopped it |
| 130, 143 | interrupted |
"""


def ask(lacquer, *words):
    return subprocess.run([lacquer, *words], check=True, capture_output=True, text=True, env={"NO_COLOR": "1"}).stdout


def page(lacquer):
    out = ["# Commands", "", "Made from the program's tables by `scripts/command_reference.py`; a test compares them.", ""]
    out += ["Data goes to standard output, everything else to standard error. Options and operands come in any order, `--`",
            "ends the options, `-` is standard input or output. Options are not abbreviated.", "", "## Exit codes", "", EXIT_CODES]
    overview = ask(lacquer, "help")
    names = [line.split()[0] for line in overview.split("Commands:\n")[1].splitlines() if line.startswith("  ") and line[2] != " "]
    for name in names:
        out += ["## " + name, "", "```", ask(lacquer, "help", name).rstrip(), "```", ""]
    out += ["# Processors", "", "One page each: [processors/README.md](processors/README.md). Presets: [presets.md](presets.md).", ""]
    return "\n".join(out).rstrip() + "\n"


text = page(sys.argv[1])
if len(sys.argv) > 3 and sys.argv[2] == "--check":
    if open(sys.argv[3], encoding="utf-8").read() != text:
        sys.exit(sys.argv[3] + " is not what the program says. Renew it: scripts/command_reference.py build/cli/lacquer > " + sys.argv[3])
    print("the reference is what the program says")
else:
    sys.stdout.write(text)
