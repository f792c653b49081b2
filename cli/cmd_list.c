/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lacquer list: processors, platforms, presets, settings. */

#include "cli.h"

#include <lacquer/master.h>
#include <lacquer/processor.h>
#include <lacquer/targets.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Setting {
  const char *name;
  const char *built_in;
  const char *help;
} Setting;

static const Setting settings[] = {
    {"LACQUER_THREADS", "all cores", "threads to use; --threads goes before it"},
    {"LACQUER_CPU", "best level found", "baseline, avx2 or avx512: force the kernels' level; the result is the same"},
    {"LACQUER_DATA", "built in", "folder with data (platforms.json, presets/ID.json) that overrides the built-in ones"},
    {"LACQUER_PROGRESS", "auto", "auto, plain, json or none; --progress goes before it"},
    {"LACQUER_COLOR", "auto", "auto, always or never; --color goes before it"},
    {"XDG_DATA_HOME", "~/.local/share", "the user's data files are in lacquer/ below it"},
    {"TMPDIR", "/tmp", "where long signals are spooled"},
};

static int list_settings(bool is_json) {
  if (is_json)
    printf("{\"schema\":\"lacquer.list/1\",\"settings\":[");
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    const char *value = getenv(settings[i].name);
    bool is_set = value && *value;
    if (!is_json) {
      printf("%-17s %s%s%s  (%s)\n%18s", settings[i].name, cli_bold(stdout), is_set ? value : settings[i].built_in,
             cli_plain(stdout), is_set ? "environment" : "built in", "");
      cli_wrapped(stdout, 18, settings[i].help);
      continue;
    }
    printf("%s{\"id\":\"%s\",\"from\":\"%s\",\"value\":\"", i ? "," : "", settings[i].name,
           is_set ? "environment" : "built in");
    for (const char *c = is_set ? value : settings[i].built_in; *c; c++)
      printf((unsigned char)*c < 32 || *c == '"' || *c == '\\' ? "\\u%04x" : "%c", (unsigned char)*c);
    printf("\"}");
  }
  if (is_json)
    printf("]}\n");
  return EXIT_DONE;
}

static int list_processors(bool is_json) {
  if (is_json) {
    char *text = NULL;
    LacStatus status = lac_list_processors_json(&text);
    return cli_print_document(status, text);
  }
  for (size_t i = 0; i < lac_processor_class_count(); i++) {
    const LacProcessorInfo *info = lac_processor_class_info(lac_processor_class_at(i));
    printf("%s%-12s%s ", cli_bold(stdout), info->id, cli_plain(stdout));
    cli_wrapped(stdout, 13, info->purpose);
  }
  printf("\nParameters of one: lacquer help PROCESSOR\n");
  return EXIT_DONE;
}

static int list_platforms(bool is_json) {
  LacPlatforms *platforms = NULL;
  LacError error = {0};
  if (lac_platforms_load(&platforms, &error) != LAC_OK)
    return cli_fail(&error);
  int code = EXIT_DONE;
  if (is_json) {
    char *text = NULL;
    LacStatus status = lac_list_platforms_json(platforms, &text);
    code = cli_print_document(status, text);
  } else {
    printf("%s%-24s %8s %7s  %-12s%s\n", cli_dim(stdout), "platform", "LUFS", "dBTP", "format", cli_plain(stdout));
    for (size_t i = 0; i < lac_platforms_count(platforms); i++) {
      const LacPlatform *platform = lac_platforms_at(platforms, i);
      char format[32] = "as the mix";
      if (platform->rate_hz && platform->bits)
        snprintf(format, sizeof format, "%g kHz/%u", platform->rate_hz / 1000.0, platform->bits);
      else if (platform->bits)
        snprintf(format, sizeof format, "%u bit", platform->bits);
      if (platform->is_check_only)
        snprintf(format, sizeof format, "check only");
      printf("%s%-24s%s %8s %7s  %-12s", cli_bold(stdout), platform->id, cli_plain(stdout),
             cli_unit(platform->integrated_lufs, 1, ""), cli_unit(platform->true_peak_dbtp, 1, ""), format);
      cli_wrapped(stdout, 55, platform->purpose);
    }
    printf("\n- means: left as it is. Rules and sources: lacquer list platforms --json\n");
  }
  lac_platforms_free(platforms);
  return code;
}

static int list_presets(bool is_json) {
  LacPresets *presets = NULL;
  LacError error = {0};
  LacNotes notes = {0};
  const LacStatus loaded = lac_presets_load(&presets, &notes, &error);
  cli_warnings(&notes, "presets", false);
  lac_notes_free(&notes);
  if (loaded != LAC_OK)
    return cli_fail(&error);
  int code = EXIT_DONE;
  if (is_json) {
    char *text = NULL;
    LacStatus status = lac_list_presets_json(presets, &text);
    code = cli_print_document(status, text);
  } else {
    for (size_t i = 0; i < lac_presets_count(presets); i++) {
      const LacPreset *preset = lac_presets_at(presets, i);
      printf("%s%-24s%s ", cli_bold(stdout), preset->id, cli_plain(stdout));
      cli_wrapped(stdout, 25, preset->purpose);
    }
    printf("\nUse one: lacquer master mix.wav --preset ID. More about each: lacquer list presets --json\n");
  }
  lac_presets_free(presets);
  return code;
}

int cli_list(const CliCommand *command, const CliValues *values) {
  if (values->n_operands != 1)
    return cli_usage(command, "Say what to list: processors, platforms, presets or settings.");
  const char *what = values->operands[0];
  bool is_json = values->text[OPT_JSON] != NULL;
  if (!strcmp(what, "processors"))
    return list_processors(is_json);
  if (!strcmp(what, "platforms"))
    return list_platforms(is_json);
  if (!strcmp(what, "presets"))
    return list_presets(is_json);
  if (!strcmp(what, "settings"))
    return list_settings(is_json);
  static const char *const names[] = {"processors", "platforms", "presets", "settings"};
  const char *near = cli_nearest(what, names, 4);
  if (near)
    return cli_usage(command, "There is no list of \"%s\". Did you mean \"%s\"?", what, near);
  return cli_usage(command, "There is no list of \"%s\".", what);
}
