/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Long work that several may end: whoever runs it, because it is being freed, and callers with their stop flags. */

#ifndef LAC_DSP_STOP_H
#define LAC_DSP_STOP_H

#include <lacquer/core.h>

/* All zero: nobody has asked. Flags stay set once they are; they outlive the work. */
typedef struct LacStop {
  LacCancel own;
  _Atomic(const LacCancel *) asked[2]; /* NULL: nobody; may be changed while work goes on */
} LacStop;

/* True when work is to end. Any thread; stop may be NULL. */
static inline bool lac_stopped(const LacStop *stop) {
  return stop &&
         (lac_cancelled(&stop->own) || lac_cancelled(atomic_load_explicit(&stop->asked[0], memory_order_acquire)) ||
          lac_cancelled(atomic_load_explicit(&stop->asked[1], memory_order_acquire)));
}

#endif
