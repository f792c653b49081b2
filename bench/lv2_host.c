/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lv2_host IN OUT URI [SYMBOL=VALUE]...: runs an LV2 plugin over a file, so that scripts can judge it beside ours.
 *   lv2_host in.wav out.wav 'http://gareus.org/oss/lv2/dpl#stereo' gain=9 threshold=-1
 * Blocks of 4096 frames. The latency that the plugin reports is removed and the length kept; the output is 24-bit WAV
 * with the channels of the input. Prints the CPU time inside the plugin alone as x real time, and the latency. URI
 * "list" and nothing else prints what is installed. Exit status: 2 usage, 3 no such plugin, 4 it did not run. */

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/options/options.h>
#include <lv2/parameters/parameters.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>
#include <sndfile.h>

enum { BLOCK = 4096, ATOM_BYTES = 65536, MAX_AUDIO = 8, MAX_URIS = 4096, MAX_FEATURES = 8 };

/* URIs and their numbers: the number is the place in the list plus one. */
typedef struct UriMap {
  char *uris[MAX_URIS];
  uint32_t n;
} UriMap;

typedef struct Port {
  bool is_input, is_audio, is_atom;
  float value;
  float *audio; /* BLOCK frames */
  LV2_Atom_Sequence *atoms;
} Port;

typedef struct Host {
  LilvWorld *world;
  const LilvPlugin *plugin;
  LilvInstance *instance;
  const LV2_Worker_Interface *worker;
  UriMap map;
  Port *ports;
  uint32_t n_ports;
  uint32_t inputs[MAX_AUDIO], outputs[MAX_AUDIO], n_inputs, n_outputs;
  double cpu_s;
} Host;

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* plugins may have threads of their own */
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int fail(int code, const char *what, const char *name) {
  fprintf(stderr, "lv2_host: %s%s\n", what, name);
  return code;
}

static LV2_URID map_uri(LV2_URID_Map_Handle handle, const char *uri) {
  UriMap *map = handle;
  for (uint32_t i = 0; i < map->n; i++)
    if (!strcmp(map->uris[i], uri))
      return i + 1;
  if (map->n == MAX_URIS || !(map->uris[map->n] = strdup(uri)))
    return 0;
  return ++map->n;
}

static const char *unmap_uri(LV2_URID_Unmap_Handle handle, LV2_URID urid) {
  const UriMap *map = handle;
  return urid && urid <= map->n ? map->uris[urid - 1] : NULL;
}

/* Work that a plugin puts off is done at once: this host is not in a hurry. */
static LV2_Worker_Status respond(LV2_Worker_Respond_Handle handle, uint32_t size, const void *data) {
  const Host *host = handle;
  if (!host->worker->work_response)
    return LV2_WORKER_SUCCESS;
  return host->worker->work_response(lilv_instance_get_handle(host->instance), size, data);
}

static LV2_Worker_Status schedule(LV2_Worker_Schedule_Handle handle, uint32_t size, const void *data) {
  Host *host = handle;
  if (!host->worker)
    return LV2_WORKER_ERR_UNKNOWN;
  return host->worker->work(lilv_instance_get_handle(host->instance), respond, host, size, data);
}

static bool instantiate(Host *host, double rate_hz) {
  static LV2_URID_Map map = {NULL, map_uri};
  static LV2_URID_Unmap unmap = {NULL, unmap_uri};
  static LV2_Worker_Schedule work = {NULL, schedule};
  static int32_t block = BLOCK, atom_bytes = ATOM_BYTES;
  static float rate;
  map.handle = unmap.handle = &host->map;
  work.handle = host;
  rate = (float)rate_hz;
  UriMap *m = &host->map;
  const LV2_URID type_int = map_uri(m, LV2_ATOM__Int), type_float = map_uri(m, LV2_ATOM__Float);
  static LV2_Options_Option options[6];
  const char *const sizes[] = {LV2_BUF_SIZE__minBlockLength, LV2_BUF_SIZE__maxBlockLength,
                               LV2_BUF_SIZE__nominalBlockLength, LV2_BUF_SIZE__sequenceSize};
  for (int i = 0; i < 4; i++)
    options[i] = (LV2_Options_Option){LV2_OPTIONS_INSTANCE, 0,        map_uri(m, sizes[i]),
                                      sizeof(int32_t),      type_int, i < 3 ? &block : &atom_bytes};
  options[4] = (LV2_Options_Option){LV2_OPTIONS_INSTANCE, 0,          map_uri(m, LV2_PARAMETERS__sampleRate),
                                    sizeof(float),        type_float, &rate};
  static LV2_Feature features[] = {{LV2_URID__map, &map},
                                   {LV2_URID__unmap, &unmap},
                                   {LV2_WORKER__schedule, &work},
                                   {LV2_OPTIONS__options, options},
                                   {LV2_BUF_SIZE__boundedBlockLength, NULL}};
  const LV2_Feature *list[MAX_FEATURES] = {0};
  for (size_t i = 0; i < sizeof features / sizeof *features; i++)
    list[i] = &features[i];
  host->instance = lilv_plugin_instantiate(host->plugin, rate_hz, list);
  if (host->instance)
    host->worker = lilv_instance_get_extension_data(host->instance, LV2_WORKER__interface);
  return host->instance != NULL;
}

