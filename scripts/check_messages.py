#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that docs/messages.md explains every message code of the sources, and no other.

    check_messages.py [ROOT]

A code stands as a string literal in the `code` argument of lac_error_set, lac_notes_add, or any function of ours that
takes `const char *code` followed by the text of the message. Read across line breaks and out of conditional expressions.
Also checked: codes have the form UPPER_CASE and fit LAC_CODE_SIZE; the exit code in the docs is the one that the status
beside the code leads to (cli/terminal.c); codes of notes are marked as warnings there.
Exit code 1 and one line per fault, "FILE:LINE: what; what to do".
"""

import os
import re
import sys

SOURCES = ("include", "src", "cli")
SKIPPED_FOLDERS = {"test", "build"}
CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
# A comment, a string, a character: whatever begins first. Comments become blanks of equal length, so lines stay.
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
LITERAL = re.compile(r'"((?:\\.|[^"\\])*)"')
HELPER = re.compile(r"\b(\w+)\(([^(){};]*\bconst char \*code,\s*const char \*(?:format|text)\b)")
ROW = re.compile(r"^\|\s*`([^`]+)`\s*\|(.*)\|([^|]*)\|\s*$")


def blank_comments(text):
    keep = lambda m: re.sub(r"[^\n]", " ", m[0]) if m[0].startswith("/") else m[0]
    return TOKEN.sub(keep, text)


def arguments(text, start):
    """The argument texts of the call whose '(' stands just before `start`, with their offsets."""
    parts, depth, begin, at = [], 0, start, start
    while at < len(text):
        token = TOKEN.match(text, at)
        if token:
            at = token.end()
            continue
        c = text[at]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            if depth == 0:
                return parts + [(begin, text[begin:at])]
            depth -= 1
        elif c == "," and depth == 0:
            parts.append((begin, text[begin:at]))
            begin = at + 1
        at += 1
    return []


def source_files(root):
    for top in SOURCES:
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.join(folder, name)


def code_size(texts):
    found = [m for text in texts.values() for m in re.findall(r"LAC_CODE_SIZE\s*=\s*(\d+)", text)]
    return int(found[0]) if found else sys.exit("LAC_CODE_SIZE was not found in the headers")


def exit_codes(texts):
    """LAC_ERR_... -> exit code as text, out of the enum and the switch of cli_exit_code."""
    numbers, codes = {}, {}
    for text in texts.values():
        numbers.update(re.findall(r"\b(EXIT_\w+)\s*=\s*(\d+)", text))
    for text in texts.values():
        body = re.search(r"\bint cli_exit_code\(LacStatus \w+\)\s*\{(.*?)\n\}", text, re.S)
        waiting = []
        for case, result in re.findall(r"case (LAC_\w+):|return (EXIT_\w+);", body[1] if body else ""):
            if case:
                waiting.append(case)
            else:
                codes.update((status, numbers[result]) for status in waiting)
                waiting = []
    return codes if codes else sys.exit("cli_exit_code was not found in cli/")


def helpers(texts):
    """Name -> index of the code argument."""
    found = {}
    for text in texts.values():
        for name, before in HELPER.findall(text):
            found[name] = [("*code" in p) for p in before.split(",")].index(True)
    return found


def read_uses(root, faults):
    """[(code, place, status or 'warning' or None)] of all calls."""
    texts = {}
    for path in source_files(root):
        with open(path, encoding="utf-8") as file:
            texts[path] = blank_comments(file.read())
    index = helpers(texts)
    for needed in ("lac_error_set", "lac_notes_add"):
        if needed not in index:
            sys.exit(f"{needed} was not found in the headers: this check reads nothing")
    call = re.compile(r"\b(" + "|".join(map(re.escape, sorted(index))) + r")\(")
    uses = []
    for path, text in texts.items():
        for match in call.finditer(text):
            parts = arguments(text, match.end())
            if len(parts) <= index[match[1]] or "const char *code" in parts[index[match[1]]][1]:
                continue  # a declaration
            begin, argument = parts[index[match[1]]]
            line = text.count("\n", 0, begin + len(argument) - len(argument.lstrip())) + 1
            place = f"{os.path.relpath(path, root)}:{line}"
            # A literal that is compared with something is no code.
            literals = LITERAL.findall(re.sub(r"\w+\([^()]*\)", "", argument))
            if not literals and argument.strip() != "code":
                faults.append(f"{place}: the code is not a literal ({argument.strip()}); write it where it is used")
            status = re.fullmatch(r"\s*(LAC_ERR_\w+)\s*", parts[1][1])
            kind = "warning" if match[1] == "lac_notes_add" else status and len(literals) == 1 and status[1]
            uses += [(literal, place, kind) for literal in literals]
    return uses, texts


def read_docs(path, name, faults):
    """code -> (line, exit column)."""
    rows = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            row = ROW.match(line)
            if not row:
                continue
            code, meaning, result = row[1], row[2].strip(), row[3].strip()
            place = f"{name}:{number}"
            if code in rows:
                faults.append(f"{place}: {code} stands here a second time; keep one row")
            if not meaning:
                faults.append(f"{place}: {code} has no meaning; say what it means and what to do")
            if not re.search(r"\bwarning\b|\b\d+\b", result):
                faults.append(f"{place}: {code} has no exit code; write its number or \"warning\"")
            rows[code] = (place, result)
    return rows


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    name = "docs/messages.md"
    faults = []
    uses, texts = read_uses(root, faults)
    rows = read_docs(os.path.join(root, name), name, faults)
    longest, codes = code_size(texts) - 1, exit_codes(texts)
    for code, place, kind in uses:
        if not CODE.fullmatch(code) or len(code) > longest:
            faults.append(f"{place}: \"{code}\" is no code; use UPPER_CASE of at most {longest} characters")
        elif code not in rows:
            faults.append(f"{place}: {code} is not explained; add a row to {name}")
        else:
            wanted = codes.get(kind, kind)
            if wanted and not wanted.startswith("LAC_") and not re.search(rf"\b{wanted}\b", rows[code][1]):
                faults.append(f"{place}: {code} leads to {wanted}; {rows[code][0]} says \"{rows[code][1]}\"")
    used = {code for code, _, _ in uses}
    faults += [f"{rows[code][0]}: no source uses {code}; remove the row" for code in rows if code not in used]
    for fault in sorted(set(faults)):
        print(fault)
    print(f"{len(used)} codes in {len(uses)} places, {len(rows)} explained, {len(set(faults))} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
