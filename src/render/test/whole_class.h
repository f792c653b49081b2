/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A test-only whole processor, so that render's passes are proven before the first real one exists: it looks at the
 * whole song and brings its sample peak to `peak`. */

#ifndef LAC_RENDER_TEST_WHOLE_CLASS_H
#define LAC_RENDER_TEST_WHOLE_CLASS_H

#include <lacquer/processor.h>

extern const LacProcessorClass test_normalizer_class;

enum { NORMALIZER_PEAK, NORMALIZER_REFUSES };

#endif
