/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/delay_network.h"

#include <math.h>
#include <string.h>

#include "dsp/delay_network_kernels.h"
#include "dsp/elementary.h"
#include "dsp/svf.h"

enum { LINES = LAC_NETWORK_LINES, FRAMES = LAC_NETWORK_FRAMES };

/* In seconds a fade from one set of delays to the next. */
#define FADE_S 0.1

/* One delay per line and row: spread evenly over the logarithm of 20..90 ms, and over 0..19 and 0..7 ms, with jitter,
 * in random order; of 40 such sets, compared at 44.1 kHz with T60 of 0.6 and 2 s, the one that joined a late spectrum
 * as flat as the flattest to the highest echo density (0.97 from 40 ms on). */
enum { LONG, WIDE, NARROW, N_ROWS };
static const double delays_ms[N_ROWS][LINES] = {
    [LONG] = {32.96, 73.12, 54.60, 30.58, 49.86, 27.33, 41.06, 44.60, 36.40, 78.92, 25.26, 23.16, 63.64, 84.81, 20.99,
              58.12},
    [WIDE] = {2.25, 6.93, 1.17, 3.81, 11.47, 8.53, 17.09, 14.48, 9.78, 16.60, 2.99, 14.04, 7.34, 18.35, 5.10, 12.49},
    [NARROW] = {4.56, 3.53, 3.13, 5.89, 5.17, 0.17, 4.08, 6.56, 1.62, 0.58, 2.98, 5.25, 2.34, 1.81, 6.37, 1.29}};

/* Signs with which left and right enter, and mid and side leave: left and right are orthogonal, mid and side too. All
 * are bent (with the bits q0..q3 of the line: q0 q1 + q2 q3, the same + q0, q0 q3 + q1 q2 + q1, that + q2), so that no
 * mix can gather what enters, or what is to leave, in a few lines. */
static const float entry_left[LINES] = {1, 1, 1, -1, 1, 1, 1, -1, 1, 1, 1, -1, -1, -1, -1, 1};
static const float entry_right[LINES] = {1, -1, 1, 1, 1, -1, 1, 1, 1, -1, 1, 1, -1, 1, -1, -1};
static const float exit_mid[LINES] = {1, 1, -1, -1, 1, 1, 1, 1, 1, -1, -1, 1, 1, -1, 1, -1};
static const float exit_side[LINES] = {1, 1, -1, -1, -1, -1, -1, -1, 1, -1, -1, 1, -1, 1, -1, 1};

/* A line that remembers what went in; before its first frame it is silent. */
typedef struct Delay {
  float *memory;
  uint32_t length; /* of the memory */
  uint32_t at;     /* where the next frame goes */
  uint32_t now;    /* frames of delay */
  uint32_t next;   /* faded to; the same unless the network is fading */
} Delay;

/* Everything that follows from the decay. */
typedef struct Losses {
  LacAbsorption absorption;
  float short_gain[2][LINES]; /* of WIDE and NARROW, each with the 1/4 that makes a mix orthogonal */
  float mid[LINES], side[LINES];
} Losses;

struct LacDelayNetwork {
  double rate_hz;
  const LacNetworkKernels *kernels;
  Delay predelay[LAC_SVF_LANES];
  Delay rows[N_ROWS][LINES];
  Losses now; /* at the last border of a quantum */
  Losses next;
  LacAbsorptionState state;
  LacNetworkBlock block; /* at work */
  bool is_moving;        /* in this quantum */
  LacRoom room, wanted;
  uint32_t fade_quanta;
  uint32_t faded;     /* of fade_quanta; 0: no fade */
  uint64_t n_written; /* frames since reset */
};

double lac_decay_time(const LacDecay *decay, double f_hz) {
  const double low = f_hz / decay->low_hz, high = f_hz / decay->high_hz;
  const double loss = 1.0 + (1.0 / decay->low - 1.0) / (1.0 + low * low) +
                      (1.0 / decay->high - 1.0) * high * high / (1.0 + high * high);
  return decay->time_s / loss;
}

/* ---- delays ---- */

static bool is_prime(uint32_t n) {
  for (uint32_t i = 3; i * i <= n; i += 2) {
    if (n % i == 0) {
      return false;
    }
  }
  return n % 2 == 1 && n > 2;
}

/* The long ones are primes, so that no two lines share an echo; the short ones any number of frames. */
static uint32_t delay_frames(const LacDelayNetwork *self, unsigned row, unsigned line, double size) {
  const uint32_t frames = (uint32_t)(delays_ms[row][line] * 1e-3 * size * self->rate_hz);
  if (row != LONG) {
    return frames;
  }
  uint32_t prime = frames;
  while (!is_prime(prime)) {
    prime++;
  }
  return prime;
}

