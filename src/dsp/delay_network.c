/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/delay_network.h"

#include <math.h>
#include <string.h>

#include "dsp/delay_network_kernels.h"
#include "dsp/elementary.h"

enum { LINES = LAC_NETWORK_LINES, FRAMES = LAC_NETWORK_FRAMES, RUN = LAC_NETWORK_RUN };

/* In seconds a fade from one set of delays to the next. */
#define FADE_S 0.1

/* One delay per line and row: spread evenly over the logarithm of 20..90 ms, and over 0..19 and 0..7 ms, with jitter,
 * in random order; of some 450 such sets the one that at 44.1, 48 and 96 kHz joined the truest decay at size 1 (worst
 * octave of 0.3, 0.5 and 1 s: 4.1 %) and around it (2.9 %) to a dense and even response. Left hears the long lines of
 * which bit 2 is 0, right the others (sum and difference of mid and side), and longer lines lose more: both halves of
 * LONG lose alike, within 0.2 dB at any time and size. */
enum { LONG, WIDE, NARROW, N_ROWS };
static const double delays_ms[N_ROWS][LINES] = {
    [LONG] = {73.16, 27.75, 41.32, 21.85, 47.24, 37.58, 23.26, 54.45, 44.27, 65.62, 29.92, 78.63, 24.63, 34.43, 81.97,
              60.35},
    [WIDE] = {1.44, 13.72, 17.11, 15.55, 9.94, 11.57, 3.94, 0.95, 12.37, 8.04, 9.04, 5.32, 2.71, 18.86, 6.89, 14.49},
    [NARROW] = {0.11, 5.77, 2.54, 0.64, 6.13, 3.69, 5.52, 4.06, 1.53, 5.12, 6.85, 2.98, 0.94, 3.44, 2.01, 4.44}};

/* Lines that remember what went in; before its first frame a line is silent. All lie one behind the other in one ring,
 * through which they move together: what one has done with is overwritten by its neighbour, before it has left the
 * caches, and hardly a run goes beyond the end of the ring. One begins at a multiple of its length, so that it is put
 * in in one piece; where what leaves goes on at the beginning of the ring, that is copied behind the end, where there
 * is room for a run. */
typedef struct Row {
  unsigned n_lines;
  float *memory;
  int32_t length;       /* of the ring */
  int32_t at;           /* where the next frame of a line with begin 0 goes */
  int32_t begin[LINES]; /* of the lines */
  int32_t now[LINES];   /* frames of delay */
  int32_t next[LINES];  /* faded to; the same unless the network is fading */
} Row;

/* Everything that follows from the decay. */
typedef struct Losses {
  LacAbsorption absorption;
  float short_gain[2][LINES]; /* of WIDE and NARROW, each with the 1/4 that makes a mix orthogonal */
} Losses;

struct LacDelayNetwork {
  double rate_hz;
  const LacNetworkKernels *kernels;
  Row predelay; /* sum and difference of left and right */
  Row rows[N_ROWS];
  Losses now; /* at the last border of a quantum */
  Losses next;
  LacAbsorptionState state;
  LacNetworkBlock block; /* at work in part of a quantum */
  bool is_moving;        /* in this quantum */
  bool without_low;      /* the bass decays like the middle, and nothing is left of when it did not */
  bool is_loud;          /* in the last run sound went in that is far above the veil */
  LacRoom room, wanted;
  uint32_t fade_quanta;
  uint32_t faded;        /* of fade_quanta; 0: no fade */
  int32_t shortest_loop; /* the shortest of the long delays: no run may be longer */
  uint64_t n_written;    /* frames since reset */
  uint64_t n_to_fill;    /* until every line has been filled once */
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
  for (unsigned c = 0; c < self->predelay.n_lines; c++) {
    self->predelay.next[c] = (int32_t)predelay_frames(self, room);
  }
  for (unsigned r = 0; r < N_ROWS; r++) {
    for (unsigned j = 0; j < LINES; j++) {
      self->rows[r].next[j] = (int32_t)delay_frames(self, r, j, room->size);
    }
  }
}

static uint32_t longest_next(const Row *row) {
  int32_t longest = 0;
  for (unsigned j = 0; j < row->n_lines; j++) {
    longest = row->next[j] > longest ? row->next[j] : longest;
  }
  return (uint32_t)longest;
}

