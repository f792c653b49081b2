/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/cpu.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[LAC_CPU_LEVELS] = {"baseline", "avx2", "avx512"};

static LacCpuLevel best_level(void) {
#if defined(__x86_64__) || defined(__i386__)
  /* Reads what the compiler's runtime found at program start. */
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return LAC_CPU_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return LAC_CPU_AVX2;
#endif
  return LAC_CPU_BASELINE;
}

LacCpuLevel lac_cpu_level(void) {
  LacCpuLevel best = best_level();
  const char *asked = getenv("LACQUER_CPU");
  for (int level = LAC_CPU_BASELINE; asked && level < (int)best; level++)
    if (!strcmp(asked, names[level]))
      return (LacCpuLevel)level;
  return best;
}

const char *lac_cpu_level_name(LacCpuLevel level) {
  return (unsigned)level < LAC_CPU_LEVELS ? names[level] : "unknown";
}

const char *lac_cpu_level_text(void) {
  return lac_cpu_level_name(lac_cpu_level());
}
