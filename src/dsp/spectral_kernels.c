/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level. */

#include "dsp/spectral_kernels_form.h"

const LacSpectralKernels LAC_KERNEL(lac_spectral_kernels) = LAC_SPECTRAL_KERNELS;
