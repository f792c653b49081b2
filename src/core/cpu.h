/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The CPU level a kernel table is chosen by. Results never depend on it; a test proves that. */

#ifndef LAC_CORE_CPU_H
#define LAC_CORE_CPU_H

#include <lacquer/core.h>

typedef enum LacCpuLevel { LAC_CPU_BASELINE, LAC_CPU_AVX2, LAC_CPU_AVX512, LAC_CPU_LEVELS } LacCpuLevel;

/* The best level of this machine, or the one LACQUER_CPU=baseline|avx2|avx512 names when the machine has it
 * (a level it has not is lowered to the best one). Cheap. */
LacCpuLevel lac_cpu_level(void);
const char *lac_cpu_level_name(LacCpuLevel level);

#endif