static bool is_a(const Host *host, const LilvPort *port, const char *class_uri) {
  LilvNode *node = lilv_new_uri(host->world, class_uri);
  const bool is = lilv_port_is_a(host->plugin, port, node);
  lilv_node_free(node);
  return is;
}

static bool connect_port(Host *host, uint32_t index, float preset) {
  const LilvPort *described = lilv_plugin_get_port_by_index(host->plugin, index);
  Port *port = &host->ports[index];
  port->is_input = is_a(host, described, LV2_CORE__InputPort);
  if (is_a(host, described, LV2_CORE__ControlPort)) {
    port->value = isnan(preset) ? 0 : preset;
    lilv_instance_connect_port(host->instance, index, &port->value);
  } else if (is_a(host, described, LV2_CORE__AudioPort)) {
    uint32_t *n = port->is_input ? &host->n_inputs : &host->n_outputs;
    port->is_audio = true;
    if (*n == MAX_AUDIO || !(port->audio = calloc(BLOCK, sizeof(float))))
      return false;
    (port->is_input ? host->inputs : host->outputs)[(*n)++] = index;
    lilv_instance_connect_port(host->instance, index, port->audio);
  } else if (is_a(host, described, LV2_ATOM__AtomPort)) {
    port->is_atom = true;
    if (!(port->atoms = calloc(1, ATOM_BYTES)))
      return false;
    lilv_instance_connect_port(host->instance, index, port->atoms);
  } else {
    lilv_instance_connect_port(host->instance, index, NULL);
  }
  return true;
}

static bool connect_ports(Host *host) {
  host->n_ports = lilv_plugin_get_num_ports(host->plugin);
  float *presets = calloc(host->n_ports, sizeof *presets);
  host->ports = calloc(host->n_ports, sizeof *host->ports);
  bool is_good = presets && host->ports;
  if (is_good)
    lilv_plugin_get_port_ranges_float(host->plugin, NULL, NULL, presets);
  for (uint32_t i = 0; i < host->n_ports && is_good; i++)
    is_good = connect_port(host, i, presets[i]);
  free(presets);
  return is_good;
}

static bool set_control(Host *host, char *assignment) {
  char *equals = strchr(assignment, '='), *end = NULL;
  if (!equals)
    return false;
  *equals = 0;
  LilvNode *symbol = lilv_new_string(host->world, assignment);
  const LilvPort *port = lilv_plugin_get_port_by_symbol(host->plugin, symbol);
  lilv_node_free(symbol);
  const double value = strtod(equals + 1, &end);
  if (!port || end == equals + 1 || *end)
    return false;
  host->ports[lilv_port_get_index(host->plugin, port)].value = (float)value;
  return true;
}

/* An empty sequence for every input, room for every output. */
static void prepare_atoms(Host *host) {
  const LV2_URID sequence = map_uri(&host->map, LV2_ATOM__Sequence), chunk = map_uri(&host->map, LV2_ATOM__Chunk);
  for (uint32_t i = 0; i < host->n_ports; i++) {
    Port *port = &host->ports[i];
    if (!port->is_atom)
      continue;
    port->atoms->atom.type = port->is_input ? sequence : chunk;
    port->atoms->atom.size = port->is_input ? sizeof port->atoms->body : ATOM_BYTES - sizeof port->atoms->atom;
    port->atoms->body = (LV2_Atom_Sequence_Body){0, 0};
  }
}

static void run_block(Host *host) {
  prepare_atoms(host);
  const double start = cpu_seconds();
  lilv_instance_run(host->instance, BLOCK);
  host->cpu_s += cpu_seconds() - start;
  if (host->worker && host->worker->end_run)
    host->worker->end_run(lilv_instance_get_handle(host->instance));
}

