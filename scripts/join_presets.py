#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Join preset documents into one array, in the order of their ids, for scripts/embed.py.

usage: join_presets.py OUTPUT.json PRESET.json...

A preset's file has the name of its id.
"""
import json
import os
import sys


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    documents = {}
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        if os.path.basename(path) != f"{document['id']}.json":
            sys.exit(f"{path}: a preset's file has the name of its id, \"{document['id']}\"; rename one of them")
        documents[document["id"]] = document
    with open(sys.argv[1], "w", encoding="utf-8", newline="\n") as file:
        json.dump([documents[key] for key in sorted(documents)], file, ensure_ascii=False)


if __name__ == "__main__":
    main()
