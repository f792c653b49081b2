/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Options: the table, and the parser that reads it. getopt_long is not used because it accepts abbreviations, which
 * would make every later option a breaking change. */

#include "cli.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const CliOption options[OPT_COUNT] = {
    [OPT_OUTPUT] = {"output", 'o', "OUT|DIR",
                    "Where to write. Default: NAME.master.wav beside the input. - is standard output."},
    [OPT_FOR] = {"for", 0, "PLATFORM",
                 "What the result is for: sets loudness, ceiling and format. See: lacquer list platforms."},
    [OPT_STRENGTH] = {"strength", 0, "PERCENT",
                      "How far tone may be moved, 0 to 100. 0 is level and safety only. Default 60."},
    [OPT_LOUDNESS] = {"loudness", 0, "LUFS", "Integrated loudness to reach, -70 to 0. Default: the platform's."},
    [OPT_CEILING] = {"ceiling", 0, "DBTP", "Highest true peak allowed, -20 to 0. Default: the platform's."},
    [OPT_MAX_LIMITING] = {"max-limiting", 0, "DB",
                          "Most gain reduction the limiter may be asked for, 0 to 40. Default 8."},
    [OPT_RANGE] = {"range", 0, "LU",
                   "Loudness range to come down to, 1 to 30: sections are ridden by up to 3 dB. Default: left alone."},
    [OPT_QUALITY] = {"quality", 0, "fast|standard|best",
                     "How much time the limiter may take. Default: the recipe's, else standard; best also clips a "
                     "little before it."},
    [OPT_PRESET] = {"preset", 0, "ID|FILE.json",
                    "Begin from this preset; may be given many times, the later one counts. See: lacquer list "
                    "presets."},
    [OPT_SET] = {"set", 0, "[ENTRY.]PROC.PARAM=V",
                 "Set one value of a processor; may be given many times. See: lacquer list processors."},
    [OPT_RECIPE] = {"recipe", 0, "IN.json", "Begin from this recipe instead of from nothing."},
    [OPT_SAVE_RECIPE] = {"save-recipe", 0, "OUT.json", "Write the recipe that made the master."},
    [OPT_BITS] = {"bits", 0, "16|24|32f", "Word length of the output. Default 24, or the input's when higher."},
    [OPT_RATE] = {"rate", 0, "HZ", "Sample rate of the output. Default: the input's."},
    [OPT_REPORT] = {"report", 0, "OUT.html", "Write a page with pictures, decisions and measurements."},
    [OPT_EXPORT] = {"export", 0, "DIR", "Write a level-matched pair of files for listening."},
    [OPT_REDETECT] = {"redetect", 0, NULL, "Use a recipe that was made for another song."},
    [OPT_JSON] = {"json", 0, NULL, "Print one JSON document on standard output."},
    [OPT_THREADS] = {"threads", 'j', "N", "Threads to use. Default: all cores. The result is the same for any number."},
    [OPT_FORCE] = {"force", 'f', NULL, "Replace outputs that exist."},
    [OPT_DRY_RUN] = {"dry-run", 'n', NULL, "Analyse and decide, write nothing."},
    [OPT_QUIET] = {"quiet", 'q', NULL, "Print only warnings and errors."},
    [OPT_VERBOSE] = {"verbose", 'v', NULL, "Print more: stages and times."},
    [OPT_PROGRESS] = {"progress", 0, "auto|plain|json|none", "How progress is shown on standard error."},
    [OPT_COLOR] = {"color", 0, "auto|always|never", "Colours on the terminal."},
    [OPT_NO_INPUT] = {"no-input", 0, NULL, "Never ask anything. Lacquer asks nothing today."},
    [OPT_HELP] = {"help", 'h', NULL, "Show help."},
    [OPT_VERSION] = {"version", 'V', NULL, "Show the version."},
};

const CliOption *cli_option(CliOptionId id) {
  return &options[id];
}

static size_t edit_distance(const char *a, const char *b) {
  enum { LONGEST = 48 };
  size_t n = strlen(a), m = strlen(b), row[LONGEST + 1];
  if (n > LONGEST || m > LONGEST)
    return LONGEST;
  for (size_t j = 0; j <= m; j++)
    row[j] = j;
  for (size_t i = 1; i <= n; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= m; j++) {
      size_t change = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      size_t shorter = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
      row[j] = change < shorter ? change : shorter;
    }
  }
  return row[m];
}

