/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/biquad_fit.h"

#include <math.h>

#include "dsp/elementary.h"
#include "dsp/section_fit.h"

/* Bells and shelves after Bristow-Johnson's analogue prototypes, A = 10^(dB/40) >= 1. */
static LacPrototype boost_prototype(LacBandType type, double db, double q) {
  double a = lac_gain_from_db(0.5 * db), middle = sqrt(a) / q;
  switch (type) {
  case LAC_BAND_LOW_SHELF:
    return (LacPrototype){a, a * middle, a * a, a, middle, 1.0};
  case LAC_BAND_HIGH_SHELF:
    return (LacPrototype){a * a, a * middle, a, 1.0, middle, a};
  default:
    return (LacPrototype){1.0, a / q, 1.0, 1.0, 1.0 / (a * q), 1.0};
  }
}

/* The same filter upside down: numerator and denominator change places. */
static LacSvf inverse(const LacSvf *svf) {
  double ratio = sqrt(svf->low / svf->high), product = sqrt(svf->low * svf->high);
  return (LacSvf){.g = svf->g * ratio,
                  .k = svf->band / product,
                  .low = 1.0 / svf->low,
                  .band = svf->k / product,
                  .high = 1.0 / svf->high};
}

bool lac_band_uses_db(LacBandType type) {
  return type == LAC_BAND_BELL || type == LAC_BAND_LOW_SHELF || type == LAC_BAND_HIGH_SHELF || type == LAC_BAND_TILT;
}

/* One section alone is good enough within this of the prototype, in dB. What it leaves is a ripple over all that is
 * heard; of bands that stand low it is allowed more, so that many of them stay cheap. */
static double enough_db_at(double hz) {
  return hz < 5000.0 ? 0.018 : 0.003;
}

static unsigned design_with_db(LacBandType type, double hz, double db, double q, double rate_hz, LacSvf *sections) {
  LacBandType shape = type == LAC_BAND_TILT ? LAC_BAND_HIGH_SHELF : type;
  LacPrototype h = boost_prototype(shape, fabs(db), q);
  unsigned n_sections = lac_section_pair_fit(&h, hz, rate_hz, enough_db_at(hz), sections);
  for (unsigned k = 0; db < 0 && k < n_sections; k++) {
    sections[k] = inverse(&sections[k]);
  }
  if (type == LAC_BAND_TILT) {
    double level = lac_gain_from_db(-0.5 * db);
    sections[0].low *= level;
    sections[0].band *= level;
    sections[0].high *= level;
  }
  return n_sections;
}

typedef struct PassShape {
  bool is_high;
  unsigned order;
} PassShape;

static PassShape pass_shape(LacBandType type) {
  switch (type) {
  case LAC_BAND_HIGH_PASS_6:
    return (PassShape){true, 1};
  case LAC_BAND_LOW_PASS_6:
    return (PassShape){false, 1};
  case LAC_BAND_HIGH_PASS:
    return (PassShape){true, 2};
  case LAC_BAND_LOW_PASS:
    return (PassShape){false, 2};
  case LAC_BAND_HIGH_PASS_24:
    return (PassShape){true, 4};
  case LAC_BAND_LOW_PASS_24:
    return (PassShape){false, 4};
  case LAC_BAND_HIGH_PASS_48:
    return (PassShape){true, 8};
  case LAC_BAND_LOW_PASS_48:
    return (PassShape){false, 8};
  default:
    return (PassShape){false, 0};
  }
}

/* Section k of the prototype of a pass; the last one is the most resonant. A first-order section carries the factor
 * (p + 1) above and below. */
static LacPrototype pass_prototype(PassShape shape, unsigned k, double q) {
  if (shape.order == 1) {
    return shape.is_high ? (LacPrototype){1.0, 1.0, 0, 1.0, 2.0, 1.0} : (LacPrototype){0, 1.0, 1.0, 1.0, 2.0, 1.0};
  }
  /* Butterworth: Q = 1 / (2 cos angle), angle = (2k + 1) pi / (2 order). */
  double butterworth = 0.5 / lac_cos((2.0 * k + 1.0) * LAC_PI / (2.0 * shape.order));
  double section_q = k + 1 == shape.order / 2 ? butterworth * q * sqrt(2.0) : butterworth;
  double middle = 1.0 / section_q;
  return shape.is_high ? (LacPrototype){1.0, 0, 0, 1.0, middle, 1.0} : (LacPrototype){0, 0, 1.0, 1.0, middle, 1.0};
}

unsigned lac_band_design(LacBandType type, double hz, double db, double q, double rate_hz,
                         LacSvf sections[LAC_BAND_MAX_SECTIONS]) {
  double highest = 0.49 * rate_hz;
  if (type == LAC_BAND_NOTCH) {
    LacPrototype h = {1.0, 0, 1.0, 1.0, 1.0 / q, 1.0};
    sections[0] = lac_section_fit(&h, LAC_FORM_NOTCH, hz < highest ? hz : highest, rate_hz);
    return 1;
  }
  if (lac_band_uses_db(type)) {
    if (db == 0) {
      return 0;
    }
    return design_with_db(type, hz, db, q, rate_hz, sections);
  }
  PassShape shape = pass_shape(type);
  unsigned n_sections = (shape.order + 1) / 2;
  double corner = shape.is_high && hz > highest ? highest : hz;
  LacSectionForm form = !shape.is_high     ? LAC_FORM_FULL
                        : shape.order == 1 ? LAC_FORM_ZERO_AT_DC
                                           : LAC_FORM_DOUBLE_ZERO_AT_DC;
  for (unsigned k = 0; k < n_sections; k++) {
    LacPrototype h = pass_prototype(shape, k, q);
    sections[k] = lac_section_fit(&h, form, corner, rate_hz);
  }
  return n_sections;
}

double lac_sections_db(const LacSvf *sections, unsigned n_sections, double rate_hz, double f_hz) {
  double power = 1.0, f = f_hz < 0.5 * rate_hz ? f_hz : 0.5 * rate_hz;
  for (unsigned k = 0; k < n_sections; k++) {
    power *= lac_svf_power(&sections[k], 2.0 * LAC_PI * f / rate_hz);
  }
  return lac_db_from_power(power);
}

double lac_eq_band_db(LacBandType type, double hz, double db, double q, double rate_hz, double f_hz) {
  LacSvf sections[LAC_BAND_MAX_SECTIONS];
  unsigned n_sections = lac_band_design(type, hz, db, q, rate_hz, sections);
  return lac_sections_db(sections, n_sections, rate_hz, f_hz);
}

double lac_band_prototype_db(LacBandType type, double hz, double db, double q, double f_hz) {
  double x = f_hz / hz;
  if (type == LAC_BAND_NOTCH) {
    LacPrototype h = {1.0, 0, 1.0, 1.0, 1.0 / q, 1.0};
    return lac_db_from_power(lac_prototype_power(&h, x));
  }
  if (lac_band_uses_db(type)) {
    LacPrototype h = boost_prototype(type == LAC_BAND_TILT ? LAC_BAND_HIGH_SHELF : type, fabs(db), q);
    double boost = lac_db_from_power(lac_prototype_power(&h, x));
    return (db < 0 ? -boost : boost) - (type == LAC_BAND_TILT ? 0.5 * db : 0);
  }
  PassShape shape = pass_shape(type);
  double power = 1.0;
  for (unsigned k = 0; k < (shape.order + 1) / 2; k++) {
    LacPrototype h = pass_prototype(shape, k, q);
    power *= lac_prototype_power(&h, x);
  }
  return lac_db_from_power(power);
}