static uint32_t predelay_frames(const LacDelayNetwork *self, const LacRoom *room) {
  return (uint32_t)rint(room->predelay_ms * 1e-3 * self->rate_hz);
}

static void aim_delays(LacDelayNetwork *self, const LacRoom *room) {
  for (unsigned c = 0; c < LAC_SVF_LANES; c++) {
    self->predelay[c].next = predelay_frames(self, room);
  }
  for (unsigned r = 0; r < N_ROWS; r++) {
    for (unsigned j = 0; j < LINES; j++) {
      self->rows[r][j].next = delay_frames(self, r, j, room->size);
    }
  }
}

static void arrive(LacDelayNetwork *self) {
  for (unsigned c = 0; c < LAC_SVF_LANES; c++) {
    self->predelay[c].now = self->predelay[c].next;
  }
  for (unsigned r = 0; r < N_ROWS; r++) {
    for (unsigned j = 0; j < LINES; j++) {
      self->rows[r][j].now = self->rows[r][j].next;
    }
  }
  self->faded = 0;
}

/* Where the lines stand between the two sets of delays, 0 .. 1 with flat ends. */
static double fade_place(const LacDelayNetwork *self, double quanta) {
  const double t = quanta / self->fade_quanta;
  return t * t * (3.0 - 2.0 * t);
}

/* ---- losses ---- */

/* First-order shelves, bilinear with the middle kept in place: the gain at DC (low) or Nyquist (high) is `gain`, the
 * other end 1, the gain at `hz` its square root. */
static void set_shelf(LacAbsorption *a, unsigned k, unsigned j, double gain, double tan_half, bool is_low) {
  const double root = sqrt(gain), zero = is_low ? tan_half * root : tan_half,
               pole = is_low ? tan_half / root : tan_half;
  const double top = is_low ? 1.0 : root, bottom = is_low ? 1.0 : 1.0 / root, norm = 1.0 / (bottom + pole);
  const double b0 = (top + zero) * norm, b1 = (zero - top) * norm, a1 = (pole - bottom) * norm;
  a->through[k][j] = b0;
  a->feed[k][j] = b1 - a1 * b0;
  a->pole[k][j] = -a1;
}

static double tan_half_of(const LacDelayNetwork *self, double hz) {
  const double most = 0.45 * self->rate_hz;
  return lac_tan(LAC_PI * (hz < most ? hz : most) / self->rate_hz);
}

static void find_losses(const LacDelayNetwork *self, const LacDecay *decay, Losses *out) {
  const double low = tan_half_of(self, decay->low_hz), high = tan_half_of(self, decay->high_hz);
  const double per_frame = -3.0 * lac_log(10.0) / (decay->time_s * self->rate_hz);
  const double place = self->faded > 0 ? fade_place(self, self->faded) : 0;
  double frames[N_ROWS][LINES], mean_short = 0, power = 0;
  for (unsigned r = 0; r < N_ROWS; r++) {
    double sum = 0;
    for (unsigned j = 0; j < LINES; j++) {
      const Delay *d = &self->rows[r][j];
      frames[r][j] = d->now + ((double)d->next - d->now) * place;
      sum += frames[r][j] / LINES;
    }
    mean_short += r == LONG ? 0 : sum;
    for (unsigned j = 0; r != LONG && j < LINES; j++) {
      out->short_gain[r - WIDE][j] = (float)(0.25 * lac_exp(per_frame * (frames[r][j] - sum)));
    }
  }
  for (unsigned j = 0; j < LINES; j++) {
    const double loss = per_frame * (frames[LONG][j] + mean_short), middle = lac_exp(loss);
    set_shelf(&out->absorption, 0, j, lac_exp(loss * (1.0 / decay->low - 1.0)), low, true);
    set_shelf(&out->absorption, 1, j, lac_exp(loss * (1.0 / decay->high - 1.0)), high, false);
    out->absorption.through[0][j] *= 0.25 * middle; /* the 1/4 of the mix to come */
    out->absorption.feed[0][j] *= 0.25 * middle;
    power += middle * middle / LINES;
  }
  /* A power of 1 on left and right is 32 in the lines, entries being of length 4, and 2 behind the losses, which have
   * the 1/4 of the mix to come. An exit of length 4 hears as much as all lines hold, in all passes power / (1 - power)
   * of the 2. By each exit 1/2 shall leave. */
  const float unit = (float)(sqrt((1.0 - power) / power) / 2.0);
  for (unsigned j = 0; j < LINES; j++) {
    out->mid[j] = unit * exit_mid[j];
    out->side[j] = unit * exit_side[j];
  }
}

/* ---- life ---- */

