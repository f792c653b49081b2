/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where faults strike: memory.c and posix_file.c ask here before each call. Without LAC_FAULTS the answers are
 * constants and the questions compile away. */

#ifndef LAC_CORE_FAULT_POINTS_H
#define LAC_CORE_FAULT_POINTS_H

#include <lacquer/core.h>

#ifdef LAC_FAULTS

/* Counts one allocation; true when it must fail. */
bool lac_fault_allocation(void);
/* Counts one write, sync, truncate or rename call. 0, or the errno it must fail with. A call that writes may
 * lower *n_bytes (not NULL) to the part that is really written before the next call fails. */
int lac_fault_write(size_t *n_bytes);

#else

static inline bool lac_fault_allocation(void) {
  return false;
}
static inline int lac_fault_write(size_t *n_bytes) {
  (void)n_bytes;
  return 0;
}

#endif
#endif
