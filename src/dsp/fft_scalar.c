/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/fft_plan.h"

#define REAL float
#define PLAN LacFftPlan
#define NAME(x) lac_fft_##x
#include "dsp/fft_scalar_form.h"
#undef REAL
#undef PLAN
#undef NAME

#define REAL double
#define PLAN LacFft64Plan
#define NAME(x) lac_fft64_##x
#include "dsp/fft_scalar_form.h"