static LacStatus make_delay(LacArena *arena, Delay *delay, uint32_t longest) {
  delay->length = (longest / FRAMES + 2) * FRAMES; /* whole quanta: what is put in lies aligned */
  delay->memory = lac_arena_alloc(arena, delay->length, sizeof *delay->memory);
  return delay->memory ? LAC_OK : LAC_ERR_MEMORY;
}

LacStatus lac_delay_network_new(LacArena *arena, double rate_hz, LacDelayNetwork **out) {
  LacDelayNetwork *self = lac_arena_alloc(arena, 1, sizeof *self);
  if (!self) {
    return LAC_ERR_MEMORY;
  }
  self->rate_hz = rate_hz;
  self->kernels = lac_network_kernels_at(lac_cpu_level());
  self->fade_quanta = (uint32_t)ceil(FADE_S * rate_hz / FRAMES);
  const LacRoom largest = {LAC_ROOM_MAX_SIZE, LAC_ROOM_MAX_PREDELAY_MS};
  LacStatus status = LAC_OK;
  for (unsigned c = 0; status == LAC_OK && c < LAC_SVF_LANES; c++) {
    status = make_delay(arena, &self->predelay[c], predelay_frames(self, &largest));
  }
  for (unsigned k = 0; status == LAC_OK && k < N_ROWS * LINES; k++) {
    const unsigned r = k / LINES, j = k % LINES;
    status = make_delay(arena, &self->rows[r][j], delay_frames(self, r, j, largest.size));
  }
  *out = self;
  return status;
}

void lac_delay_network_reset(LacDelayNetwork *self, const LacDecay *decay, const LacRoom *room) {
  self->n_written = 0;
  self->state = (LacAbsorptionState){0};
  self->room = self->wanted = *room;
  aim_delays(self, room);
  arrive(self);
  find_losses(self, decay, &self->next);
  self->now = self->next;
  self->is_moving = false;
}

static bool same_room(const LacRoom *a, const LacRoom *b) {
  return a->size == b->size && a->predelay_ms == b->predelay_ms;
}

bool lac_delay_network_is_fading(const LacDelayNetwork *self) {
  return self->faded > 0 || !same_room(&self->room, &self->wanted);
}

void lac_delay_network_move(LacDelayNetwork *self, const LacDecay *decay, const LacRoom *room) {
  self->wanted = *room;
  if (self->faded == self->fade_quanta) {
    arrive(self);
  }
  if (self->faded == 0 && !same_room(&self->room, &self->wanted)) {
    self->room = self->wanted;
    aim_delays(self, &self->room);
    self->faded = 1;
  } else if (self->faded > 0) {
    self->faded++;
  }
  self->now = self->next;
  find_losses(self, decay, &self->next);
  self->is_moving = true;
}

uint32_t lac_delay_network_fill_frames(const LacDelayNetwork *self) {
  uint32_t frames = self->predelay[0].next;
  for (unsigned r = 0; r < N_ROWS; r++) {
    uint32_t longest = 0;
    for (unsigned j = 0; j < LINES; j++) {
      longest = self->rows[r][j].next > longest ? self->rows[r][j].next : longest;
    }
    frames += longest;
  }
  return frames;
}

/* ---- audio ---- */

typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));

/* A whole quantum, nearly always: through eight registers, a third of what a call of memcpy takes. */
static inline void copy(float *to, const float *from, uint32_t n) {
  if (n != FRAMES) {
    memcpy(to, from, n * sizeof *to);
    return;
  }
  Four v[FRAMES / 4];
  for (unsigned k = 0; k < FRAMES / 4; k++) {
    v[k] = *(const Four *)(from + 4 * k);
  }
  for (unsigned k = 0; k < FRAMES / 4; k++) {
    *(Four *)(to + 4 * k) = v[k];
  }
}

static void put(Delay *delay, const float *x, uint32_t n) {
  const uint32_t end = delay->length - delay->at;
  if (n < end) {
    copy(delay->memory + delay->at, x, n);
    delay->at += n;
  } else {
    memcpy(delay->memory + delay->at, x, end * sizeof *x);
    memcpy(delay->memory, x + end, (n - end) * sizeof *x);
    delay->at = n - end;
  }
}

/* n frames from `back` frames before the next one on; `age` frames have been put in so far. Frames that are still to be
 * put in must not be asked for. */
static void look(const Delay *delay, uint32_t back, uint64_t age, float *x, uint32_t n) {
  if (age < back) {
    const uint32_t silent = back - age < n ? (uint32_t)(back - age) : n;
    memset(x, 0, silent * sizeof *x);
    back -= silent;
    x += silent;
    n -= silent;
  }
  const uint32_t from = delay->at >= back ? delay->at - back : delay->at + delay->length - back;
  const uint32_t end = delay->length - from;
  if (n <= end) {
    copy(x, delay->memory + from, n);
  } else {
    memcpy(x, delay->memory + from, end * sizeof *x);
    memcpy(x + end, delay->memory, (n - end) * sizeof *x);
  }
}

