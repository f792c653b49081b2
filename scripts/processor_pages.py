#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bring docs/processors/ and docs/presets.md up to what the program says of itself.

    processor_pages.py LACQUER [--check]

A processor's page is what people wrote about it, and below the line MADE, written here, the pictures
docs/processors/ID-*.svg (bench/processor_pictures.py draws them) and the tables of `lacquer list processors`. --check
writes nothing and ends with 1 when a page is not what it should be. `make pages` does all of it.
"""
import glob
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, "docs", "processors")
MADE = "<!-- made by scripts/processor_pages.py: what follows is the program's own -->\n"


def ask(lacquer, what):
    return json.loads(subprocess.run([lacquer, "list", what, "--json"], check=True, capture_output=True).stdout)[what]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def span(parameter):
    kind = parameter["type"]
    if kind == "choice":
        return ", ".join(parameter["choices"])
    if kind == "switch":
        return "on, off"
    words = f"{parameter['minimum']:g} to {parameter['maximum']:g} {parameter['unit']}".rstrip()
    return f"curve, {words}" if kind == "curve" else f"list, {words}" if kind == "list" else words


def default(parameter):
    value = parameter.get("default", "")
    return ("on" if value else "off") if parameter["type"] == "switch" else value


def parameter_table(processor):
    rows = ["## Parameters", "", "| parameter | range | default | what it does |", "| --- | --- | --- | --- |"]
    numbers, defaults = {}, {}
    for parameter in processor["parameters"]:
        family = re.fullmatch(r"([a-z_]*[a-z])(\d+)(_.*)?", parameter["id"])
        if family: # the first of alike ones speaks for all
            key = (family[1], family[3])
            numbers.setdefault(family[1], set()).add(int(family[2]))
            defaults.setdefault(key, []).append(default(parameter))
            if key in numbers:
                continue
            numbers[key] = True
        rows.append(f"| `{parameter['id']}` | {span(parameter)} | {default(parameter)} | {parameter['help']} |")
    for family, found in ((f, n) for f, n in numbers.items() if isinstance(f, str) and len(n) > 1):
        rows += ["", f"`{family}{min(found)}_` to `{family}{max(found)}_` are alike; ranges are those of the first."]
        for (of, tail), values in defaults.items():
            if of == family and len(set(values)) > 1:
                rows[-1] += f" Defaults of `{of}N{tail}`: {', '.join(str(v) for v in values)}."
    alike = {}
    for readout in processor["readouts"]:
        alike.setdefault((readout["unit"], readout["help"]), []).append(readout["id"])
    for (unit, words), ids in alike.items():
        names = f"`{ids[0]}`" if len(ids) == 1 else f"`{ids[0]}` to `{ids[-1]}`"
        rows += ["", f"Reports {names} ({unit}): {words}"]
    return rows


def picture_title(path):
    return re.search(r"<title>(.*?)</title>", read(path))[1]


def page(processor):
    name = processor["id"]
    path = os.path.join(FOLDER, name + ".md")
    words = read(path).split(MADE)[0] if os.path.exists(path) else f"# {processor['title']}\n\n"
    out = [words + MADE]
    for picture in sorted(glob.glob(os.path.join(FOLDER, name + "-*.svg"))):
        out += [f"![{picture_title(picture)}]({os.path.basename(picture)})", "", f"*{picture_title(picture)}*", ""]
    kind = " or ".join(processor["kind"])
    out += [f"`{name}`, {kind}, revision {processor['revision']}: {processor['purpose']}", ""]
    return "\n".join(out + parameter_table(processor)).rstrip() + "\n"


def index(processors):
    rows = [MADE + "# Processors", "",
            "In the order in which they stand in a chain, unless a recipe says otherwise.", "",
            "| processor | what it does |", "| --- | --- |"]
    rows += [f"| [`{p['id']}`]({p['id']}.md) | {p['purpose']} |" for p in processors]
    return "\n".join(rows) + "\n"


def presets_page(presets):
    rows = [MADE + "# Presets", "",
            "A preset is a chain to begin from: `lacquer master mix.wav --preset warm-tape --preset open-top`. Several "
            "go together; where they set the same value, the later one counts. A recipe's value and `--set` go before "
            "a preset, and what a preset decides the assistant does not touch. One of your own is a file of the same "
            "form, named with its folder or its `.json`, or put into `presets/` in `LACQUER_DATA` or in "
            "`~/.local/share/lacquer`. The form: [recipe.md](recipe.md), with `id`, `version`, `title`, `purpose` and "
            "`description` beside the chain.", "",
            "| preset | for what | processors |", "| --- | --- | --- |"]
    for preset in presets:
        chain = ", ".join(f"[{c['processor']}](processors/{c['processor']}.md)" for c in preset["chain"])
        rows.append(f"| `{preset['id']}` | {preset['purpose']} {preset['description']} | {chain} |")
    return "\n".join(rows) + "\n"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    processors = ask(sys.argv[1], "processors")
    pages = {os.path.join(FOLDER, p["id"] + ".md"): page(p) for p in processors}
    pages[os.path.join(FOLDER, "README.md")] = index(processors)
    pages[os.path.join(ROOT, "docs", "presets.md")] = presets_page(ask(sys.argv[1], "presets"))
    wrong = [path for path, text in pages.items() if not os.path.exists(path) or read(path) != text]
    if "--check" in sys.argv:
        for path in wrong:
            print(os.path.relpath(path, ROOT) + " is not what the program says. Renew it: make pages")
        sys.exit(1 if wrong else 0)
    for path in wrong:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(pages[path])
        print("written:", os.path.relpath(path, ROOT))


if __name__ == "__main__":
    main()
