// The names of a job's outputs, and the checks of a plan before the first byte is written.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pixmill/pipeline/job.h"
#include "pixmill/pipeline/sources.h"
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// The name that stands for standard output.
inline constexpr std::string_view kStandardOutput = "-";

struct NameFields {
  std::string dir;  // of the input, below the folder it was found in; "" at its top
  std::string stem;
  std::string file;  // with the input's own extension
  std::string ext;   // of the output, without the dot
  std::string model;
  std::string job;
  std::string index;                            // 1-based position in the input order
  std::string date;                             // 2026-11-21
  std::map<std::string, std::string> own = {};  // of the task
};

// Makes the folder where it is missing. Throws Error{unwritable, disk_full} where results cannot be written into it.
void make_writable(const std::filesystem::path& folder);

// Fills {dir} {stem} {file} {ext} {model} {job} {index} {date}; "{{" is a brace. ".{ext}" is added where the template
// has none. The task's own fields come to these. Throws Error{usage} for an unknown field, an open brace, an absolute
// result or one with "..".
std::filesystem::path expand_name(std::string_view name_template, const NameFields& fields);

class Namer;

// The outputs of every item, in the order of the sources; all paths absolute and distinct, or "-" alone. They are made
// when they are asked for: a million plans need no memory. Asking is thread-safe.
class PlannedOutputs {
 public:
  PlannedOutputs() = default;
  explicit PlannedOutputs(std::shared_ptr<const Namer> namer) : namer_(std::move(namer)) {}
  std::vector<std::filesystem::path> operator[](std::size_t index) const;
  std::size_t size() const;

 private:
  std::shared_ptr<const Namer> namer_;
};

// `spec` and `sources` of plan_outputs() must outlive it. Without one: no outputs, of a task that only makes records.
struct Plan {
  PlannedOutputs outputs;
};

// `products`: of the task; the first one's file has the name that the template makes, the others their suffix behind
// it; `own_fields`: of its names. Throws Error: usage (many inputs without -o, ...), collision (two inputs share an
// output; an output would overwrite an input or be picked up again as one), unwritable (the output folder cannot be
// made or written).
Plan plan_outputs(const JobSpec& spec, const Sources& sources, std::string_view model,
                  const std::vector<tasks::Product>& products, std::map<std::string, std::string> own_fields = {});

}  // namespace pixmill::pipeline
