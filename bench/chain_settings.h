/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Processors with their values as words: PROCESSOR [PARAM=VALUE]... [+ PROCESSOR ...]. A value is a number, the name of
 * a choice, or, of a curve, its points: 100:-3,1000:2. */

#ifndef LAC_BENCH_CHAIN_SETTINGS_H
#define LAC_BENCH_CHAIN_SETTINGS_H

#include <lacquer/processor.h>

/* The next processor of the NULL-terminated words, not prepared, and *words moved behind it and its "+". NULL after a
 * message on standard error. Caller: lac_processor_free. */
LacProcessor *chain_settings_next(char ***words, const LacProcessorInfo **info);

#endif
