/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Numbers about audio. Analysis never changes audio.
 *
 * Loudness to ITU-R BS.1770-5 with EBU Tech 3341/3342, true peak by a wide detector and by the filter of
 * BS.1770 Annex 2, long-term spectrum, stereo and dynamics by ERB band, and findings. One pass, streaming; the
 * same numbers for every cutting of the input into blocks. What does not exist (silence, too short) is NAN. */

#ifndef LACQUER_ANALYSIS_H
#define LACQUER_ANALYSIS_H

#include <lacquer/core.h>

enum {
  LAC_BANDS = 40,            /* ERB-spaced, 25 Hz .. 18 kHz */
  LAC_DYNAMICS_BANDS = 8,    /* groups of five of them */
  LAC_WINDOWS_PER_BLOCK = 8, /* of 50 ms, of 400 ms */
  LAC_OVERVIEW_COLUMNS = 1200
};

/* What is computed; loudness alone is several times faster than everything. Each flag fills its own fields; figures
 * that need two of them (PLR, PSR; some findings) appear when both are there, also after a join. */
enum {
  LAC_MEASURE_LOUDNESS = 1 << 0, /* integrated, momentary, short-term, range, sample peak, overview, loudness history */
  LAC_MEASURE_TRUE_PEAK = 1 << 1,       /* true peaks and their history */
  LAC_MEASURE_SPECTRUM = 1 << 2,        /* spectrum, stereo, dynamics, tilt, levels */
  LAC_MEASURE_FLAWS = 1 << 3,           /* findings */
  LAC_MEASURE_LIMITING_PEAKS = 1 << 4,  /* of the control track: peak */
  LAC_MEASURE_LIMITING_LEVELS = 1 << 5, /* the rest of it */
  LAC_MEASURE_CHECKSUM = 1 << 6,        /* pcm_sha256 */
  LAC_MEASURE_FINDINGS = LAC_MEASURE_FLAWS | LAC_MEASURE_CHECKSUM,
  /* The control track the loudness solver predicts with. */
  LAC_MEASURE_LIMITING = LAC_MEASURE_LIMITING_PEAKS | LAC_MEASURE_LIMITING_LEVELS,
  LAC_MEASURE_ALL = LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK | LAC_MEASURE_SPECTRUM | LAC_MEASURE_FINDINGS
};

typedef struct LacLoudness {
  double integrated_lufs;
  double momentary_max_lufs;
  double short_term_max_lufs;
  double range_lu;
  double true_peak_dbtp;     /* wide detector */
  double true_peak_itu_dbtp; /* BS.1770 Annex 2, 4x */
  double sample_peak_dbfs;
  double plr_lu;           /* true peak - integrated */
  double psr_min_lu;       /* least true peak of 3 s - short-term */
  double true_peak_time_s; /* where the largest one is */
} LacLoudness;

/* Levels are mean squares in dB: a square wave at full scale is 0 dB, a sine at full scale -3.01. Mid is (L+R)/2, side
 * (L-R)/2; with one channel side and stereo are NAN. -160 stands for nothing at all; bands from half the rate up are
 * NAN. Frames of 186 ms count when their K-weighted level passes -70 LUFS and the mean - 10 LU. */
typedef struct LacSpectrum {
  double bands_hz[LAC_BANDS];
  double mid_db[LAC_BANDS]; /* mean power per band of gated blocks, dBFS */
  double side_db[LAC_BANDS];
  double mid_db_10[LAC_BANDS]; /* quantiles over time */
  double mid_db_50[LAC_BANDS];
  double mid_db_90[LAC_BANDS];
  double tilt_db_per_octave; /* robust line 100 Hz .. 10 kHz through power density */
  double cutoff_hz;          /* where the content ends (lossy edge or the rate), NAN if unclear */
  double edge_db;            /* how far the level falls within 500 Hz at cutoff_hz; NAN: no such edge */
} LacSpectrum;

typedef struct LacStereo {
  double bands_hz[LAC_BANDS];
  double width_db[LAC_BANDS];    /* side over mid energy */
  double correlation[LAC_BANDS]; /* real coherence of left and right, -1..1 */
  double balance_db;             /* left over right, gated; within +-160 */
  double mono_loss_lu;           /* loudness lost when folded to mono (equal gain per channel) */
  double correlation_overall;
} LacStereo;

typedef struct LacDynamics {
  double bands_hz[LAC_DYNAMICS_BANDS];
  double crest_db[LAC_DYNAMICS_BANDS];    /* median of peak over RMS in 50 ms windows */
  double level_db_10[LAC_DYNAMICS_BANDS]; /* quantiles of 400 ms levels */
  double level_db_50[LAC_DYNAMICS_BANDS];
  double level_db_90[LAC_DYNAMICS_BANDS];
} LacDynamics;

typedef enum LacFindingKind {
  LAC_FINDING_CLIPPED, /* runs of samples at the extreme */
  LAC_FINDING_OVERS,   /* inter-sample peaks above full scale */
  LAC_FINDING_DC,
  LAC_FINDING_SILENCE_HEAD,
  LAC_FINDING_SILENCE_TAIL,
  LAC_FINDING_POLARITY,  /* channels cancel in mono */
  LAC_FINDING_MONO,      /* two channels, one signal */
  LAC_FINDING_ONE_SIDED, /* a channel is silent */
  LAC_FINDING_LOSSY,     /* the edge a lossy codec leaves */
  LAC_FINDING_HEADROOM,  /* no room left for mastering: already limited */
  LAC_FINDING_NONFINITE,
  LAC_FINDING_KINDS
} LacFindingKind;

