// The options of the jobs that find things: what is decided when a picture is looked at, and what is asked of the
// results.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"
#include "pixmill/tasks/detect.h"
#include "pixmill/tasks/job.h"

namespace pixmill::tasks {

inline constexpr std::string_view kDetectionFlags = "Detections";  // their group in help

const std::vector<config::Flag>& finding_flags();
DetectOptions read_finding(const config::Values& values);

// The classes as --names FILE has them; empty without it. `text`: the file's content, which counts for the results'
// key. Throws Error: usage, and what reading the file throws.
struct GivenNames {
  std::string file;
  std::string text;
  std::vector<std::string> names;
};
GivenNames read_names(const config::Values& values);

// The card with those names. Throws Error{usage} where it has another number of its own.
models::ModelCard with_names(models::ModelCard card, const GivenNames& given);

// The formats that --format, --draw, --crops and --sheet ask for. Labels that nobody asked for are left out where they
// have no place: without an `output` beside a sheet, or where that is a picture for --draw.
void read_formats(const config::Values& values, const std::string& output, JobOptions& job);

// Those of --draw, --crops and --sheet alone.
void add_picture_formats(const config::Values& values, JobOptions& job);
void add_sheet(const config::Values& values, JobOptions& job);

}  // namespace pixmill::tasks