static void arrive(LacDelayNetwork *self) {
  memcpy(self->predelay.now, self->predelay.next, sizeof self->predelay.now);
  self->n_to_fill = longest_next(&self->predelay);
  for (unsigned r = 0; r < N_ROWS; r++) {
    memcpy(self->rows[r].now, self->rows[r].next, sizeof self->rows[r].now);
    const uint64_t longest = longest_next(&self->rows[r]);
    self->n_to_fill = longest > self->n_to_fill ? longest : self->n_to_fill;
  }
  self->faded = 0;
  self->shortest_loop = self->rows[LONG].now[0];
  for (unsigned j = 1; j < LINES; j++) {
    self->shortest_loop = self->rows[LONG].now[j] < self->shortest_loop ? self->rows[LONG].now[j] : self->shortest_loop;
  }
}

/* Where the lines stand between the two sets of delays, 0 .. 1 with flat ends. */
static double fade_place(const LacDelayNetwork *self, double quanta) {
  const double t = quanta / self->fade_quanta;
  return t * t * (3.0 - 2.0 * t);
}

/* ---- losses ---- */

/* First-order shelves, bilinear with the middle kept in place: the gain at DC (low) or Nyquist (high) is `gain`, the
 * other end 1, the gain where tan_half belongs its square root; all of it times `level`. */
static void set_shelf(LacAbsorption *a, unsigned k, unsigned j, double gain, double level, double tan_half) {
  const bool is_low = k == LAC_NETWORK_LOW;
  const double root = sqrt(gain), zero = is_low ? tan_half * root : tan_half,
               pole = is_low ? tan_half / root : tan_half;
  const double top = is_low ? 1.0 : root, bottom = is_low ? 1.0 : 1.0 / root, norm = 1.0 / (bottom + pole);
  const double b0 = (top + zero) * norm, b1 = (zero - top) * norm, a1 = (pole - bottom) * norm;
  const bool is_flat = gain == 1.0;
  a->through[k][j] = is_flat ? (float)level : (float)(level * b0);
  a->feed[k][j] = is_flat ? 0.0f : (float)(level * (b1 - a1 * b0));
  a->pole[k][j] = (float)-a1;
}

static double tan_half_of(const LacDelayNetwork *self, double hz) {
  const double most = 0.45 * self->rate_hz;
  return lac_tan(LAC_PI * (hz < most ? hz : most) / self->rate_hz);
}

static void find_losses(const LacDelayNetwork *self, const LacDecay *decay, Losses *out) {
  const double low = tan_half_of(self, decay->low_hz), high = tan_half_of(self, decay->high_hz);
  const double per_frame = -3.0 * lac_log(10.0) / (decay->time_s * self->rate_hz);
  const double place = self->faded > 0 ? fade_place(self, self->faded) : 0;
  double frames[N_ROWS][LINES], mean[N_ROWS] = {0}, power = 0;
  for (unsigned r = 0; r < N_ROWS; r++) {
    for (unsigned j = 0; j < LINES; j++) {
      const Row *row = &self->rows[r];
      frames[r][j] = row->now[j] + ((double)row->next[j] - row->now[j]) * place;
      mean[r] += frames[r][j] / LINES;
    }
    for (unsigned j = 0; r != LONG && j < LINES; j++) {
      out->short_gain[r - WIDE][j] = (float)(0.25 * lac_exp(per_frame * (frames[r][j] - mean[r])));
    }
  }
  for (unsigned j = 0; j < LINES; j++) {
    const double loss = per_frame * (frames[LONG][j] + mean[WIDE] + mean[NARROW]), middle = lac_exp(loss);
    /* The level, with the 1/2 of the butterflies to come, is the treble's: a bass that rests changes nothing. */
    set_shelf(&out->absorption, LAC_NETWORK_LOW, j, lac_exp(loss * (1.0 / decay->low - 1.0)), 1.0, low);
    set_shelf(&out->absorption, LAC_NETWORK_HIGH, j, lac_exp(loss * (1.0 / decay->high - 1.0)), 0.5 * middle, high);
    power += middle * middle / LINES;
  }
  /* A power of 1 on left and right is 32 in the lines, entries being of length 4, and 8 behind the losses, which have
   * the 1/2 of the butterflies to come. An exit of length 4 hears as much as all lines hold, in all rounds
   * power / (1 - power) of the 8. By each exit 1/2 shall leave. */
  out->absorption.exit_gain = (float)(sqrt((1.0 - power) / power) / 4.0);
}