static size_t reported_latency(const Host *host) {
  if (!lilv_plugin_has_latency(host->plugin))
    return 0;
  const float latency = host->ports[lilv_plugin_get_latency_port_index(host->plugin)].value;
  return latency > 0 ? (size_t)lrintf(latency) : 0;
}

/* The whole signal through the plugin: frames [0, n) of the result are frames [latency, latency + n) of its output. */
static size_t run_signal(Host *host, float *frames, size_t n, size_t n_channels) {
  float *in = malloc(n * n_channels * sizeof *in);
  if (!in)
    return SIZE_MAX;
  memcpy(in, frames, n * n_channels * sizeof *in);
  memset(frames, 0, n * n_channels * sizeof *frames);
  size_t latency = 0;
  for (size_t at = 0; at < n + latency; at += BLOCK) {
    for (uint32_t c = 0; c < host->n_inputs; c++) {
      float *port = host->ports[host->inputs[c]].audio;
      for (size_t i = 0; i < BLOCK; i++)
        port[i] = c < n_channels && at + i < n ? in[(at + i) * n_channels + c] : 0;
    }
    run_block(host);
    if (at == 0)
      latency = reported_latency(host);
    for (size_t i = 0; i < BLOCK; i++)
      for (size_t c = 0; c < n_channels && at + i >= latency && at + i - latency < n; c++) {
        const uint32_t output = host->outputs[c < host->n_outputs ? c : host->n_outputs - 1];
        frames[(at + i - latency) * n_channels + c] = host->ports[output].audio[i];
      }
  }
  free(in);
  return latency;
}

static int list_plugins(LilvWorld *world) {
  const LilvPlugins *plugins = lilv_world_get_all_plugins(world);
  LILV_FOREACH(plugins, i, plugins)
  puts(lilv_node_as_uri(lilv_plugin_get_uri(lilv_plugins_get(plugins, i))));
  lilv_world_free(world);
  return 0;
}

static int run_file(Host *host, const char *in, const char *out, char **assignments) {
  SF_INFO info = {0};
  SNDFILE *file = sf_open(in, SFM_READ, &info);
  if (!file || info.channels < 1 || info.channels > MAX_AUDIO || info.frames < 1)
    return fail(4, "cannot read ", in);
  if (!instantiate(host, info.samplerate))
    return fail(4, "the plugin refused to start", "");
  if (!connect_ports(host) || !host->n_outputs)
    return fail(4, "ports of the plugin cannot be served", "");
  for (; *assignments; assignments++)
    if (!set_control(host, *assignments))
      return fail(2, "no such control or value: ", *assignments);
  const size_t n = (size_t)info.frames, n_channels = (size_t)info.channels;
  float *frames = malloc(n * n_channels * sizeof *frames);
  if (!frames || sf_readf_float(file, frames, info.frames) != info.frames)
    return fail(4, "cannot read ", in);
  sf_close(file);
  lilv_instance_activate(host->instance);
  const size_t latency = run_signal(host, frames, n, n_channels);
  lilv_instance_deactivate(host->instance);
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_24;
  SNDFILE *to = latency == SIZE_MAX ? NULL : sf_open(out, SFM_WRITE, &info);
  if (!to)
    return fail(4, "cannot write ", out);
  sf_command(to, SFC_SET_CLIPPING, NULL, SF_TRUE); /* 24 bits: what exceeds full scale must not wrap */
  const bool is_written = sf_writef_float(to, frames, (sf_count_t)n) == (sf_count_t)n;
  free(frames);
  if (sf_close(to) || !is_written)
    return fail(4, "cannot write ", out);
  printf("%.1fx %zu\n", (double)n / info.samplerate / fmax(host->cpu_s, 1e-9), latency);
  return 0;
}

int main(int argc, char **argv) {
  static Host host;
  const bool is_list = argc == 2 && !strcmp(argv[1], "list");
  if (argc < 4 && !is_list)
    return fail(2, "usage: lv2_host IN OUT URI [SYMBOL=VALUE]... | lv2_host list", "");
  host.world = lilv_world_new();
  lilv_world_load_all(host.world);
  if (is_list)
    return list_plugins(host.world);
  LilvNode *uri = lilv_new_uri(host.world, argv[3]);
  host.plugin = uri ? lilv_plugins_get_by_uri(lilv_world_get_all_plugins(host.world), uri) : NULL;
  lilv_node_free(uri);
  if (!host.plugin)
    return fail(3, "not installed: ", argv[3]);
  const int code = run_file(&host, argv[1], argv[2], argv + 4);
  fflush(stdout);
  _Exit(code); /* some plugins crash when they are unloaded; the file is closed */
}
