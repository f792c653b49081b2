/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A job in plain words: what was done, how much limiting it took, what needs attention. */

#ifndef LAC_REPORT_SUMMARY_WORDS_H
#define LAC_REPORT_SUMMARY_WORDS_H

#include <lacquer/report.h>

#include "core/text_buffer.h"

/* The verdict and a list of sentences, as markup. */
void lac_summary_words(LacText *out, const LacReportFile *file);

#endif