/* The bass is lost like the middle, and the section for it has nothing left. */
static bool rests(const LacDelayNetwork *self) {
  float sum = 0;
  for (unsigned j = 0; j < LINES; j++) {
    sum += fabsf(self->next.absorption.feed[LAC_NETWORK_LOW][j]) + fabsf(self->state.z[LAC_NETWORK_LOW][j]);
  }
  return sum == 0;
}

/* ---- life ---- */

/* For as long as the delays that it is aimed at. Lines that the row has not are without delay. */
static LacStatus make_row(LacArena *arena, Row *row) {
  row->length = 0;
  for (unsigned j = 0; j < LINES; j++) {
    row->length += (row->next[j] + RUN - 1) / RUN * RUN; /* what line j may still be asked for lies before it */
    row->begin[j] = row->length;
    row->length += j < row->n_lines ? RUN : 0;
  }
  row->memory = lac_arena_alloc(arena, (size_t)row->length + RUN, sizeof *row->memory);
  return row->memory ? LAC_OK : LAC_ERR_MEMORY;
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
  self->predelay.n_lines = 2;
  self->rows[LONG].n_lines = self->rows[WIDE].n_lines = self->rows[NARROW].n_lines = LINES;
  aim_delays(self, &largest);
  LacStatus status = make_row(arena, &self->predelay);
  for (unsigned r = 0; status == LAC_OK && r < N_ROWS; r++) {
    status = make_row(arena, &self->rows[r]);
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
  self->is_moving = self->is_loud = false;
  self->without_low = rests(self);
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
  self->without_low = false;
}

uint32_t lac_delay_network_fill_frames(const LacDelayNetwork *self) {
  uint32_t frames = longest_next(&self->predelay);
  for (unsigned r = 0; r < N_ROWS; r++) {
    frames += longest_next(&self->rows[r]);
  }
  return frames;
}

/* ---- audio, a whole quantum at once: nearly always ---- */

/* `to` that lies up to a length before or behind the ring. */
static int32_t in_ring(const Row *row, int32_t to) {
  return to + (to < 0 ? row->length : 0) - (to >= row->length ? row->length : 0);
}

/* Where the n frames lie that leave a row now: in one piece. */
static void find_delayed(const Row *row, uint32_t n, LacNetworkPlaces *places) {
  int32_t last = 0;
  for (unsigned j = 0; j < LINES; j++) {
    places->at[j] = in_ring(row, row->at + row->begin[j] - row->now[j]);
    last = places->at[j] > last ? places->at[j] : last;
  }
  places->memory = row->memory;
  if (last + (int32_t)n > row->length) {
    memcpy(row->memory + row->length, row->memory, n * sizeof *row->memory);
  }
}

static void find_next(const Row *row, LacNetworkPlaces *places) {
  places->memory = row->memory;
  for (unsigned j = 0; j < LINES; j++) {
    places->at[j] = in_ring(row, row->at + row->begin[j]);
  }
}

static void pass(Row *row, uint32_t n) {
  row->at = in_ring(row, row->at + (int32_t)n);
}

static LacNetworkRound next_round(const LacDelayNetwork *self, float *const leaves[2]) {
  return (LacNetworkRound){.from = self->is_moving ? &self->now.absorption : &self->next.absorption,
                           .to = &self->next.absorption,
                           .without_low = self->without_low,
                           .without_veil = self->is_loud,
                           .mid = leaves[0],
                           .side = leaves[1]};
}

/* The send, delayed. */
static void enter(LacDelayNetwork *self, float *const lanes[2], uint32_t n, LacNetworkRound *round) {
  Row *row = &self->predelay;
  LacNetworkPlaces places = {0};
  find_next(row, &places);
  self->kernels->enter(lanes[0], lanes[1], row->memory + places.at[0], row->memory + places.at[1], n);
  find_delayed(row, n, &places);
  round->sum = row->memory + places.at[0];
  round->difference = row->memory + places.at[1];
  pass(row, n);
}

/* Puts what `row` has lost and mixed into the next one. */
static void run_row(LacDelayNetwork *self, unsigned row, unsigned next, uint32_t n) {
  LacNetworkPlaces in, out;
  const float *gains = self->next.short_gain[row - WIDE], *before = self->now.short_gain[row - WIDE];
  find_delayed(&self->rows[row], n, &in);
  find_next(&self->rows[next], &out);
  self->kernels->mix(self->is_moving ? before : gains, gains, &in, &out, n, 0);
  pass(&self->rows[row], n);
}

/* A quantum or, while nothing moves, a run. */
static void run_whole(LacDelayNetwork *self, float *const lanes[2], uint32_t n) {
  LacNetworkPlaces in, out;
  LacNetworkRound round = next_round(self, lanes);
  enter(self, lanes, n, &round);
  find_delayed(&self->rows[LONG], n, &in);
  find_next(&self->rows[WIDE], &out);
  self->kernels->feed_back(&round, &self->state, &in, &out, n, 0);
  run_row(self, WIDE, NARROW, n);
  run_row(self, NARROW, LONG, n);
  pass(&self->rows[LONG], n);
}

/* ---- audio, in parts of a quantum, while delays fade, and until all lines are filled ---- */

typedef struct Stretch {
  uint32_t n, place; /* frames, and of the quantum already run */
  bool is_fading;
} Stretch;

static void put(const Row *row, unsigned j, const float *x, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    row->memory[in_ring(row, row->at + row->begin[j] + (int32_t)i)] = x[i];
  }
}

