/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lacquer doctor: does this installation work? It masters a small signal through the whole path and measures it. */

#include "cli.h"

#include <lacquer/master.h>
#include <lacquer/media.h>
#include <lacquer/targets.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool report(bool is_good, const char *what, const char *detail) {
  printf("%s%s%s %-14s %s\n", is_good ? cli_good(stdout) : cli_bad(stdout), is_good ? "ok " : "NO ", cli_plain(stdout),
         what, detail);
  return is_good;
}

/* Four seconds of two tones with a beat: enough for loudness, peaks and a limiter. */
static LacStatus write_signal(const char *path, LacError *error) {
  enum { RATE = 44100, SECONDS = 4, BLOCK = 4410 };
  LacSinkFormat format = {
      .container = LAC_CONTAINER_WAV, .rate_hz = RATE, .n_channels = 2, .bits = 24, .n_frames = RATE * SECONDS};
  LacSink *sink = NULL;
  LacNotes notes = {0};
  LacStatus status = lac_sink_open(path, false, &format, &sink, &notes, error);
  lac_notes_free(&notes);
  static int32_t left[BLOCK], right[BLOCK];
  for (int start = 0; start < RATE * SECONDS && status == LAC_OK; start += BLOCK) {
    for (int i = 0; i < BLOCK; i++) {
      double t = (double)(start + i) / RATE;
      left[i] = (int32_t)(8388607 * 0.2 * (sin(2 * M_PI * 220 * t) + sin(2 * M_PI * 997 * t)));
      right[i] = (int32_t)(8388607 * 0.2 * (sin(2 * M_PI * 220 * t) + sin(2 * M_PI * 1500 * t)));
    }
    status = lac_sink_write_integers(sink, (const int32_t *const[]){left, right}, BLOCK, error);
  }
  if (status != LAC_OK) {
    lac_sink_abort(sink);
    return status;
  }
  return lac_sink_commit(sink, error);
}

static bool try_master(const char *folder, const LacJobControl *control) {
  char mix[512], master[512], detail[LAC_ERROR_TEXT_SIZE + 64];
  snprintf(mix, sizeof mix, "%s/mix.wav", folder);
  snprintf(master, sizeof master, "%s/master.wav", folder);
  LacError error = {0};
  LacMasterOptions options;
  LacMasterResult result = {0};
  lac_master_options_init(&options);
  options.input = mix;
  options.output = master;
  LacStatus status = write_signal(mix, &error);
  if (status == LAC_OK)
    status = lac_master(&options, control, &result, &error);
  if (status == LAC_OK)
    snprintf(detail, sizeof detail, "a test signal was mastered to %.2f LUFS, %.2f dBTP in %.2f s",
             result.output.loudness.integrated_lufs, result.output.loudness.true_peak_dbtp, result.seconds);
  else
    snprintf(detail, sizeof detail, "%s", error.text[0] ? error.text : lac_strerror(status));
  lac_master_result_free(&result);
  unlink(mix);
  unlink(master);
  return report(status == LAC_OK, "mastering", detail);
}

static bool check_platforms(void) {
  LacPlatforms *platforms = NULL;
  LacError error = {0};
  char detail[LAC_ERROR_TEXT_SIZE + 64];
  bool is_good = lac_platforms_load(&platforms, &error) == LAC_OK;
  if (is_good)
    snprintf(detail, sizeof detail, "%zu platforms", lac_platforms_count(platforms));
  else
    snprintf(detail, sizeof detail, "%s", error.text);
  lac_platforms_free(platforms);
  return report(is_good, "data", detail);
}

int cli_doctor(const CliCommand *command, const CliValues *values) {
  if (values->n_operands)
    return cli_usage(command, "doctor takes no operands.");
  LacJobControl control;
  if (!cli_job_control(values, &control))
    return EXIT_USAGE;
  control.progress = NULL;
  char detail[512];
  snprintf(detail, sizeof detail, "lacquer %s, %s, CPU level %s, %ld cores", lac_version(), lac_media_version(),
           lac_cpu_level_text(), sysconf(_SC_NPROCESSORS_ONLN));
  bool is_good = report(true, "program", detail);
  const char *temporary = getenv("TMPDIR");
  char folder[256];
  snprintf(folder, sizeof folder, "%s/lacquer-doctor-XXXXXX", temporary && *temporary ? temporary : "/tmp");
  bool has_folder = mkdtemp(folder) != NULL;
  struct statvfs disk;
  if (has_folder && statvfs(folder, &disk) == 0)
    snprintf(detail, sizeof detail, "%.1f GB free where long signals are spooled",
             (double)disk.f_bavail * (double)disk.f_frsize / 1e9);
  else
    snprintf(detail, sizeof detail, "%s cannot be written; set TMPDIR to a folder that can", folder);
  is_good = report(has_folder, "scratch", detail) && is_good;
  is_good = check_platforms() && is_good;
  if (has_folder) {
    is_good = try_master(folder, &control) && is_good;
    rmdir(folder);
  }
  return is_good ? EXIT_DONE : EXIT_FAILED;
}