typedef enum LacSeverity { LAC_SEVERITY_INFO, LAC_SEVERITY_WARNING, LAC_SEVERITY_PROBLEM } LacSeverity;

typedef struct LacFinding {
  LacFindingKind kind;
  double time_s;  /* where it starts (the worst place); NAN: the whole file */
  double seconds; /* how long in all; NAN when it has no length */
  int channel;    /* 0 left, 1 right, -1 both */
  LacSeverity severity;
  double confidence; /* 0..1 */
  double value;      /* kind's own figure: runs, dBTP, offset, Hz, dB */
  uint64_t count;
  char text[200]; /* one sentence with numbers and units */
} LacFinding;

/* Stable lower-case word, e.g. "inter_sample_overs". */
const char *lac_finding_kind_id(LacFindingKind kind);

/* Loudness and peaks over time, for pictures: hop 100 ms, windows end with the hop; the last hop may be incomplete and
 * then repeats the loudness before. NULL: not measured. */
typedef struct LacHistory {
  float *momentary_lufs; /* -INFINITY where silent */
  float *short_term_lufs;
  float *true_peak_dbtp; /* of the 100 ms */
  size_t count;
} LacHistory;

/* Smallest and largest sample of each of `count` equal stretches, both channels joined. */
typedef struct LacOverview {
  float minimum[LAC_OVERVIEW_COLUMNS];
  float maximum[LAC_OVERVIEW_COLUMNS];
  size_t count;
} LacOverview;

/* Per 1 ms: what a limiter's work on loudness can be predicted from without rendering. The last may be incomplete. */
typedef struct LacControlTrack {
  float *peak;     /* largest linked true peak (linear) of the hop */
  int8_t *lead;    /* by how much the first channel's peak stands over the second's, quarters of a dB; mono: NULL */
  float *k_energy; /* K-weighted sum of squares over the hop, channels added, in phase with the signal */
  size_t count;
  uint32_t hop_frames; /* round(rate / 1000) */
  uint8_t *openness;   /* of the offline limiter's bass gate, 255: fully open; hops of its own, from frame 0 on */
  size_t openness_count;
  uint32_t openness_hop_frames;
  double rate_hz;
} LacControlTrack;

/* Level of every 50 ms in the groups of bands of LacDynamics; eight of them in a row are the blocks of 400 ms whose
 * quantiles are told there (a last incomplete one counts only when it is the only one, with silence behind it).
 * Ungated. Mean square over the channels in dB; -INFINITY in groups from half the rate up. NULL: not measured, or less
 * than 50 ms. */
typedef struct LacLevelTrack {
  float (*group_db)[LAC_DYNAMICS_BANDS];
  size_t n_windows; /* a multiple of LAC_WINDOWS_PER_BLOCK */
} LacLevelTrack;

typedef struct LacAnalysis {
  unsigned measured; /* LAC_MEASURE_* */
  double rate_hz;
  unsigned n_channels;
  uint64_t n_frames;
  uint64_t n_nonfinite;
  bool is_silent;      /* not one sample differs from zero */
  char pcm_sha256[65]; /* of the samples as 32-bit little-endian float, interleaved, 0 for non-finite ones */
  LacLoudness loudness;
  LacSpectrum spectrum;
  LacStereo stereo;
  LacDynamics dynamics;
  LacFinding *findings; /* sorted by severity, then time */
  size_t n_findings;
  LacHistory history;
  LacOverview overview;
  LacControlTrack control;
  LacLevelTrack levels;
} LacAnalysis;

void lac_analysis_free(LacAnalysis *analysis); /* frees what it owns and zeroes it */
/* Moves what `from` measured and `into` did not into `into`: two analyzers may run on two threads over the same
 * audio and become one result. Findings are merged and sorted. Frees `from`. */
LacStatus lac_analysis_join(LacAnalysis *into, LacAnalysis *from);

typedef struct LacAnalyzer LacAnalyzer;

/* n_channels 1..2, rate 8..384 kHz. */
LAC_NODISCARD LacStatus lac_analyzer_new(double rate_hz, unsigned n_channels, unsigned measure, LacAnalyzer **out);
/* Planar, any n_frames. Non-finite samples count as 0 and are counted. */
LacStatus lac_analyzer_add(LacAnalyzer *analyzer, const float *const *channels, uint32_t n_frames);
/* May be called once; the analyzer can then only be freed. */
LacStatus lac_analyzer_finish(LacAnalyzer *analyzer, LacAnalysis *out);
void lac_analyzer_free(LacAnalyzer *analyzer);

/* Integrated loudness in LUFS (BS.1770-5, both gates) of K-weighted energies per hop of 100 ms, channels added, each
 * of `hop_frames` frames: for predicting what a gain does. NAN when nothing passes the gate. */
double lac_integrated_loudness(const double *hop_energies, size_t n_hops, uint32_t hop_frames);

#endif
