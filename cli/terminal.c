/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a terminal shows: messages, colours, units, wrapped text, progress, and the signals that stop a job. */

#include "cli.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color_mode;

void cli_color_setup(const CliValues *values) {
  const char *mode = values->text[OPT_COLOR];
  if (!mode)
    mode = getenv("LACQUER_COLOR");
  const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
  if (mode && !strcmp(mode, "always"))
    color_mode = COLOR_ALWAYS;
  else if ((mode && !strcmp(mode, "never")) || (no_color && *no_color) || (term && !strcmp(term, "dumb")))
    color_mode = COLOR_NEVER;
}

static const char *paint(FILE *stream, const char *code) {
  bool is_on = color_mode == COLOR_ALWAYS || (color_mode == COLOR_AUTO && isatty(fileno(stream)));
  return is_on ? code : "";
}

const char *cli_bold(FILE *stream) {
  return paint(stream, "\033[1m");
}
const char *cli_dim(FILE *stream) {
  return paint(stream, "\033[2m");
}
const char *cli_good(FILE *stream) {
  return paint(stream, "\033[32m");
}
const char *cli_bad(FILE *stream) {
  return paint(stream, "\033[31m");
}
const char *cli_plain(FILE *stream) {
  return paint(stream, "\033[0m");
}

static int terminal_width(FILE *stream) {
  struct winsize size;
  if (isatty(fileno(stream)) && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
    return size.ws_col > 100 ? 100 : size.ws_col;
  return 80;
}

void cli_wrapped(FILE *stream, int indent, const char *text) {
  int width = terminal_width(stream), column = indent;
  while (*text) {
    size_t length = strcspn(text, " \n"), visible = 0; /* UTF-8: continuation bytes take no column */
    for (size_t i = 0; i < length; i++)
      visible += ((unsigned char)text[i] & 0xC0) != 0x80;
    if (column > indent && column + 1 + (int)visible > width) {
      fprintf(stream, "\n%*s", indent, "");
      column = indent;
    } else if (column > indent) {
      fputc(' ', stream);
      column++;
    }
    fwrite(text, 1, length, stream);
    column += (int)visible;
    text += length;
    if (*text == '\n' && text[1]) {
      fprintf(stream, "\n%*s", indent, "");
      column = indent;
    }
    text += strspn(text, " \n");
  }
  fputc('\n', stream);
}

const char *cli_unit(double value, int n_decimals, const char *unit) {
  static char buffers[8][48];
  static unsigned next;
  char *buffer = buffers[next++ % 8];
  if (!isfinite(value))
    return "-";
  double scale = 1;
  for (int i = 0; i < n_decimals; i++)
    scale *= 10;
  if (rint(value * scale) == 0)
    value = 0; /* never "-0.0" */
  snprintf(buffer, sizeof buffers[0], "%.*f%s%s", n_decimals, value, *unit ? " " : "", unit);
  return buffer;
}

const char *cli_duration(double seconds) {
  static char buffers[4][32];
  static unsigned next;
  char *buffer = buffers[next++ % 4];
  unsigned long whole = seconds > 0 && seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 0;
  if (whole >= 3600)
    snprintf(buffer, sizeof buffers[0], "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
  else if (seconds < 10)
    snprintf(buffer, sizeof buffers[0], "%.2f s", seconds);
  else
    snprintf(buffer, sizeof buffers[0], "%lu:%02lu", whole / 60, whole % 60);
  return buffer;
}

const char *cli_shown(const char *path) {
  static char buffers[4][1024];
  static unsigned next;
  char *shown = buffers[next++ % 4];
  size_t n = 0;
  for (const unsigned char *c = (const unsigned char *)path; *c && n + 1 < sizeof buffers[0]; c++)
    shown[n++] = *c < 32 || *c == 127 ? '?' : (char)*c;
  shown[n] = 0;
  return shown;
}

/* --- Messages ----------------------------------------------------------------------------------------------- */

void cli_message(const char *format, ...) {
  char text[2048];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  cli_progress_done();
  fprintf(stderr, "lacquer: %s\n", text);
}

int cli_usage(const CliCommand *command, const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  cli_message("%s", text);
  fprintf(stderr, "Usage: lacquer %s %s\nMore: lacquer help %s\n", command->name, command->synopsis, command->name);
  return EXIT_USAGE;
}

int cli_exit_code(LacStatus status) {
  switch (status) {
  case LAC_OK:
    return EXIT_DONE;
  case LAC_ERR_USAGE:
  case LAC_ERR_RANGE:
  case LAC_ERR_SYNTAX:
  case LAC_ERR_SCHEMA:
    return EXIT_USAGE;
  case LAC_ERR_NOT_FOUND:
  case LAC_ERR_DAMAGED:
  case LAC_ERR_UNSUPPORTED:
  case LAC_ERR_CHANNELS:
  case LAC_ERR_EMPTY:
  case LAC_ERR_SILENT:
  case LAC_ERR_NONFINITE:
    return EXIT_INPUT;
  case LAC_ERR_EXISTS:
  case LAC_ERR_IS_INPUT:
  case LAC_ERR_WRITE:
  case LAC_ERR_NO_SPACE:
    return EXIT_OUTPUT;
  case LAC_ERR_TARGET:
    return EXIT_TARGET;
  case LAC_ERR_LIMIT:
    return EXIT_LIMIT;
  case LAC_ERR_CANCELLED:
    return cli_signal_exit() ? cli_signal_exit() : 130;
  case LAC_ERR_MEMORY:
  case LAC_ERR_READ:
  case LAC_ERR_INTERNAL:
    break;
  }
  return EXIT_FAILED;
}

int cli_fail(const LacError *error) {
  const char *text = error->text[0] ? error->text : lac_strerror(error->status);
  cli_progress_done();
  fprintf(stderr, "%slacquer: %s%s", cli_bad(stderr), cli_plain(stderr), text);
  fprintf(stderr, error->code[0] ? " %s[%s]%s\n" : "%s%s%s\n", cli_dim(stderr), error->code, cli_plain(stderr));
  return cli_exit_code(error->status);
}

void cli_warnings(const LacNotes *notes, const char *path, bool is_quiet) {
  (void)is_quiet; /* warnings are shown even when quiet: they say the consequence */
  for (size_t i = 0; i < notes->count; i++) {
    cli_progress_done();
    fprintf(stderr, "%s: %s %s[%s]%s\n", cli_shown(path), notes->items[i].text, cli_dim(stderr), notes->items[i].code,
            cli_plain(stderr));
  }
}

int cli_print_document(LacStatus status, char *text) {
  if (status != LAC_OK || !text) {
    cli_message("%s.", lac_strerror(status != LAC_OK ? status : LAC_ERR_MEMORY));
    return EXIT_FAILED;
  }
  size_t length = strlen(text);
  bool is_written = fwrite(text, 1, length, stdout) == length &&
                    (length && text[length - 1] == '\n' ? true : fputc('\n', stdout) >= 0);
  is_written = fflush(stdout) == 0 && is_written;
  lac_text_free(text);
  if (!is_written) {
    cli_message("The result could not be written to standard output.");
    return EXIT_OUTPUT;
  }
  return EXIT_DONE;
}

/* --- Progress ----------------------------------------------------------------------------------------------- */

static struct {
  enum { PROGRESS_NONE, PROGRESS_BAR, PROGRESS_PLAIN, PROGRESS_JSON } mode;
  char name[64];
  char stage[24];
  double started_s;
  double stage_started_s;
  int last_percent;
  bool line_is_open;
} progress;

static double now_s(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void cli_progress_setup(const CliValues *values, const char *path) {
  const char *mode = values->text[OPT_PROGRESS];
  if (!mode)
    mode = getenv("LACQUER_PROGRESS");
  if (!mode || !strcmp(mode, "auto"))
    progress.mode = values->text[OPT_QUIET] ? PROGRESS_NONE : isatty(STDERR_FILENO) ? PROGRESS_BAR : PROGRESS_NONE;
  else
    progress.mode = !strcmp(mode, "plain") ? PROGRESS_PLAIN : !strcmp(mode, "json") ? PROGRESS_JSON : PROGRESS_NONE;
  const char *slash = strrchr(path, '/');
  snprintf(progress.name, sizeof progress.name, "%s", cli_shown(slash && slash[1] ? slash + 1 : path));
  progress.stage[0] = 0;
  progress.started_s = now_s();
  if (progress.mode == PROGRESS_BAR)
    cli_progress(NULL, "open", 0);
}

static const char *stage_words(const char *stage) {
  static const char *const words[][2] = {{"open", "opening"},
                                         {"analyse", "listening to the mix"},
                                         {"decide", "deciding"},
                                         {"render", "making the master"},
                                         {"verify", "checking what was written"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (!strcmp(words[i][0], stage))
      return words[i][1];
  return stage;
}

void cli_progress(void *user, const char *stage, double fraction) {
  (void)user;
  if (progress.mode == PROGRESS_NONE)
    return;
  double now = now_s();
  bool is_new = strcmp(stage, progress.stage) != 0;
  if (is_new) {
    snprintf(progress.stage, sizeof progress.stage, "%s", stage);
    progress.stage_started_s = now;
    progress.last_percent = -1;
  }
  int percent = (int)(fraction * 100);
  if (percent == progress.last_percent)
    return;
  progress.last_percent = percent;
  if (progress.mode == PROGRESS_JSON) {
    fprintf(stderr, "{\"stage\":\"%s\",\"fraction\":%.3f}\n", stage, fraction);
  } else if (progress.mode == PROGRESS_PLAIN) {
    if (is_new)
      fprintf(stderr, "%s: %s\n", progress.name, stage_words(stage));
  } else {
    char left[32] = "";
    if (now - progress.stage_started_s > 2 && fraction > 0.02)
      snprintf(left, sizeof left, ", %.0f s left", (now - progress.stage_started_s) * (1 - fraction) / fraction);
    fprintf(stderr, "\r\033[K%s: %s %d %%%s", progress.name, stage_words(stage), percent, left);
    fflush(stderr);
    progress.line_is_open = true;
  }
}

void cli_progress_done(void) {
  if (progress.line_is_open)
    fputs("\r\033[K", stderr);
  progress.line_is_open = false;
  progress.last_percent = -1;
}

/* --- Signals ------------------------------------------------------------------------------------------------ */

static LacCancel cancel;
static volatile sig_atomic_t stop_signal;

static void on_signal(int number) {
  if (stop_signal)
    _exit(128 + number); /* asked twice: end at once; outputs are atomic, so nothing is half there */
  stop_signal = number;
  atomic_store(&cancel.requested, true);
  alarm(1); /* a job that waits for a pipe or a device cannot look at the flag */
  static const char text[] = "\nlacquer: stopping; once more ends at once.\n";
  ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
  (void)ignored;
}

static void on_alarm(int number) {
  (void)number;
  _exit(128 + (int)stop_signal);
}

LacCancel *cli_cancel(void) {
  return &cancel;
}

int cli_signal_exit(void) {
  return stop_signal ? 128 + (int)stop_signal : 0;
}

void cli_signals_setup(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, NULL);
}