const char *cli_nearest(const char *word, const char *const *names, size_t n_names) {
  const char *best = NULL;
  size_t best_distance = strlen(word) / 3 + 1;
  for (size_t i = 0; i < n_names; i++) {
    size_t distance = edit_distance(word, names[i]);
    bool is_beginning = strlen(word) >= 3 && !strncmp(word, names[i], strlen(word));
    if (distance <= best_distance || (is_beginning && !best)) {
      best = names[i];
      best_distance = distance < best_distance ? distance : best_distance;
    }
  }
  return best;
}

static bool takes(const CliCommand *command, size_t id) {
  for (size_t i = 0; i < command->n_options; i++)
    if (command->options[i] == id)
      return true;
  return id == OPT_HELP || id == OPT_VERSION || id == OPT_COLOR || id == OPT_NO_INPUT;
}

static int unknown_option(const CliCommand *command, const char *word) {
  const char *names[OPT_COUNT];
  size_t n = 0;
  for (size_t i = 0; i < OPT_COUNT; i++)
    if (takes(command, i))
      names[n++] = options[i].name;
  for (size_t i = 0; i < OPT_COUNT; i++)
    if (!strcmp(word, options[i].name))
      return cli_usage(command, "\"%s\" does not take --%s.", command->name, word);
  const char *near = cli_nearest(word, names, n);
  if (near)
    return cli_usage(command, "There is no option --%s. Did you mean --%s?", word, near);
  return cli_usage(command, "There is no option --%s.", word);
}

static int store(const CliCommand *command, CliValues *values, size_t id, const char *value) {
  if (id == OPT_SET)
    values->settings[values->n_settings++] = value;
  else if (id == OPT_PRESET)
    values->presets[values->n_presets++] = value;
  else if (values->text[id] && options[id].argument && strcmp(values->text[id], value) != 0)
    return cli_usage(command, "--%s was given twice, as %s and as %s. Give it once.", options[id].name,
                     values->text[id], value);
  values->text[id] = value;
  return EXIT_DONE;
}

static int parse_long(const CliCommand *command, int argc, char **argv, int *index, CliValues *values) {
  const char *word = argv[*index] + 2;
  const char *equals = strchr(word, '=');
  size_t length = equals ? (size_t)(equals - word) : strlen(word);
  for (size_t id = 0; id < OPT_COUNT; id++) {
    if (strlen(options[id].name) != length || strncmp(options[id].name, word, length) != 0 || !takes(command, id))
      continue;
    if (!options[id].argument)
      return equals ? cli_usage(command, "--%s takes no value.", options[id].name) : store(command, values, id, "");
    if (equals)
      return store(command, values, id, equals + 1);
    if (*index + 1 >= argc)
      return cli_usage(command, "--%s needs a value: --%s %s.", options[id].name, options[id].name,
                       options[id].argument);
    return store(command, values, id, argv[++*index]);
  }
  char name[64];
  snprintf(name, sizeof name, "%.*s", (int)length, word);
  return unknown_option(command, name);
}

static int parse_short(const CliCommand *command, int argc, char **argv, int *index, CliValues *values) {
  for (const char *letter = argv[*index] + 1; *letter; letter++) {
    size_t id = 0;
    while (id < OPT_COUNT && (options[id].letter != *letter || !takes(command, id)))
      id++;
    if (id == OPT_COUNT)
      return cli_usage(command, "There is no option -%c.", *letter);
    if (!options[id].argument) {
      int code = store(command, values, id, "");
      if (code)
        return code;
      continue;
    }
    if (letter[1])
      return store(command, values, id, letter + 1);
    if (*index + 1 >= argc)
      return cli_usage(command, "-%c needs a value: -%c %s.", *letter, *letter, options[id].argument);
    return store(command, values, id, argv[++*index]);
  }
  return EXIT_DONE;
}

