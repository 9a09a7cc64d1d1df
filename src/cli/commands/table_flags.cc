// The flags of commands that have only a few.
#include "cli/commands/flag_tables.h"
#include "cli/names.h"

namespace pixmill::cli {
const Flag& overwrite_flag() {
  static const Flag flag = {.name = "overwrite",
                            .letter = 'y',
                            .group = kRun,
                            .help = "replace a file that pixmill did not make",
                            .basic = true,
                            .setting = false};
  return flag;
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
       .help = "with add: its id",
       .basic = true,
       .setting = false},
      {.name = "output",
       .letter = 'o',
       .kind = Kind::path,
       .value = "OUT.onnx",
       .group = kRun,
       .help = "with rebatch: the file to write",
       .basic = true,
       .setting = false},
      {.name = "all",
       .letter = 'a',
       .group = kRun,
       .help = "with list: models of other jobs too",
       .basic = true,
       .setting = false},
      {.name = "yes",
       .letter = 'y',
       .group = kRun,
       .help = "with pull and remove: do not ask; with rebatch: replace OUT.onnx",
       .basic = true,
       .setting = false},
  };
  return flags;
}

const std::vector<Flag>& verify_flags() {
  static const std::vector<Flag> flags = {
      {.name = "model",
       .letter = 'm',
       .kind = Kind::text,
       .value = "ID|FILE",
       .group = kEngine,
       .help = "the model to check; may be repeated",
       .repeatable = true,
       .basic = true,
       .setting = false,
       .completes = "models"},
      {.name = "all", .group = kEngine, .help = "every model on this machine", .basic = true, .setting = false},
      {.name = "device",
       .letter = 'd',
       .kind = Kind::text,
       .value = "DEVICE",
       .fallback = "auto",
       .group = kEngine,
       .help = "only this device; auto: each available one",
       .basic = true,
       .setting = false},
      {.name = "backend",
       .kind = Kind::text,
       .value = "NAME",
       .fallback = "auto",
       .group = kEngine,
       .help = "only this backend; auto: each available one",
       .basic = true,
       .setting = false},
      {.name = "masks",
       .kind = Kind::path,
       .value = "DIR",
       .group = kRun,
       .help = "true masks of the pictures (horse.png for horse.jpg), to compare results with",
       .basic = true,
       .setting = false},
      {.name = "write",
       .group = kRun,
       .help = "write the findings into the model's card, if it is your own",
       .basic = true,
       .setting = false},
  };
  return flags;
}

const std::vector<Flag>& doctor_flags() {
  static const std::vector<Flag> flags = {
      {.name = "device",
       .letter = 'd',
       .kind = Kind::text,
       .value = "DEVICE",
       .group = kRun,
       .help = "test only this device",
       .basic = true,
       .setting = false},
      {.name = "report",
       .kind = Kind::path,
       .value = "FILE.txt",
       .group = kRun,
       .help = "write a file with all that a bug report needs, without private paths and names",
       .basic = true,
       .setting = false},
      overwrite_flag(),
  };
  return flags;
}

const std::vector<Flag>& cache_flags() {
  static const std::vector<Flag> flags = {
      {.name = "older-than",
       .kind = Kind::text,
       .value = "AGE",
       .group = kRun,
       .help = "with clear: only what was not used for this long: 12h, 7d",
       .basic = true,
       .setting = false},
  };
  return flags;
}

const std::vector<Flag>& config_flags() {
  static const std::vector<Flag> flags = {
      {.name = "dry-run",
       .group = kRun,
       .help = "with import: show what each key becomes; write nothing",
       .basic = true,
       .setting = false},
      overwrite_flag(),
  };
  return flags;
}

const std::vector<Flag>& runtimes_flags() {
  static const std::vector<Flag> flags = {
      {.name = "with-libraries",
       .group = kRun,
       .help = "with add cuda: CUDA and cuDNN too, where the machine has none",
       .basic = true,
       .setting = false},
      {.name = "name",
       .kind = Kind::text,
       .value = "NAME",
       .group = kRun,
       .help = "with add PATH: its name",
       .basic = true,
       .setting = false},
      {.name = "yes", .letter = 'y', .group = kRun, .help = "do not ask", .basic = true, .setting = false},
  };
  return flags;
}

}  // namespace pixmill::cli
