/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which files a job reads and writes, and the refusals that need no work: an output that exists, is the input (also
 * through links), is another output, or cannot be written. */

#ifndef LAC_MASTER_JOB_PATHS_H
#define LAC_MASTER_JOB_PATHS_H

#include <lacquer/media.h>

/* File name without folder and ending ("/a/b.c.wav" -> "b.c"; "-" -> "input"). NULL when out of memory. */
char *lac_job_stem(const char *path);

/* output NULL: STEM`ending` beside the input ("-" when the input is "-"); a folder: STEM`ending` in it; else a copy.
 * NULL when out of memory. */
char *lac_job_output_path(const char *input, const char *output, const char *ending);

typedef struct LacJobPaths {
  const char *inputs[4]; /* NULL entries are left out */
  const char *outputs[4];
  bool may_replace;
  bool is_dry_run; /* nothing is created, not even for a moment */
} LacJobPaths;

/* OUTPUT_IS_INPUT, OUTPUT_EXISTS, OUTPUT_TWICE (USAGE), and whatever opening the output would fail with. */
LacStatus lac_job_paths_check(const LacJobPaths *paths, LacError *error);

/* True for "-", FIFOs and devices: written in one go from a finished file, never rendered into. */
bool lac_job_is_stream(const char *path);
/* A name in the folder for temporary files, for a render that is copied afterwards. NULL when out of memory. */
char *lac_job_scratch_path(void);
/* The container by the file's ending, with a message when it has none that can be written. */
LacStatus lac_job_container(const char *path, LacContainer *container, LacError *error);

#endif
