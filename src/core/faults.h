/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Faults on purpose, in test builds only (meson -Dfaults=true defines LAC_FAULTS; otherwise nothing here
 * exists). Counters are process-wide: one job at a time. */

#ifndef LAC_CORE_FAULTS_H
#define LAC_CORE_FAULTS_H

#ifdef LAC_FAULTS

#include <stdbool.h>

typedef enum LacWriteFault { LAC_FAULT_ENOSPC, LAC_FAULT_EIO, LAC_FAULT_SHORT } LacWriteFault;

/* Fail allocation number k (1 = the next), 0 = never. */
void lac_faults_fail_allocation(long k);
/* Fail write/sync/rename call number k in the way of `kind` (SHORT: writes half, then ENOSPC). */
void lac_faults_fail_write(long k, LacWriteFault kind);
/* Calls counted since the last lac_faults_* call. */
long lac_faults_allocations(void);
long lac_faults_writes(void);
/* True once the planned fault has happened. */
bool lac_faults_hit(void);

#endif
#endif