/* n frames from `back` frames before the next one on; `age` frames have been put in so far. Frames that are still to be
 * put in must not be asked for. */
static void look(const Row *row, unsigned j, uint32_t back, uint64_t age, float *x, uint32_t n) {
  uint32_t silent = age < back ? (uint32_t)(back - age) : 0;
  silent = silent < n ? silent : n;
  memset(x, 0, silent * sizeof *x);
  for (uint32_t i = silent; i < n; i++) {
    x[i] = row->memory[in_ring(row, row->at + row->begin[j] - (int32_t)back + (int32_t)i)];
  }
}

/* What comes out of the delay for this stretch; a row passes on after it. */
static void take(const LacDelayNetwork *self, const Row *row, unsigned j, const Stretch *s, float *x) {
  look(row, j, (uint32_t)row->now[j], self->n_written, x, s->n);
  if (s->is_fading && row->next[j] != row->now[j]) {
    float other[FRAMES];
    look(row, j, (uint32_t)row->next[j], self->n_written, other, s->n);
    const double from = fade_place(self, self->faded - 1), to = fade_place(self, self->faded);
    for (uint32_t i = 0; i < s->n; i++) {
      const double share = from + (to - from) * ((double)(s->place + i + 1) / FRAMES);
      x[i] = (float)((1.0 - share) * (double)x[i] + share * (double)other[i]);
    }
  }
}

/* Through the delays of a row in place. */
static void delay_block(LacDelayNetwork *self, unsigned row, const Stretch *s, LacNetworkBlock *block) {
  for (unsigned j = 0; j < LINES; j++) {
    put(&self->rows[row], j, block->line[j], s->n);
    take(self, &self->rows[row], j, s, block->line[j]);
  }
  pass(&self->rows[row], s->n);
}

static void find_block(LacNetworkBlock *block, LacNetworkPlaces *places) {
  places->memory = block->line[0];
  for (unsigned j = 0; j < LINES; j++) {
    places->at[j] = (int32_t)j * RUN;
  }
}

/* The send, delayed. */
static void enter_stretch(LacDelayNetwork *self, const Stretch *s, float *const lanes[2], float ways[2][FRAMES]) {
  float held[2][FRAMES] = {{0}, {0}};
  for (unsigned c = 0; c < 2; c++) {
    memcpy(held[c], lanes[c], s->n * sizeof(float));
  }
  self->kernels->enter(held[0], held[1], ways[0], ways[1], s->n);
  for (unsigned c = 0; c < 2; c++) {
    put(&self->predelay, c, ways[c], s->n);
    take(self, &self->predelay, c, s, ways[c]);
  }
  pass(&self->predelay, s->n);
}

