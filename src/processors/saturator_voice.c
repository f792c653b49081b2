/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "processors/saturator_voice.h"

#include <math.h>

#include "dsp/elementary.h"

/* A row of the table. The tone of reference has the peak 1 ahead of the emphasis. */
typedef struct Character {
  double knee, top;
  double even_db; /* second harmonic against the tone of reference; 0: none at all */
  double reference_hz;
  double low_hz, high_hz; /* the emphasis rises from one to the other, as first-order filters do; 0: none */
  bool lifts_lows;
  bool is_bounded; /* lac_waveshaper_set_bounded */
} Character;

static const Character characters[SATURATOR_CHARACTERS] = {
    /* Recording amplifiers lift the highs (the 50 us of IEC 60094-1 begin at 3183 Hz), playback lowers them by as
     * much: between them the tape, so that highs saturate first. The lift ends at three times that. */
    [SATURATOR_TAPE] = {.top = 2.0, .even_db = -60, .reference_hz = 1000, .low_hz = 3183, .high_hz = 9549},
    [SATURATOR_TUBE] = {.top = 3.0, .even_db = -30, .reference_hz = 1000},
    /* The flux in a core is the integral of the voltage: 6 dB more per octave downwards, between the frequency at which
     * the core no longer matters and the one below which the source's resistance takes over. */
    [SATURATOR_TRANSFORMER] =
        {.top = 6.0, .even_db = -50, .reference_hz = 100, .low_hz = 30, .high_hz = 300, .lifts_lows = true},
    [SATURATOR_SOFT_CLIP] = {.knee = 0.5, .top = 1.5, .reference_hz = 1000},
    [SATURATOR_EXCITER] = {.top = 4.0, .even_db = -20, .reference_hz = 5000, .is_bounded = true},
};

/* Above this an even part makes the curve fall: its slope at s is (1 - s)^2 (1 + 2 s - 12 even s) on the weak side. */
static const double MOST_EVEN = 0.25;

/* Of which the aliases are far below those of the odd part, wherever on a line it is asked for. */
static const double SLIGHT_EVEN_DB = -60;

static double warped(double hz, double rate_hz) {
  return lac_tan(LAC_PI * fmin(hz / rate_hz, 0.45));
}

LacSvf lac_saturator_shelf(double hz, double low, double high, double rate_hz) {
  /* Times (p + 1) / (p + 1), to be of second order. */
  return (LacSvf){.g = warped(hz, rate_hz), .k = 2.0, .low = low, .band = low + high, .high = high};
}

LacSvf lac_saturator_pass(double hz, bool is_high_pass, double rate_hz) {
  return (LacSvf){.g = warped(hz, rate_hz), .k = sqrt(2.0), .low = is_high_pass ? 0 : 1, .high = is_high_pass ? 1 : 0};
}

double lac_saturator_reference_hz(LacSaturatorCharacter character) {
  return characters[character].reference_hz;
}

static double gain_at(const LacSaturatorVoice *voice, const LacSvf *svf, double hz, double rate_hz) {
  return voice->has_emphasis ? sqrt(lac_svf_power(svf, 2.0 * LAC_PI * fmin(hz / rate_hz, 0.45))) : 1.0;
}

static void set_emphasis(LacSaturatorVoice *voice, const Character *row, double rate_hz) {
  const double ratio = row->high_hz / row->low_hz;
  /* Pole and zero the right way round; 1 where nothing is lifted, for highs at the reference. */
  const double pole_hz = row->lifts_lows ? row->low_hz : row->high_hz;
  double low = row->lifts_lows ? ratio : 1.0, high = row->lifts_lows ? 1.0 : ratio;
  voice->has_emphasis = true;
  voice->emphasis = lac_saturator_shelf(pole_hz, low, high, rate_hz);
  if (!row->lifts_lows) {
    const double at = gain_at(voice, &voice->emphasis, row->reference_hz, rate_hz);
    low /= at, high /= at;
    voice->emphasis = lac_saturator_shelf(pole_hz, low, high, rate_hz);
  }
  /* Exactly the inverse, warped as it is: with q = p high / low it is (q / high + 1 / low) / (q + 1). */
  voice->deemphasis = lac_saturator_shelf(pole_hz, 1.0 / low, 1.0 / high, rate_hz);
  voice->deemphasis.g = voice->emphasis.g * low / high;
}

static void set_curve(const LacSaturatorVoice *voice, LacWaveshaper *curve, double odd, double even) {
  if (voice->is_bounded)
    lac_waveshaper_set_bounded(curve, voice->top, odd, even);
  else
    lac_waveshaper_set(curve, voice->knee, voice->top, odd, even);
  curve->n_points = voice->n_points;
  curve->n_even_points = voice->n_even_points;
}

void lac_saturator_voice_init(LacSaturatorVoice *voice, LacSaturatorCharacter character, bool is_best, double rate_hz) {
  const Character *row = &characters[character];
  *voice = (LacSaturatorVoice){.knee = row->knee, .top = row->top, .is_bounded = row->is_bounded};
  voice->n_points = is_best || row->knee > 0 ? 4 : 3; /* behind a knee the curve is short, and aliases more */
  voice->n_even_points = voice->n_points == 3 && row->even_db <= SLIGHT_EVEN_DB ? 1 : voice->n_points;
  if (row->low_hz > 0)
    set_emphasis(voice, row, rate_hz);
  const double hz = row->reference_hz, amplitude = gain_at(voice, &voice->emphasis, hz, rate_hz);
  LacWaveshaper odd, even;
  double of_odd[3], of_even[3];
  set_curve(voice, &odd, 1.0, 0.0);
  set_curve(voice, &even, 0.0, 1.0);
  lac_waveshaper_harmonics(&odd, amplitude, of_odd);
  lac_waveshaper_harmonics(&even, amplitude, of_even);
  voice->compression = of_odd[0] / amplitude;
  voice->odd_ratio =
      fabs(of_odd[2]) * gain_at(voice, &voice->deemphasis, 3.0 * hz, rate_hz) / (1.0 + voice->compression);
  voice->even_scale = 1.0 / (fabs(of_even[1]) * gain_at(voice, &voice->deemphasis, 2.0 * hz, rate_hz));
  voice->even_ratio = row->even_db < 0 ? lac_gain_from_db(row->even_db) : 0.0;
}

void lac_saturator_voice_curve(const LacSaturatorVoice *voice, double odd, double even, LacWaveshaper *curve) {
  /* The tone comes out as 1 + o c, c = compression: so that third harmonic to tone is `odd` times what it is at o = 1,
   * o h / (1 + o c) = odd h / (1 + c). */
  const double c = voice->compression, o = odd / (1.0 + (1.0 - odd) * c);
  const double e = even * voice->even_ratio * (1.0 + o * c) * voice->even_scale;
  set_curve(voice, curve, o, fmin(e, MOST_EVEN));
}
