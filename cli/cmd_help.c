/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lacquer help: from the tables of commands, options and processors. */

#include "cli.h"

#include <lacquer/processor.h>

#include <stdlib.h>
#include <string.h>

static void print_overview(void) {
  printf("%slacquer%s %s - audio mastering: a mix goes in, a verified master comes out.\n\n", cli_bold(stdout),
         cli_plain(stdout), lac_version());
  printf("  lacquer master mix.wav          the master, beside the mix\n"
         "  lacquer analyze mix.wav         what is measured\n"
         "  lacquer check mix.wav --for mix is it ready to be mastered?\n\nCommands:\n");
  for (size_t i = 0; i < cli_command_count(); i++) {
    const CliCommand *command = cli_command_at(i);
    printf("  %s%-9s%s ", cli_bold(stdout), command->name, cli_plain(stdout));
    cli_wrapped(stdout, 12, command->summary);
  }
  printf("\nMore: lacquer help COMMAND, lacquer help PROCESSOR, lacquer list platforms\n");
}

void cli_print_command_help(FILE *stream, const CliCommand *command) {
  fprintf(stream, "%s\n", command->summary);
  fprintf(stream, "\nExamples:\n");
  for (const char *line = command->examples; *line;) {
    size_t length = strcspn(line, "\n");
    fprintf(stream, "  %.*s\n", (int)length, line);
    line += length + (line[length] == '\n');
  }
  fprintf(stream, "\nUsage: lacquer %s %s\n", command->name, command->synopsis);
  if (command->details) {
    fputc('\n', stream);
    cli_wrapped(stream, 0, command->details);
  }
  if (command->n_options)
    fprintf(stream, "\nOptions:\n");
  for (size_t i = 0; i < command->n_options; i++) {
    const CliOption *option = cli_option(command->options[i]);
    char left[64], letter[8] = "    ";
    if (option->letter)
      snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(left, sizeof left, "  %s--%s %s", letter, option->name, option->argument ? option->argument : "");
    fprintf(stream, "%-38s", left);
    if (strlen(left) > 37)
      fprintf(stream, "\n%38s", "");
    cli_wrapped(stream, 38, option->help);
  }
}

/* "band3_ratio": where its number ends, and the number; NULL without one. */
static const char *numbered(const char *id, unsigned *number) {
  const size_t word = strcspn(id, "0123456789");
  char *end;
  *number = (unsigned)strtoul(id + word, &end, 10);
  return word > 0 && end != id + word ? end : NULL;
}

/* Both numbered, and the same but for the number. */
static bool is_family(const char *id, const char *other_id) {
  unsigned number;
  const char *tail = numbered(id, &number), *other_tail = numbered(other_id, &number);
  return tail && other_tail && !strcmp(tail, other_tail) && !strncmp(id, other_id, strcspn(id, "0123456789"));
}

/* Of "band1_ratio", "band2_ratio", ... the first speaks for all. *last becomes the highest number of that family. */
static bool is_repeated(const LacProcessorInfo *info, size_t index, unsigned *last) {
  unsigned own, other;
  bool is_first = true;
  *last = numbered(info->params[index].id, &own) ? own : 0;
  for (size_t i = 0; i < info->n_params; i++) {
    if (!is_family(info->params[index].id, info->params[i].id))
      continue;
    (void)numbered(info->params[i].id, &other);
    is_first &= other >= own;
    *last = other > *last ? other : *last;
  }
  return !is_first;
}

/* The default, or those of all that the first speaks for when they are not the same. */
static void print_defaults(const LacProcessorInfo *info, size_t first) {
  const LacParam *speaker = &info->params[first];
  bool differ = false;
  for (size_t i = first + 1; i < info->n_params; i++)
    differ |= is_family(speaker->id, info->params[i].id) && info->params[i].neutral != speaker->neutral;
  printf("  (default%s %g", differ ? "s" : "", speaker->neutral);
  for (size_t i = first + 1; differ && i < info->n_params; i++)
    if (is_family(speaker->id, info->params[i].id))
      printf(", %g", info->params[i].neutral);
  printf(")\n");
}

static void print_processor(const LacProcessorInfo *info) {
  printf("%s%s%s (%s), revision %u\n\n", cli_bold(stdout), info->title, cli_plain(stdout), info->id, info->revision);
  cli_wrapped(stdout, 0, info->purpose);
  printf("\nParameters (lacquer master mix.wav --set %s.PARAMETER=VALUE):\n", info->id);
  for (size_t i = 0; i < info->n_params; i++) {
    const LacParam *param = &info->params[i];
    const bool is_curve = param->type == LAC_PARAM_CURVE;
    unsigned last;
    if (is_repeated(info, i, &last))
      continue;
    printf("\n  %s%s%s  ", cli_bold(stdout), param->id, cli_plain(stdout));
    if (last > 1)
      printf("(1 to %u)  ", last);
    if (param->type == LAC_PARAM_CHOICE) {
      for (size_t c = 0; param->choices[c]; c++)
        printf("%s%s", c ? " | " : "", param->choices[c]);
      printf("  (default %s)\n", param->choices[(size_t)param->neutral]);
    } else if (param->type == LAC_PARAM_SWITCH) {
      printf("off | on  (default %s)\n", param->neutral != 0 ? "on" : "off");
    } else if (param->type == LAC_PARAM_NUMBER) {
      printf("%g .. %g%s%s", param->minimum, param->maximum, param->unit[0] ? " " : "", param->unit);
      print_defaults(info, i);
    } else {
      printf("%s, up to %d %s, %g .. %g %s\n", is_curve ? "curve" : "list", LAC_MAX_CURVE_POINTS,
             is_curve ? "points x:y,x:y,..." : "values", param->minimum, param->maximum, param->unit);
    }
    printf("      ");
    cli_wrapped(stdout, 6, param->help);
  }
  if (info->n_readouts)
    printf("\nReports:\n");
  for (size_t i = 0; i < info->n_readouts; i++)
    printf("  %s (%s): %s\n", info->readouts[i].id, info->readouts[i].unit, info->readouts[i].help);
}

int cli_help(const CliCommand *command, const CliValues *values) {
  if (values->n_operands == 0) {
    print_overview();
    return EXIT_DONE;
  }
  const char *word = values->operands[0];
  if (values->n_operands > 1 && !strcmp(word, "processor"))
    word = values->operands[1];
  else if (values->n_operands > 1)
    return cli_usage(command, "Help explains one thing at a time.");
  const CliCommand *topic = cli_command_find(word);
  if (topic) {
    cli_print_command_help(stdout, topic);
    return EXIT_DONE;
  }
  const LacProcessorClass *cls = lac_processor_class_find(word);
  if (cls) {
    print_processor(lac_processor_class_info(cls));
    return EXIT_DONE;
  }
  enum { MOST = 64 };
  const char *names[MOST];
  size_t n = 0;
  for (size_t i = 0; i < cli_command_count() && n < MOST; i++)
    names[n++] = cli_command_at(i)->name;
  for (size_t i = 0; i < lac_processor_class_count() && n < MOST; i++)
    names[n++] = lac_processor_class_info(lac_processor_class_at(i))->id;
  const char *near = cli_nearest(word, names, n);
  cli_message(near ? "There is no help on \"%s\". Did you mean \"%s\"?" : "There is no help on \"%s\".%s", word,
              near ? near : "");
  return EXIT_USAGE;
}
