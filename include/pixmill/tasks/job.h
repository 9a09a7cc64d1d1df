// The jobs that pixmill does: one row each. Commands, help, settings, bench, tune and doctor derive from this table.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/codecs/codec.h"
#include "pixmill/config/values.h"
#include "pixmill/models/model_card.h"
#include "pixmill/tasks/rule.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// The task, files and output of one run, made from its options.
struct JobOptions {
  std::function<std::unique_ptr<Task>(models::ModelCard)> make_task;
  codecs::Format format = codecs::Format::png;        // of results for which the task names none
  std::string name_template;                          // where --name gives none
  std::string files;                                  // content of files that options name: part of the key of results
  std::vector<std::string> formats = {};              // of its exports, as the user named them
  std::map<std::string, std::string> own_files = {};  // by format: where it goes, whatever the place of the others
  std::shared_ptr<Rule> rule = {};  // that chooses pictures; make_task() checks its classes against the model's
  bool known_only = false;          // the rule is asked of what is known; no model
};

struct Job {
  std::string_view name;     // also the task that a model's card names
  std::string_view summary;  // one line, for help
  std::string_view example;
  std::string_view default_model;                      // id of a model; empty: it must be named
  std::span<const std::string_view> model_tasks = {};  // of the cards of models that it takes; empty: its own name
  bool runs_model = true;                          // else it takes none, and make_task() gets a card without content
  bool may_run_model = false;                      // it takes one where the user names one
  std::string_view record_kind = {};               // of its records, if they are exported; empty: they are not
  std::span<const std::string_view> formats = {};  // that it offers of its records; empty: all, and data sets
  bool chooses_pictures = false;                   // they are listed, copied, moved or linked
  bool groups_pictures = false;  // those that look alike, by records of kFace; and chooses among each group
  const std::vector<config::Flag>& (*flags)();  // beside config::job_flags() and those of its exports
  // Throws Error{usage} for options that exclude each other, and what reading a file that they name throws.
  // `output`: the file, folder or "-" that results go to; empty: beside the input.
  JobOptions (*read)(const config::Values& values, const std::string& output, const codecs::DecodeOptions& decode);
  // With the defaults of all options, for measurements.
  std::unique_ptr<Task> (*make_default)(models::ModelCard card);
};

// Never empty; the first one is the default.
std::span<const Job> jobs();

// The model that a command takes where none is named, that of the first job that has one. Throws Error{usage} where no
// job has one.
std::string_view default_model();

// Null where there is none of that name.
const Job* find_job(std::string_view name);

}  // namespace pixmill::tasks
