// The commands that are no jobs, with their flags.
#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/commands/flag_tables.h"
#include "cli/commands/job.h"
#include "pixmill/exports/export.h"
#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/job.h"

namespace pixmill::cli {
namespace {

using config::pointers;

// A command's own flags, those that it shares with the jobs, and --json, which here is one answer and no stream of
// events.
std::vector<const Flag*> with_json(std::vector<const Flag*> flags) {
  static const Flag json = {
      .name = "json", .group = kRun, .help = "the result as JSON on standard output", .basic = true};
  flags.push_back(&json);
  return flags;
}

std::vector<const Flag*> with_json(const std::vector<Flag>& flags, const std::vector<std::string_view>& of_jobs = {}) {
  return with_json(pointers(flags, of_jobs));
}

const std::vector<const Flag*>& stats_flags() {
  static const std::vector<const Flag*> flags = [] {
    static const Flag report = {.name = "report",
                                .kind = Kind::path,
                                .value = "FILE",
                                .group = kRun,
                                .help = "also write FILE.html (a page with charts), .csv or .json; may be repeated",
                                .repeatable = true,
                                .basic = true,
                                .setting = false};
    std::vector<const Flag*> all;
    for (const Flag& flag : tasks::selection_flags()) {
      if (flag.name != "max") all.push_back(&flag);
    }
    all.insert(all.end(), {&report, &overwrite_flag()});
    return with_json(std::move(all));
  }();
  return flags;
}

constexpr JobWord kJobWords[] = {
    {"mask", "check", "INPUT... [-o OUT] [options]\n       pixmill mask check PROFILE PHOTOS/ MASKS/ [--json]",
     run_mask_check},
};

std::vector<std::string_view> export_names() {
  std::vector<std::string_view> names;
  for (const exports::ExportRow& row : exports::exports()) names.push_back(row.name);
  return names;
}

// "yolo|coco[,...] [-o OUT] [--from FOLDER]..."
std::string_view export_arguments() {
  static const std::string text = [] {
    std::string names;
    for (const std::string_view name : export_names()) names += (names.empty() ? "" : "|") + std::string(name);
    return names + "[,...] [-o OUT] [--from FOLDER]...";
  }();
  return text;
}

// Of steps that there are.
std::string_view run_example() {
  static const std::string text = [] {
    std::string steps;
    for (const tasks::Job& job : tasks::jobs()) {
      if (can_be_step(job)) steps += (steps.empty() ? "" : ",") + std::string(job.name);
    }
    return "pixmill run " + steps + " photos/ -o out/";
  }();
  return text;
}

std::vector<std::string_view> job_names() {
  std::vector<std::string_view> names;
  for (const tasks::Job& job : tasks::jobs()) names.push_back(job.name);
  return names;
}

}  // namespace

const std::vector<CommandRow>& other_commands() {
  static const std::vector<CommandRow> table = {
      {{.name = "run",
        .arguments = "JOB,JOB... INPUT... [-o OUT] [--JOB.OPTION VALUE]... [options]\n"
                     "       pixmill run --chain FILE | CHAIN INPUT... [-o OUT] [options]",
        .summary = "several jobs one after the other: each picture is read and written once",
        .example = run_example(),
        .flags = run_flags()},
       run_chain},
      {{.name = "search",
        .arguments = "--index DIR QUERY... [options]",
        .summary = "the pictures of an index that are most like other ones",
        .example = "pixmill search --index photos.index query.jpg --html similar.html",
        .flags = search_flags()},
       run_search},
      {{.name = "index",
        .arguments = "info DIR | list DIR | remove DIR PICTURE|FOLDER... | remove DIR --missing |\n"
                     "               compact DIR [--kind K] [--recall R]",
        .summary = "what an index of vectors has; removes pictures from it, sorts it for speed",
        .example = "pixmill index info photos.index",
        .words = {"info", "list", "remove", "compact"},
        .flags = with_json(index_flags())},
       run_index},
      {{.name = "models",
        .arguments =
            "list | show ID... | pull ID... | add FILE.onnx | remove ID... | verify [ID...] |\n"
            "               inspect FILE.onnx... | batchable FILE.onnx|ID... | rebatch FILE.onnx|ID -o OUT.onnx",
        .summary = "lists, downloads, adds, inspects and removes models",
        .example = "pixmill models pull u2netp",
        .words = {"list", "show", "pull", "add", "remove", "verify", "inspect", "batchable", "rebatch"},
        .flags = with_json(models_flags())},
       run_models},
      {{.name = "devices",
        .arguments = "[--json]",
        .summary = "the devices that can run models here, and why the others cannot",
        .example = "pixmill devices",
        .flags = with_json(std::vector<Flag>())},
       run_devices},
      {{.name = "tune",
        .arguments = "[PICTURES...] [-m MODEL]... [--budget 60s]",
        .summary = "measures the fastest way to run a model here; jobs take it from then on",
        .example = "pixmill tune -m u2netp",
        .flags = with_json(tune_flags())},
       run_tune},
      {{.name = "verify",
        .arguments = "[PICTURES...] [-m MODEL]",
        .summary = "compares the results of each device, precision, batch and stream with full precision",
        .example = "pixmill verify photos/ -m u2netp",
        .flags = with_json(verify_flags(), {"limit"})},
       run_verify},
      {{.name = "export",
        .arguments = export_arguments(),
        .summary = "writes what earlier jobs found in another format, without inference",
        .example = "pixmill export coco --from photos/ -o labels.json --confidence 0.5",
        .words = export_names(),
        .flags = with_json(export_flags())},
       run_export},
      {{.name = "import",
        .arguments = "LABELS... [--pictures FOLDER]... [--format FORMAT]",
        .summary = "reads labels made by hand or by other programs, for export and filter",
        .example = "pixmill import labels/ --pictures photos/",
        .flags = with_json(import_flags())},
       run_import},
      {{.name = "undo",
        .arguments = "[PLAN] [--dry-run] | --list",
        .summary = "takes copies, moves and links of pictures back: those of the last plan, or of a named one",
        .example = "pixmill undo --dry-run",
        .flags = with_json(undo_flags())},
       run_undo},
      {{.name = "stats",
        .arguments = "[FOLDER|PICTURE...] [--classes LIST] [--report FILE]",
        .summary = "counts what earlier jobs found: things by class, their sizes, the pictures'",
        .example = "pixmill stats photos/ --report stats.html",
        .flags = stats_flags()},
       run_stats},
      {{.name = "quantize",
        .arguments = "MODEL --with PICTURES",
        .summary = "makes an int8 variant of a model and measures its loss and its speed",
        .example = "pixmill quantize u2netp --with photos/",
        .flags = with_json(quantize_flags())},
       run_quantize},
      {{.name = "doctor",
        .arguments = "[OUTPUT_FOLDER]",
        .summary = "checks that everything works on this machine and gives correct results",
        .example = "pixmill doctor --report trouble.txt",
        .flags = with_json(doctor_flags()),
        .keeps_settings = true},
       run_doctor},
      {{.name = "bench",
        .arguments =
            "JOB|nms|io|preprocess|cache INPUT... [--compare OPTION[=A,B]] [--report FILE] [options of the job]",
        .summary = "measures how fast a job is: end to end, bare model, contenders side by side; or a part of it",
        .example = "pixmill bench cutout photos/ --compare backend --report bench.html",
        .words = job_names(),
        .flags = bench_flags()},
       run_bench},
      {{.name = "runtimes",
        .arguments = "list | add cuda | add PATH/libonnxruntime.so | use NAME | use built-in | remove NAME",
        .summary = "which ONNX Runtime is loaded; fetches one for NVIDIA GPUs, or takes your own",
        .example = "pixmill runtimes add cuda --with-libraries",
        .words = {"list", "add", "use", "remove"},
        .flags = with_json(runtimes_flags())},
       run_runtimes},
      {{.name = "config",
        .arguments = "show [JOB] | set KEY VALUE... | unset KEY | path | import FILE |\n"
                     "               preset list | save NAME [JOB] OPTIONS | show NAME | remove NAME",
        .summary = "settings and presets, and where each value comes from",
        .example = "pixmill config preset save shop --background white --format jpeg --canvas 2000x2000",
        .words = {"show", "set", "unset", "path", "import", "preset"},
        .flags = with_json(config_flags()),
        .keeps_settings = true},
       run_config},
      {{.name = "cache",
        .arguments = "info | clear [results] [engines] [hashes] [catalogue] [--older-than 7d]",
        .summary = "the caches on disk: outputs of models, compiled models",
        .example = "pixmill cache clear results --older-than 30d",
        .words = {"info", "clear"},
        .flags = with_json(cache_flags(), {"cache", "session-cache"})},
       run_cache},
      {{.name = "completion",
        .arguments = "bash | zsh | fish",
        .summary = "prints a completion script for a shell",
        .example = "pixmill completion bash > ~/.local/share/bash-completion/completions/pixmill",
        .words = {"bash", "zsh", "fish"},
        .needs_no_files = true},
       run_completion},
      {{.name = "man",
        .arguments = "",
        .summary = "the manual page, as troff",
        .example = "pixmill man | man -l -",
        .needs_no_files = true},
       run_man},
  };
  return table;
}

std::span<const Command> commands() {
  static const std::vector<Command> table = [] {
    std::vector<Command> all;
    for (const tasks::Job& job : tasks::jobs()) {
      std::vector<const Flag*> flags = flags_of_job(job);
      for (const Flag& flag : job_flags()) flags.push_back(&flag);
      all.push_back({.name = job.name,
                     .arguments = "INPUT... [-o OUT] [options]",
                     .summary = job.summary,
                     .example = job.example,
                     .flags = std::move(flags),
                     .is_job = true});
      for (const JobWord& one : kJobWords) {
        if (one.job != job.name) continue;
        all.back().words.push_back(one.word);
        all.back().arguments = one.arguments;
      }
    }
    for (const CommandRow& row : other_commands()) all.push_back(row.command);
    return all;
  }();
  return table;
}

const Command* find_command(std::string_view name) {
  const auto table = commands();
  const auto found = std::find_if(table.begin(), table.end(), [&](const Command& one) { return one.name == name; });
  return found == table.end() ? nullptr : &*found;
}

const Command& default_job_command() {
  return commands().front();
}

int run_command(const Invocation& invocation) {
  const Command& command = invocation.values.command();
  for (const JobWord& one : kJobWords) {
    if (one.job == command.name && !invocation.arguments.empty() && invocation.arguments.front() == one.word)
      return one.run(invocation);
  }
  if (command.is_job) return run_job(invocation);
  for (const CommandRow& row : other_commands()) {
    if (row.command.name == command.name) return row.run(invocation);
  }
  throw Error(ErrorCode::internal, "the command '" + std::string(command.name) + "' does nothing");
}

}  // namespace pixmill::cli
