/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lacquer: the command table and its dispatch. */

#include "cli.h"

#include <string.h>

#define OPTIONS(...)                                                                                                   \
  .options = (const CliOptionId[]){__VA_ARGS__}, .n_options = sizeof((CliOptionId[]){__VA_ARGS__}) / sizeof(CliOptionId)

static const CliCommand commands[] = {
    {.name = "master",
     .synopsis = "IN... [-o OUT|DIR] [--for PLATFORM] [options]",
     .summary = "Make a verified master of a mix.",
     .details =
         "Analyses the mix, decides what it needs, renders, and measures the file that was written. Every decision "
         "is listed with its reason. Several inputs are mastered one after the other, each on its own; -o then "
         "names a folder. An input is never written to.",
     .examples = "lacquer master mix.wav\n"
                 "lacquer master mix.wav --for cd -o master.wav --report master.html\n"
                 "lacquer master mix.wav --loudness -11 --ceiling -1 --strength 30\n"
                 "lacquer master *.wav -o masters --for spotify\n"
                 "lacquer master mix.wav --preset open-top\n"
                 "lacquer master mix.wav -f --set equalizer.band1_type=bell --set equalizer.band1_hz=300 --set "
                 "equalizer.band1_db=-2",
     .run = cli_master,
     OPTIONS(OPT_OUTPUT, OPT_FOR, OPT_STRENGTH, OPT_LOUDNESS, OPT_CEILING, OPT_MAX_LIMITING, OPT_RANGE, OPT_QUALITY,
             OPT_PRESET, OPT_SET, OPT_RECIPE, OPT_SAVE_RECIPE, OPT_BITS, OPT_RATE, OPT_REPORT, OPT_REDETECT, OPT_JSON,
             OPT_THREADS, OPT_FORCE, OPT_DRY_RUN, OPT_QUIET, OPT_VERBOSE, OPT_PROGRESS)},
    {.name = "analyze",
     .synopsis = "IN... [--json] [--report OUT.html]",
     .summary = "Measure files: loudness, peaks, spectrum, stereo, dynamics, findings.",
     .examples = "lacquer analyze song.wav\nlacquer analyze *.flac --json > numbers.json",
     .run = cli_analyze,
     OPTIONS(OPT_JSON, OPT_REPORT, OPT_THREADS, OPT_FORCE, OPT_QUIET, OPT_VERBOSE, OPT_PROGRESS)},
    {.name = "check",
     .synopsis = "IN... --for PLATFORM[,...]|mix [--json]",
     .summary = "Hold files against the rules of a platform, or ask whether a mix is ready to be mastered.",
     .details = "Each rule names its source. The result is 0 when every rule of every file is met, 5 when one is not.",
     .examples = "lacquer check mix.wav --for mix\nlacquer check master.wav --for streaming,cd",
     .run = cli_check,
     OPTIONS(OPT_FOR, OPT_JSON, OPT_THREADS, OPT_QUIET, OPT_PROGRESS)},
    {.name = "compare",
     .synopsis = "A B [--export DIR] [--json] [--report OUT.html]",
     .summary = "Compare two files at equal loudness.",
     .details = "The louder file is turned down to match, never the other way round; the offset is always shown.",
     .examples = "lacquer compare mix.wav mix.master.wav\nlacquer compare mine.wav theirs.flac --export listen",
     .run = cli_compare,
     OPTIONS(OPT_EXPORT, OPT_JSON, OPT_REPORT, OPT_THREADS, OPT_FORCE, OPT_QUIET, OPT_PROGRESS)},
    {.name = "render",
     .synopsis = "RECIPE.json IN -o OUT [options]",
     .summary = "Run a recipe over a file, deciding nothing.",
     .details = "The same input and recipe give the same file, byte for byte. The result is 5 when the recipe names a "
                "target that the written file does not meet.",
     .examples = "lacquer render song.json mix.wav -o master.wav",
     .run = cli_render,
     OPTIONS(OPT_OUTPUT, OPT_BITS, OPT_RATE, OPT_REDETECT, OPT_JSON, OPT_THREADS, OPT_FORCE, OPT_QUIET, OPT_PROGRESS)},
    {.name = "list",
     .synopsis = "processors|platforms|presets|settings [--json]",
     .summary = "List what there is to choose from.",
     .examples = "lacquer list platforms\nlacquer list presets\nlacquer list processors --json",
     .run = cli_list,
     OPTIONS(OPT_JSON)},
    {.name = "doctor",
     .synopsis = "",
     .summary = "Check that this installation works, by mastering a small test signal.",
     .examples = "lacquer doctor",
     .run = cli_doctor,
     OPTIONS(OPT_THREADS)},
    {.name = "help",
     .synopsis = "[COMMAND|PROCESSOR]",
     .summary = "Show help for a command or a processor.",
     .examples = "lacquer help master\nlacquer help limiter",
     .run = cli_help,
     .options = NULL,
     .n_options = 0},
};

size_t cli_command_count(void) {
  return sizeof commands / sizeof *commands;
}

const CliCommand *cli_command_at(size_t index) {
  return &commands[index];
}

const CliCommand *cli_command_find(const char *name) {
  for (size_t i = 0; i < cli_command_count(); i++)
    if (!strcmp(commands[i].name, name))
      return &commands[i];
  return NULL;
}

static int unknown_command(const char *word) {
  const char *names[sizeof commands / sizeof *commands];
  for (size_t i = 0; i < cli_command_count(); i++)
    names[i] = commands[i].name;
  const char *near = cli_nearest(word, names, cli_command_count());
  if (near)
    cli_message("There is no command \"%s\". Did you mean \"%s\"? All commands: lacquer help", word, near);
  else
    cli_message("There is no command \"%s\". All commands: lacquer help", word);
  return EXIT_USAGE;
}

int main(int argc, char **argv) {
  cli_signals_setup();
  const CliCommand *help = cli_command_find("help");
  const char *word = argc > 1 ? argv[1] : "help";
  if (!strcmp(word, "-V") || !strcmp(word, "--version")) {
    printf("lacquer %s\n", lac_version());
    return EXIT_DONE;
  }
  if (!strcmp(word, "-h") || !strcmp(word, "--help"))
    word = "help";
  const CliCommand *command = cli_command_find(word);
  if (!command)
    return unknown_command(word);
  CliValues values;
  int code = cli_parse(command, argc > 2 ? argc - 2 : 0, argv + 2, &values);
  if (code == EXIT_DONE) {
    cli_color_setup(&values);
    if (values.text[OPT_VERSION])
      printf("lacquer %s\n", lac_version());
    else if (values.text[OPT_HELP] && command != help)
      cli_print_command_help(stdout, command);
    else
      code = command->run(command, &values);
  }
  cli_progress_done();
  cli_values_free(&values);
  bool is_lost = fflush(stdout) != 0 || ferror(stdout);
  if (is_lost && code == EXIT_DONE) {
    cli_message("The result could not be written to standard output.");
    code = EXIT_OUTPUT;
  }
  return code;
}