int cli_parse(const CliCommand *command, int argc, char **argv, CliValues *values) {
  *values = (CliValues){0};
  values->operands = calloc((size_t)argc + 1, sizeof *values->operands);
  values->settings = calloc((size_t)argc + 1, sizeof *values->settings);
  values->presets = calloc((size_t)argc + 1, sizeof *values->presets);
  if (!values->operands || !values->settings || !values->presets) {
    cli_message("Out of memory.");
    return EXIT_FAILED;
  }
  bool options_ended = false;
  for (int i = 0; i < argc; i++) {
    int code = EXIT_DONE;
    if (!options_ended && !strcmp(argv[i], "--"))
      options_ended = true;
    else if (!options_ended && !strncmp(argv[i], "--", 2))
      code = parse_long(command, argc, argv, &i, values);
    else if (!options_ended && argv[i][0] == '-' && argv[i][1])
      code = parse_short(command, argc, argv, &i, values);
    else
      values->operands[values->n_operands++] = argv[i];
    if (code)
      return code;
  }
  return EXIT_DONE;
}

void cli_values_free(CliValues *values) {
  free(values->operands);
  free(values->settings);
  free(values->presets);
  *values = (CliValues){0};
}

/* The program never calls setlocale, so strtod always reads a point. */
static bool read_number(const char *text, double *number) {
  char *end;
  if (!*text || isspace((unsigned char)*text) || strpbrk(text, "xXnN"))
    return false;
  *number = strtod(text, &end);
  return *end == 0 && *number > -1e300 && *number < 1e300;
}

bool cli_number(const CliValues *values, CliOptionId id, double minimum, double maximum, double *number, bool *failed) {
  const char *text = values->text[id];
  if (!text)
    return false;
  double parsed;
  if (!read_number(text, &parsed)) {
    cli_message("--%s %s is not a number. Give a value from %g to %g, with a point for decimals.", options[id].name,
                text, minimum, maximum);
    *failed = true;
    return false;
  }
  if (parsed < minimum || parsed > maximum) {
    cli_message("--%s %s is out of range. Give a value from %g to %g.", options[id].name, text, minimum, maximum);
    *failed = true;
    return false;
  }
  *number = parsed;
  return true;
}

bool cli_format_options(const CliValues *values, unsigned *bits, uint32_t *rate_hz) {
  const char *text = values->text[OPT_BITS];
  if (text) {
    *bits = !strcmp(text, "16") ? 16 : !strcmp(text, "24") ? 24 : !strcmp(text, "32f") ? 32 : 0;
    if (!*bits) {
      cli_message("--bits %s is not a word length Lacquer writes. Use 16, 24 or 32f (float).", text);
      return false;
    }
  }
  text = values->text[OPT_RATE];
  if (text) {
    char digits[32];
    size_t length = strlen(text);
    bool is_kilo = length && (text[length - 1] == 'k' || text[length - 1] == 'K');
    snprintf(digits, sizeof digits, "%.*s", (int)(length - (is_kilo ? 1 : 0)), text);
    double number;
    if (!read_number(digits, &number)) {
      cli_message("--rate %s is not a sample rate. Give Hz (44100) or kHz (44.1k).", text);
      return false;
    }
    number = is_kilo ? number * 1000 : number;
    if (number < 8000 || number > 384000) {
      cli_message("--rate %s is out of range. Lacquer works from 8000 to 384000 Hz.", text);
      return false;
    }
    *rate_hz = (uint32_t)(number + 0.5);
  }
  return true;
}

bool cli_job_control(const CliValues *values, LacJobControl *control) {
  bool failed = false;
  double threads = 0;
  *control = (LacJobControl){.cancel = cli_cancel(), .progress = cli_progress};
  CliValues environment = {0};
  environment.text[OPT_THREADS] = getenv("LACQUER_THREADS");
  if (!values->text[OPT_THREADS] && environment.text[OPT_THREADS] && *environment.text[OPT_THREADS])
    values = &environment;
  if (cli_number(values, OPT_THREADS, 1, 256, &threads, &failed)) {
    if (threads != (double)(unsigned)threads) {
      cli_message("--threads %s is not a whole number.", values->text[OPT_THREADS]);
      return false;
    }
    control->n_threads = (unsigned)threads;
  }
  return !failed;
}
