/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How one kernel source becomes code for every CPU level with the same bits.
 *
 * A kernel family is a struct of function pointers declared in its own header, and one source file that meson
 * compiles once per level (src/dsp/meson.build, dsp_kernel_sources). The source makes its functions static and ends in
 *
 *     const LacFooKernels LAC_KERNEL(lac_foo_kernels) = {dot, multiply};
 *
 * and the family's header in
 *
 *     LAC_KERNEL_TABLES(LacFooKernels, lac_foo_kernels)
 *
 * which declares lac_foo_kernels_at(level). Objects ask once, when they are made: lac_foo_kernels_at(lac_cpu_level()).
 * Elementwise work may use vectors of any width (LAC_LANES floats is the level's own); reductions use 8 lanes in every
 * level: lane j sums the elements j, j + 8, ... in order, and lac_sum_lanes* fold the lanes in one fixed order. No
 * fused multiply-add anywhere. A scalar truth stands beside every family and a test compares all levels bit for bit. */

#ifndef LAC_DSP_KERNELS_H
#define LAC_DSP_KERNELS_H

#include <lacquer/core.h>

#include "core/cpu.h"

#if defined(__x86_64__)
#define LAC_KERNEL_TABLES(Type, name)                                                                                  \
  extern const Type name##_baseline, name##_avx2, name##_avx512;                                                       \
  static inline const Type *name##_at(LacCpuLevel level) {                                                             \
    return level >= LAC_CPU_AVX512 ? &name##_avx512 : level == LAC_CPU_AVX2 ? &name##_avx2 : &name##_baseline;         \
  }
#else
#define LAC_KERNEL_TABLES(Type, name)                                                                                  \
  extern const Type name##_baseline;                                                                                   \
  static inline const Type *name##_at(LacCpuLevel level) {                                                             \
    (void)level;                                                                                                       \
    return &name##_baseline;                                                                                           \
  }
#endif

/* Below: for kernel sources only; meson defines LAC_KERNEL_LEVEL for them. */
#ifdef LAC_KERNEL_LEVEL

#define LAC_KERNEL_JOIN_(name, level) name##_##level
#define LAC_KERNEL_JOIN(name, level) LAC_KERNEL_JOIN_(name, level)
#define LAC_KERNEL(name) LAC_KERNEL_JOIN(name, LAC_KERNEL_LEVEL)

/* Floats in the level's natural vector. */
#if defined(LAC_KERNEL_LANES_avx512)
#define LAC_LANES 16
#elif defined(LAC_KERNEL_LANES_avx2)
#define LAC_LANES 8
#else
#define LAC_LANES 4
#endif

#endif

/* Eight lanes, aligned and unaligned forms (the latter for loads through a pointer cast). Mind that gcc 12 keeps a
 * vector wider than the level's own (LacDouble8 below avx512, LacFloat8 in baseline) in memory: in a hot loop use
 * several of the level's own width instead (vector_kernels.c: four times as fast). */
typedef float LacFloat8 __attribute__((vector_size(32)));
typedef float LacFloat8U __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t LacInt8 __attribute__((vector_size(32)));
typedef double LacDouble8 __attribute__((vector_size(64)));
typedef double LacDouble8U __attribute__((vector_size(64), aligned(8), may_alias));

/* ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)): halves onto halves, the order that every width can do. */
#define lac_sum_lanes(v) ((((v)[0] + (v)[4]) + ((v)[2] + (v)[6])) + (((v)[1] + (v)[5]) + ((v)[3] + (v)[7])))

#endif
