/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the characters of the saturator are: a curve (dsp/waveshaper.h) between an emphasis and its exact inverse, which
 * say at which frequencies it bends first, and how much of even and odd harmonics it has of its own. */

#ifndef LAC_PROCESSORS_SATURATOR_VOICE_H
#define LAC_PROCESSORS_SATURATOR_VOICE_H

#include "dsp/svf.h"
#include "dsp/waveshaper.h"

typedef enum LacSaturatorCharacter {
  SATURATOR_TAPE,
  SATURATOR_TUBE,
  SATURATOR_TRANSFORMER,
  SATURATOR_SOFT_CLIP,
  SATURATOR_EXCITER, /* of the mode `excite`, not among the choices */
  SATURATOR_CHARACTERS
} LacSaturatorCharacter;

typedef struct LacSaturatorVoice {
  double knee, top;
  double compression; /* what the full odd curve takes off the tone of reference, as a share of it; negative */
  double even_scale;  /* even part of the curve per ratio of second harmonic to tone */
  double even_ratio;  /* that ratio as the character has it */
  double odd_ratio;   /* and third harmonic to tone at 100 % */
  bool has_emphasis, is_bounded;
  uint32_t n_points, n_even_points; /* LacWaveshaper */
  LacSvf emphasis, deemphasis;
} LacSaturatorVoice;

/* is_best: four points a line (LacWaveshaper) for every character, not only for those with a knee. */
void lac_saturator_voice_init(LacSaturatorVoice *voice, LacSaturatorCharacter character, bool is_best, double rate_hz);
/* The curve for shares of the character's own harmonics: odd 0..1, even 0..3. Harmonics of the tone of reference stand
 * at these shares of what they are at 1, against the tone as it comes out. */
void lac_saturator_voice_curve(const LacSaturatorVoice *voice, double odd, double even, LacWaveshaper *curve);
/* The frequency at which the character's harmonics are stated. */
double lac_saturator_reference_hz(LacSaturatorCharacter character);
/* (high p + low) / (p + 1), p = s / (2 pi hz): a first-order shelf in the form of a section. */
LacSvf lac_saturator_shelf(double hz, double low, double high, double rate_hz);
/* Second order, Butterworth. */
LacSvf lac_saturator_pass(double hz, bool is_high_pass, double rate_hz);

#endif
