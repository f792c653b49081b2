/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where an output goes: links followed, the place examined, the temporary file made beside it. */

#ifndef LAC_CORE_OUTPUT_TARGET_H
#define LAC_CORE_OUTPUT_TARGET_H

#include <lacquer/core.h>

typedef enum LacTargetKind {
  LAC_TARGET_REGULAR, /* temporary beside it, then rename */
  LAC_TARGET_DIRECT,  /* FIFO or device: bytes go out as they come */
  LAC_TARGET_STDOUT   /* unlinked temporary file, copied to standard output at commit */
} LacTargetKind;

typedef struct LacTarget {
  LacTargetKind kind;
  int fd;           /* where bytes are written now; -1 when there is none */
  bool may_replace; /* regular: the rename may meet a file */
  char *path;       /* regular: the file behind all links */
  char *directory;  /* regular: its folder */
  char *temporary;  /* regular: beside `path`; stdout: /proc/self/fd/N; direct: NULL */
} LacTarget;

/* On failure nothing is left behind and `target` owns nothing. */
LacStatus lac_target_open(const char *path, bool may_replace, LacTarget *target, LacError *error);
/* Closes, removes a temporary file that is still there, frees. */
void lac_target_close(LacTarget *target);
/* The message for a failed write, sync or rename of `path`. `left` says in what state things are. */
LacStatus lac_target_failed(const char *path, int error_number, const char *left, LacError *error);

#endif
