// A toy job, to show what a job takes: the average colour of every picture, as a record; a CSV file of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/exports/export.h"
#include "pixmill/tasks/job.h"

namespace pixmill::toy {

inline constexpr std::string_view kAverage = "average/1";  // three bytes: red, green, blue

const std::vector<config::Flag>& average_flags();
tasks::JobOptions read_average(const config::Values& values, const std::string& output,
                               const codecs::DecodeOptions& decode);
std::unique_ptr<exports::Exporter> make_average_csv(const config::Values& values);

}  // namespace pixmill::toy
