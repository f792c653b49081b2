/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line: one table of options, one table of commands, one file per command. Help, completions and the
 * reference in docs/commands.md are made from the tables. Uses the library through its public headers alone. */

#ifndef LAC_CLI_CLI_H
#define LAC_CLI_CLI_H

#include <lacquer/core.h>
#include <lacquer/render.h>

#include <stdio.h>

/* Exit codes: a contract (docs/commands.md). */
enum {
  EXIT_DONE = 0,
  EXIT_FAILED = 1,
  EXIT_USAGE = 2,
  EXIT_INPUT = 3,
  EXIT_OUTPUT = 4,
  EXIT_TARGET = 5,
  EXIT_BATCH = 6,
  EXIT_LIMIT = 7
};
int cli_exit_code(LacStatus status);

/* Every option of every command: the index is the same in the table of options.c. */
typedef enum CliOptionId {
  OPT_OUTPUT,
  OPT_FOR,
  OPT_STRENGTH,
  OPT_LOUDNESS,
  OPT_CEILING,
  OPT_MAX_LIMITING,
  OPT_RANGE,
  OPT_QUALITY,
  OPT_PRESET,
  OPT_SET,
  OPT_RECIPE,
  OPT_SAVE_RECIPE,
  OPT_BITS,
  OPT_RATE,
  OPT_REPORT,
  OPT_EXPORT,
  OPT_REDETECT,
  OPT_JSON,
  OPT_THREADS,
  OPT_FORCE,
  OPT_DRY_RUN,
  OPT_QUIET,
  OPT_VERBOSE,
  OPT_PROGRESS,
  OPT_COLOR,
  OPT_NO_INPUT,
  OPT_HELP,
  OPT_VERSION,
  OPT_COUNT
} CliOptionId;

typedef struct CliOption {
  const char *name;     /* without the dashes */
  char letter;          /* 0: none */
  const char *argument; /* placeholder; NULL: a flag */
  const char *help;
} CliOption;
const CliOption *cli_option(CliOptionId id);

typedef struct CliValues {
  const char *text[OPT_COUNT]; /* last value; "" for a given flag; NULL when not given */
  const char **settings;       /* every --set, in order */
  size_t n_settings;
  const char **presets; /* every --preset, in order */
  size_t n_presets;
  const char **operands;
  size_t n_operands;
} CliValues;

typedef struct CliCommand CliCommand;
struct CliCommand {
  const char *name;
  const char *synopsis; /* after "lacquer NAME " */
  const char *summary;  /* one sentence */
  const char *details;  /* paragraphs for help, may be NULL */
  const char *examples; /* lines, first in help */
  const CliOptionId *options;
  size_t n_options;
  int (*run)(const CliCommand *command, const CliValues *values);
};
size_t cli_command_count(void);
const CliCommand *cli_command_at(size_t index);
const CliCommand *cli_command_find(const char *name);

/* argv after the command's name. Prints the message and returns EXIT_USAGE on a mistake; EXIT_DONE otherwise. */
int cli_parse(const CliCommand *command, int argc, char **argv, CliValues *values);
void cli_values_free(CliValues *values);
/* True when OPT_x was given and parsed; prints a message and sets *failed when it is no number or out of range. */
bool cli_number(const CliValues *values, CliOptionId id, double minimum, double maximum, double *number, bool *failed);
/* --bits 16|24|32f, --rate HZ (44100 or 44.1k), --threads: parsed into what is given; false after a message. */
bool cli_format_options(const CliValues *values, unsigned *bits, uint32_t *rate_hz);
/* Control for a job: threads, cancel (signals) and progress. False after a message. */
bool cli_job_control(const CliValues *values, LacJobControl *control);
/* Nearest of `names` by edit distance, NULL when nothing is near. */
const char *cli_nearest(const char *word, const char *const *names, size_t n_names);

/* Messages on standard error. `cli_fail` prints the error and returns its exit code. */
void cli_message(const char *format, ...) LAC_PRINTF(1, 2);
int cli_usage(const CliCommand *command, const char *format, ...) LAC_PRINTF(2, 3);
int cli_fail(const LacError *error);
void cli_warnings(const LacNotes *notes, const char *path, bool is_quiet);
/* Writes a document to standard output and frees it; a broken pipe ends quietly. */
int cli_print_document(LacStatus status, char *text);

/* Terminal. */
void cli_color_setup(const CliValues *values);
const char *cli_bold(FILE *stream);
const char *cli_dim(FILE *stream);
const char *cli_good(FILE *stream);
const char *cli_bad(FILE *stream);
const char *cli_plain(FILE *stream);
/* "-14.0 LUFS", "-" for what does not exist. Rotating buffers: at most eight in one expression. */
const char *cli_unit(double value, int n_decimals, const char *unit);
const char *cli_duration(double seconds);
/* Words wrapped to the terminal (80 when unknown), each line after the first indented. */
void cli_wrapped(FILE *stream, int indent, const char *text);

/* A path without what a terminal would obey (escape sequences, newlines). Rotating buffers: at most four at once. */
const char *cli_shown(const char *path);

/* Progress (LacProgressFn) and signals. */
typedef struct CliProgress CliProgress;
void cli_progress_setup(const CliValues *values, const char *path);
void cli_progress(void *user, const char *stage, double fraction);
void cli_progress_done(void);
LacCancel *cli_cancel(void);
/* 130 or 143 when a signal asked to stop, else 0. */
int cli_signal_exit(void);
void cli_signals_setup(void);

int cli_master(const CliCommand *command, const CliValues *values);
int cli_analyze(const CliCommand *command, const CliValues *values);
int cli_check(const CliCommand *command, const CliValues *values);
int cli_compare(const CliCommand *command, const CliValues *values);
int cli_render(const CliCommand *command, const CliValues *values);
int cli_list(const CliCommand *command, const CliValues *values);
int cli_doctor(const CliCommand *command, const CliValues *values);
int cli_help(const CliCommand *command, const CliValues *values);
void cli_print_command_help(FILE *stream, const CliCommand *command);

#endif
