/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What master and render tell a person on the terminal. */

#ifndef LAC_CLI_SUMMARY_H
#define LAC_CLI_SUMMARY_H

#include "cli.h"

#include <lacquer/master.h>

void cli_print_summary(FILE *stream, const LacMasterResult *result, const char *report_path, bool is_verbose);

#endif
