/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/faults.h"
#include "core/fault_points.h"

#include <errno.h>
#include <stdatomic.h>

/* The one place of mutable globals in Lacquer; it exists in test builds only. */
static atomic_long allocations, writes, failing_allocation, failing_write;
static atomic_int write_kind;
static atomic_bool hit, half_written;

static void restart(void) {
  atomic_store(&failing_allocation, 0);
  atomic_store(&failing_write, 0);
  atomic_store(&allocations, 0);
  atomic_store(&writes, 0);
  atomic_store(&hit, false);
  atomic_store(&half_written, false);
}

void lac_faults_fail_allocation(long k) {
  restart();
  atomic_store(&failing_allocation, k);
}

void lac_faults_fail_write(long k, LacWriteFault kind) {
  restart();
  atomic_store(&write_kind, (int)kind);
  atomic_store(&failing_write, k);
}

long lac_faults_allocations(void) {
  return atomic_load(&allocations);
}

long lac_faults_writes(void) {
  return atomic_load(&writes);
}

bool lac_faults_hit(void) {
  return atomic_load(&hit);
}

bool lac_fault_allocation(void) {
  long number = atomic_fetch_add(&allocations, 1) + 1;
  if (number != atomic_load(&failing_allocation))
    return false;
  atomic_store(&hit, true);
  return true;
}

int lac_fault_write(size_t *n_bytes) {
  long number = atomic_fetch_add(&writes, 1) + 1;
  if (atomic_exchange(&half_written, false))
    return ENOSPC;
  if (number != atomic_load(&failing_write))
    return 0;
  atomic_store(&hit, true);
  int kind = atomic_load(&write_kind);
  if (kind == LAC_FAULT_SHORT && n_bytes && *n_bytes > 1) {
    *n_bytes /= 2;
    atomic_store(&half_written, true);
    return 0;
  }
  return kind == LAC_FAULT_EIO ? EIO : ENOSPC;
}