typedef struct Stretch {
  uint32_t n, place; /* frames, and of the quantum already run */
  bool is_fading, is_moving;
} Stretch;

/* What comes out of the delay; `put_in` frames of this stretch are already in it. */
static void take(const LacDelayNetwork *self, const Delay *delay, const Stretch *s, uint32_t put_in, float *x) {
  const uint64_t age = self->n_written + put_in;
  look(delay, delay->now + put_in, age, x, s->n);
  if (s->is_fading && delay->next != delay->now) {
    float other[FRAMES];
    look(delay, delay->next + put_in, age, other, s->n);
    const double from = fade_place(self, self->faded - 1), to = fade_place(self, self->faded);
    for (uint32_t i = 0; i < s->n; i++) {
      const double share = from + (to - from) * ((double)(s->place + i + 1) / FRAMES);
      x[i] = (float)((1.0 - share) * (double)x[i] + share * (double)other[i]);
    }
  }
}

/* One row of short delays, with its gains, and the mix behind it. */
static void run_row(LacDelayNetwork *self, unsigned row, const Stretch *s) {
  LacNetworkBlock *block = &self->block;
  for (unsigned j = 0; j < LINES; j++) {
    put(&self->rows[row][j], block->line[j], s->n);
    take(self, &self->rows[row][j], s, s->n, block->line[j]);
  }
  const float *gains = self->next.short_gain[row - WIDE], *before = self->now.short_gain[row - WIDE];
  self->kernels->scale(s->is_moving ? before : gains, gains, block, s->n, s->place);
  self->kernels->mix(block, s->n);
}

/* Far below what lines of float can hold and far above any sound. */
static float to_line(double value) {
  const double limited = value < 1e30 ? value : 1e30;
  return (float)(limited > -1e30 ? limited : -1e30);
}

/* The send, delayed, as its two lanes. */
static void take_send(LacDelayNetwork *self, const Stretch *s, const double *frames, float lanes[2][FRAMES]) {
  for (unsigned c = 0; c < LAC_SVF_LANES; c++) {
    for (uint32_t i = 0; i < s->n; i++) {
      lanes[c][i] = to_line(frames[LAC_SVF_LANES * i + c]);
    }
    put(&self->predelay[c], lanes[c], s->n);
    take(self, &self->predelay[c], s, s->n, lanes[c]);
  }
}

static void give(const LacDelayNetwork *self, const Stretch *s, double *frames) {
  _Alignas(64) float out[2][FRAMES], before[2][FRAMES];
  self->kernels->tap(&self->block, self->next.mid, self->next.side, out[0], out[1], s->n);
  if (s->is_moving) {
    self->kernels->tap(&self->block, self->now.mid, self->now.side, before[0], before[1], s->n);
  }
  for (unsigned c = 0; c < LAC_SVF_LANES; c++) {
    for (uint32_t i = 0; i < s->n; i++) {
      double to = (double)out[c][i];
      if (s->is_moving) {
        const double from = (double)before[c][i];
        to = from + (to - from) * ((double)(s->place + i + 1) / FRAMES);
      }
      frames[LAC_SVF_LANES * i + c] = to;
    }
  }
}

void lac_delay_network_run(LacDelayNetwork *self, double *frames, uint32_t n_frames, uint32_t place) {
  LacNetworkBlock *block = &self->block;
  const Stretch s = {n_frames, place, self->is_moving && self->faded > 0, self->is_moving};
  _Alignas(64) float send[2][FRAMES] = {{0}};
  take_send(self, &s, frames, send);
  for (unsigned j = 0; j < LINES; j++) {
    take(self, &self->rows[LONG][j], &s, 0, block->line[j]);
  }
  self->kernels->absorb(s.is_moving ? &self->now.absorption : &self->next.absorption, &self->next.absorption,
                        &self->state, block, n_frames, place);
  give(self, &s, frames);
  self->kernels->mix(block, n_frames);
  self->kernels->inject(block, entry_left, entry_right, send[0], send[1], n_frames);
  run_row(self, WIDE, &s);
  run_row(self, NARROW, &s);
  for (unsigned j = 0; j < LINES; j++) {
    put(&self->rows[LONG][j], block->line[j], n_frames);
  }
  self->n_written += n_frames;
  if (place + n_frames == FRAMES) {
    for (unsigned k = 0; k < 2 * LINES; k++) {
      double *z = &self->state.z[0][0] + k;
      *z = fabs(*z) < 1e-30 ? 0 : *z;
    }
    self->is_moving = false;
  }
}
