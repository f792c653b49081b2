# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The comparator: our limiter beside others at equal loudness and equal true peak (bench/limiter_quality.py)."""