static void run_stretch(LacDelayNetwork *self, float *const lanes[2], const Stretch *s) {
  _Alignas(64) float in[2][FRAMES] = {{0}, {0}}, out[2][FRAMES];
  LacNetworkBlock *block = &self->block;
  LacNetworkPlaces in_block;
  find_block(block, &in_block);
  enter_stretch(self, s, lanes, in);
  for (unsigned j = 0; j < LINES; j++) {
    take(self, &self->rows[LONG], j, s, block->line[j]);
  }
  LacNetworkRound round = next_round(self, (float *const[]){out[0], out[1]});
  round.sum = in[0];
  round.difference = in[1];
  self->kernels->feed_back(&round, &self->state, &in_block, &in_block, s->n, s->place);
  for (unsigned row = WIDE; row <= NARROW; row++) {
    const float *gains = self->next.short_gain[row - WIDE], *before = self->now.short_gain[row - WIDE];
    delay_block(self, row, s, block);
    self->kernels->mix(self->is_moving ? before : gains, gains, &in_block, &in_block, s->n, s->place);
  }
  for (unsigned j = 0; j < LINES; j++) {
    put(&self->rows[LONG], j, block->line[j], s->n);
  }
  pass(&self->rows[LONG], s->n);
  memcpy(lanes[0], out[0], s->n * sizeof(float));
  memcpy(lanes[1], out[1], s->n * sizeof(float));
}

/* ---- both ---- */

/* What went into the long lines last: all of it is far from where sound would fade out as denormals. */
static bool is_loud(const LacDelayNetwork *self) {
  const Row *row = &self->rows[LONG];
  float sum = 0;
  for (unsigned j = 0; j < LINES; j++) {
    sum += fabsf(row->memory[in_ring(row, row->at + row->begin[j] - 1)]);
  }
  return sum > LAC_NETWORK_LOUD;
}

static void end_run(LacDelayNetwork *self) {
  self->is_loud = is_loud(self);
  for (unsigned k = 0; k < LAC_NETWORK_SECTIONS * LINES; k++) {
    float *z = &self->state.z[0][0] + k;
    *z = fabsf(*z) < 1e-30f ? 0 : *z;
  }
}

static void end_quantum(LacDelayNetwork *self) {
  self->is_moving = false;
  self->without_low = self->without_low || rests(self);
}

/* All lines are filled, and a quantum begins. */
static bool is_whole(const LacDelayNetwork *self) {
  return self->n_written >= self->n_to_fill && self->n_written % FRAMES == 0;
}

/* Within a quantum, or a run of which every part is whole. */
static void run_part(LacDelayNetwork *self, float *const lanes[2], uint32_t n, uint32_t place) {
  const bool is_fading = self->is_moving && self->faded > 0;
  if (n % FRAMES == 0 && !is_fading && is_whole(self)) {
    run_whole(self, lanes, n);
  } else {
    run_stretch(self, lanes, &(Stretch){n, place, is_fading});
  }
  self->n_written += n;
  if ((place + n) % FRAMES == 0) {
    end_quantum(self);
  }
}

/* Rings begin where runs do. */
static void begin_rings(LacDelayNetwork *self, uint32_t place) {
  self->predelay.at = (int32_t)place;
  for (unsigned r = 0; r < N_ROWS; r++) {
    self->rows[r].at = (int32_t)place;
  }
}

void lac_delay_network_run(LacDelayNetwork *self, float *left, float *right, uint32_t n_frames, uint32_t place) {
  if (self->n_written == 0) {
    begin_rings(self, place);
  }
  const bool in_one = n_frames == RUN && is_whole(self) && !self->is_moving && self->shortest_loop >= RUN;
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    const uint32_t in_quantum = (place + done) % FRAMES, rest = FRAMES - in_quantum;
    n = in_one ? RUN : n_frames - done < rest ? n_frames - done : rest;
    run_part(self, (float *const[]){left + done, right + done}, n, in_quantum);
  }
  if (place + n_frames == RUN) { /* at the same frames however these are cut */
    end_run(self);
  }
}
