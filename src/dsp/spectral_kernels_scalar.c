/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/spectral_kernels_form.h"

const LacSpectralKernels lac_spectral_kernels_scalar = LAC_SPECTRAL_KERNELS;
