// The verbs of the house with their flags.
#include "cli/flag_tables.h"
#include "cli/verbs.h"

namespace pixmill::cli {
namespace {

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

const std::vector<Verb>& house_verbs() {
  static const std::vector<Verb> table = {
      {.name = "models",
       .arguments = "list | show ID | pull ID | add FILE.onnx | remove ID | verify [ID] | inspect FILE.onnx",
       .summary = "the models: what is here, what can be fetched",
       .example = "pixmill models pull u2netp",
       .words = {"list", "show", "pull", "add", "remove", "verify", "inspect"},
       .flags = pointers(models_flags(), {"json"}),
       .run = run_models},
      {.name = "devices",
       .arguments = "[--json]",
       .summary = "what this machine can run models on, and why not on the rest",
       .example = "pixmill devices",
       .flags = {job_flag("json")},
       .run = run_devices},
      {.name = "config",
       .arguments = "show [JOB] | path | set KEY VALUE",
       .summary = "settings, and where each comes from",
       .example = "pixmill config set cutout.format webp",
       .words = {"show", "path", "set"},
       .flags = {job_flag("json")},
       .run = run_config},
      {.name = "completion",
       .arguments = "bash | zsh | fish",
       .summary = "shell completion; put its output where your shell looks",
       .example = "pixmill completion bash > ~/.local/share/bash-completion/completions/pixmill",
       .words = {"bash", "zsh", "fish"},
       .run = run_completion},
      {.name = "man",
       .arguments = "",
       .summary = "the manual page, as troff",
       .example = "pixmill man | man -l -",
       .run = run_man},
  };
  return table;
}

}  // namespace pixmill::cli
