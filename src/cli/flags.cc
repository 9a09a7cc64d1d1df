#include "cli/flags.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <optional>

#include "cli/values.h"

namespace pixmill::cli {
namespace {

constexpr std::string_view kInputs = "Inputs";
constexpr std::string_view kOutputs = "Outputs";
constexpr std::string_view kCutout = "Cut-out";
constexpr std::string_view kEngine = "Engine";
constexpr std::string_view kRun = "Run";

// Flags that every job takes.
const std::vector<Flag>& job_flags() {
  static const std::vector<Flag> flags = {
      {.name = "output",
       .letter = 'o',
       .kind = Kind::path,
       .value = "OUT",
       .group = kOutputs,
       .help = "folder for the results, or a file for one input; - is standard output",
       .basic = true,
       .setting = false},
      {.name = "name",
       .kind = Kind::text,
       .value = "TEMPLATE",
       .group = kOutputs,
       .help = "names of results: {dir} {stem} {ext} {model} {job} {index} {date}",
       .basic = true},
      {.name = "overwrite", .group = kOutputs, .help = "replace files that pixmill did not make", .basic = true},
      {.name = "force", .group = kOutputs, .help = "make again what is made already", .basic = true, .setting = false},
      {.name = "dry-run",
       .group = kOutputs,
       .help = "say what would be read, written and skipped; run nothing",
       .basic = true,
       .setting = false},
      {.name = "metadata",
       .kind = Kind::choice,
       .value = "WHAT",
       .fallback = "keep",
       .group = kOutputs,
       .help = "EXIF, XMP and colour profile of the photograph",
       .choices = {"keep", "strip"}},
      {.name = "quality",
       .kind = Kind::integer,
       .value = "N",
       .fallback = "90",
       .group = kOutputs,
       .help = "of lossy formats; 100 is lossless for webp and avif",
       .minimum = 1,
       .maximum = 100},
      {.name = "include",
       .kind = Kind::text,
       .value = "GLOB",
       .group = kInputs,
       .help = "take only matching files",
       .repeatable = true,
       .basic = true},
      {.name = "exclude",
       .kind = Kind::text,
       .value = "GLOB",
       .group = kInputs,
       .help = "leave matching files out",
       .repeatable = true,
       .basic = true},
      {.name = "no-recursive", .group = kInputs, .help = "do not enter sub-folders"},
      {.name = "follow", .group = kInputs, .help = "follow symbolic links in folders"},
      {.name = "newer-than",
       .kind = Kind::text,
       .value = "WHEN",
       .group = kInputs,
       .help = "only files changed after 2026-11-21, 2026-11-21T08:00, or within 90s, 15m, 12h, 7d",
       .setting = false},
      {.name = "limit",
       .kind = Kind::integer,
       .value = "N",
       .group = kInputs,
       .help = "only the first N pictures",
       .minimum = 1,
       .maximum = 1e12,
       .setting = false},
      {.name = "shard",
       .kind = Kind::text,
       .value = "I/N",
       .group = kInputs,
       .help = "only part I of N, stable when files are added",
       .setting = false},
      {.name = "max-pixels",
       .kind = Kind::bytes,
       .value = "N",
       .fallback = "256M",
       .group = kInputs,
       .help = "refuse larger pictures (decompression bombs); 0 lifts the limit"},
      {.name = "model",
       .letter = 'm',
       .kind = Kind::text,
       .value = "ID|FILE",
       .group = kEngine,
       .help = "a model of `pixmill models list`, or an .onnx file",
       .basic = true},
      {.name = "device",
       .letter = 'd',
       .kind = Kind::text,
       .value = "DEVICE",
       .fallback = "auto",
       .group = kEngine,
       .help = "auto, cpu, cuda[:i], tensorrt, openvino[:GPU|NPU], directml, coreml, webgpu",
       .basic = true},
      {.name = "require-device", .group = kEngine, .help = "fail rather than fall back to another device"},
      {.name = "backend",
       .kind = Kind::choice,
       .value = "NAME",
       .fallback = "auto",
       .group = kEngine,
       .help = "the inference runtime",
       .choices = {"auto", "onnxruntime", "openvino"},
       .basic = true},
      {.name = "precision",
       .kind = Kind::choice,
       .value = "P",
       .fallback = "auto",
       .group = kEngine,
       .help = "of the arithmetic; auto takes what the model's card says was measured to be good",
       .choices = {"auto", "fp32", "fp16", "bf16", "int8"},
       .basic = true},
      {.name = "batch",
       .letter = 'b',
       .kind = Kind::automatic,
       .value = "N",
       .fallback = "auto",
       .group = kEngine,
       .help = "pictures in one inference",
       .maximum = 1024},
      {.name = "threads",
       .letter = 'j',
       .kind = Kind::automatic,
       .value = "N",
       .fallback = "auto",
       .group = kEngine,
       .help = "pictures in work at the same time; auto: one a core",
       .maximum = 1024,
       .basic = true},
      {.name = "memory",
       .kind = Kind::bytes,
       .value = "BYTES",
       .fallback = "auto",
       .group = kEngine,
       .help = "bound for the pictures in flight, for example 2G"},
      {.name = "report",
       .kind = Kind::path,
       .value = "FILE",
       .group = kRun,
       .help = "write every result to FILE.json, .csv or .html",
       .setting = false},
      {.name = "json", .group = kRun, .help = "events on standard output, one JSON object a line", .basic = true},
      {.name = "fail-fast", .group = kRun, .help = "stop at the first picture that fails"},
      {.name = "no-progress", .group = kRun, .help = "no live line"},
      {.name = "quiet", .letter = 'q', .group = kRun, .help = "say nothing but failures", .basic = true},
      {.name = "verbose",
       .letter = 'v',
       .group = kRun,
       .help = "say more: a line for every picture, placement, settings",
       .basic = true},
      {.name = "log-file",
       .kind = Kind::path,
       .value = "FILE",
       .group = kRun,
       .help = "append all that is said to FILE"},
  };
  return flags;
}

const std::vector<Flag>& cutout_flags() {
  static const std::vector<Flag> flags = {
      {.name = "format",
       .kind = Kind::choice,
       .value = "F",
       .fallback = "png",
       .group = kOutputs,
       .help = "of the result; jpeg needs a background",
       .choices = {"png", "webp", "tiff", "avif", "jpeg", "jxl"},
       .basic = true},
      {.name = "background",
       .kind = Kind::text,
       .value = "B",
       .fallback = "none",
       .group = kCutout,
       .help = "none, white, #rrggbb, FILE, blur[:radius]",
       .basic = true},
      {.name = "mask", .group = kCutout, .help = "write the matte too, as a gray PNG", .basic = true},
      {.name = "only-mask", .group = kCutout, .help = "write only the matte", .basic = true},
      {.name = "refine",
       .kind = Kind::choice,
       .value = "R",
       .fallback = "auto",
       .group = kCutout,
       .help = "edges of the matte follow the photograph's",
       .choices = {"auto", "none", "guided"},
       .basic = true},
      {.name = "foreground",
       .kind = Kind::choice,
       .value = "F",
       .fallback = "estimate",
       .group = kCutout,
       .help = "colours of soft edges: the subject's own, or the photograph's as they are",
       .choices = {"estimate", "keep"},
       .basic = true},
      {.name = "threshold",
       .kind = Kind::real,
       .value = "T",
       .group = kCutout,
       .help = "a hard edge at this opacity, 0 to 1",
       .minimum = 0,
       .maximum = 1},
      {.name = "feather",
       .kind = Kind::real,
       .value = "PX",
       .fallback = "0",
       .group = kCutout,
       .help = "soften the edge by this many pixels",
       .minimum = 0,
       .maximum = 1000},
      {.name = "trim", .group = kCutout, .help = "crop to the subject", .basic = true},
      {.name = "canvas",
       .kind = Kind::size,
       .value = "WxH",
       .group = kCutout,
       .help = "subject scaled and centred on a canvas of this size",
       .basic = true},
      {.name = "margin",
       .kind = Kind::percent,
       .value = "P",
       .fallback = "0%",
       .group = kCutout,
       .help = "free space around the subject, with --canvas or --trim",
       .maximum = 0.45,
       .basic = true},
      {.name = "shadow", .group = kCutout, .help = "a soft shadow under the subject"},
  };
  return flags;
}

std::vector<const Flag*> pointers(std::initializer_list<const std::vector<Flag>*> tables) {
  std::vector<const Flag*> flags;
  for (const std::vector<Flag>* table : tables) {
    for (const Flag& flag : *table) flags.push_back(&flag);
  }
  return flags;
}

const Flag& json_flag() {
  const std::vector<Flag>& flags = job_flags();
  return *std::find_if(flags.begin(), flags.end(), [](const Flag& flag) { return flag.name == "json"; });
}

const std::vector<Flag>& models_flags() {
  static const std::vector<Flag> flags = {
      {.name = "card",
       .kind = Kind::path,
       .value = "FILE",
       .group = kRun,
       .help = "with add: the card of the model",
       .basic = true,
       .setting = false},
      {.name = "id",
       .kind = Kind::text,
       .value = "ID",
       .group = kRun,
       .help = "with add: the name it gets",
       .basic = true,
       .setting = false},
      {.name = "yes",
       .letter = 'y',
       .group = kRun,
       .help = "with pull and remove: do not ask",
       .basic = true,
       .setting = false},
  };
  return flags;
}

}  // namespace

std::span<const Verb> verbs() {
  static const std::vector<Verb> table = {
      {.name = "cutout",
       .arguments = "INPUT... [-o OUT] [options]",
       .summary = "remove the background of photographs",
       .example = "pixmill cutout photos/ -o cut/",
       .flags = pointers({&cutout_flags(), &job_flags()})},
      {.name = "models",
       .arguments = "list | show ID | pull ID | add FILE.onnx | remove ID | verify [ID] | inspect FILE.onnx",
       .summary = "the models: what is here, what can be fetched",
       .example = "pixmill models pull u2netp",
       .words = {"list", "show", "pull", "add", "remove", "verify", "inspect"},
       .flags =
           [] {
             std::vector<const Flag*> flags = pointers({&models_flags()});
             flags.push_back(&json_flag());
             return flags;
           }()},
      {.name = "devices",
       .arguments = "[--json]",
       .summary = "what this machine can run models on, and why not on the rest",
       .example = "pixmill devices",
       .flags = {&json_flag()}},
      {.name = "config",
       .arguments = "show [JOB] | path | set KEY VALUE",
       .summary = "settings, and where each comes from",
       .example = "pixmill config set cutout.format webp",
       .words = {"show", "path", "set"},
       .flags = {&json_flag()}},
      {.name = "completion",
       .arguments = "bash | zsh | fish",
       .summary = "shell completion; put its output where your shell looks",
       .example = "pixmill completion bash > ~/.local/share/bash-completion/completions/pixmill",
       .words = {"bash", "zsh", "fish"}},
      {.name = "man", .arguments = "", .summary = "the manual page, as troff", .example = "pixmill man | man -l -"},
  };
  return table;
}

const Verb* find_verb(std::string_view name) {
  const auto table = verbs();
  const auto found = std::find_if(table.begin(), table.end(), [&](const Verb& verb) { return verb.name == name; });
  return found == table.end() ? nullptr : &*found;
}

const Flag* find_flag(const Verb& verb, std::string_view name) {
  for (const Flag* flag : verb.flags) {
    if (flag->name == name) return flag;
  }
  return nullptr;
}

std::string environment_name(std::string_view flag) {
  std::string name = "PIXMILL_";
  for (const char c : flag) name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string refuse_value(const Flag& flag, std::string_view value) {
  const auto in_range = [&](double number) {
    return flag.maximum <= flag.minimum || (flag.minimum <= number && number <= flag.maximum);
  };
  const auto range = [&] {
    if (flag.maximum <= flag.minimum) return std::string();
    char text[64];
    std::snprintf(text, sizeof text, " from %g to %g", flag.minimum, flag.maximum);
    return std::string(text);
  };
  switch (flag.kind) {
    case Kind::toggle: return parse_toggle(value) ? "" : "takes true or false";
    case Kind::text:
    case Kind::path: return value.empty() ? "takes a value" : value.find('\0') == value.npos ? "" : "holds a NUL byte";
    case Kind::integer: {
      const auto number = parse_integer(value);
      return number && in_range(static_cast<double>(*number)) ? "" : "takes a whole number" + range();
    }
    case Kind::real: {
      const auto number = parse_real(value);
      return number && in_range(*number) ? "" : "takes a number" + range();
    }
    case Kind::choice: {
      if (std::find(flag.choices.begin(), flag.choices.end(), value) != flag.choices.end()) return "";
      std::string known = "takes one of";
      for (const std::string_view choice : flag.choices) known += " " + std::string(choice);
      return known;
    }
    case Kind::automatic: {
      const auto number = parse_integer(value);
      return value == "auto" || (number && *number >= 1 && in_range(static_cast<double>(*number)))
                 ? ""
                 : "takes auto or a whole number from 1" +
                       (flag.maximum > 0 ? " to " + std::to_string(static_cast<long>(flag.maximum)) : "");
    }
    case Kind::bytes:
      return value == "auto" || parse_bytes(value) ? "" : "takes a number with K, M, G or T, for example 2G";
    case Kind::percent: {
      const auto number = parse_percent(value);
      return number && in_range(*number)
                 ? ""
                 : "takes a share, for example 8%, up to " + std::to_string(static_cast<int>(flag.maximum * 100)) + "%";
    }
    case Kind::size: return parse_size(value) ? "" : "takes WIDTHxHEIGHT, for example 2000x2000";
  }
  return "";
}

}  // namespace pixmill::cli
