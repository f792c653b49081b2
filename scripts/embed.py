#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Turn a data file into a C array, so that the library carries it.

usage: embed.py INPUT OUTPUT.c SYMBOL

OUTPUT.c defines `const unsigned char SYMBOL[]` (a NUL follows the data) and `const size_t SYMBOL_size` (without the
NUL). The text depends on the input's bytes and the symbol alone: the same input gives the same output everywhere.
"""
import sys


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    source, target, symbol = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read()
    lines = ["/* Made by scripts/embed.py. */", "#include <stddef.h>", "",
             f"extern const unsigned char {symbol}[{len(data) + 1}];", f"extern const size_t {symbol}_size;", "",
             f"const unsigned char {symbol}[{len(data) + 1}] = {{"]
    for start in range(0, len(data), 20):
        lines.append("  " + ",".join(str(byte) for byte in data[start:start + 20]) + ",")
    lines += ["  0};", f"const size_t {symbol}_size = {len(data)};", ""]
    with open(target, "w", encoding="ascii", newline="\n") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    main()
