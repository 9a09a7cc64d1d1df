// How an output is judged, and how the process that tests a device reports to its parent.
#pragma once

#include <string>
#include <string_view>

#include "pixmill/core/tensor.h"
#include "pixmill/measure/doctor.h"

namespace pixmill::measure {

// Named in the place of a device: the speeds of the CPU are measured and kept.
inline constexpr std::string_view kSpeeds = "speeds";

// Fills in `error` and `trouble`. `answer` and `expected`: f32 of one shape.
void judge(SelfTest& self_test, const Tensor& answer, const Tensor& expected);

std::string line_of_device(const DeviceReport& report);  // without its self-tests
std::string line_of_self_test(const SelfTest& self_test);
std::string line_of_step(std::string_view doing);  // what comes next, for when it ends in a crash

// Takes one such line into the report; `step` becomes what a line of a step says. Other lines (a library that prints)
// are passed over.
void take_line(std::string_view line, DeviceReport& report, std::string& step);

}  // namespace pixmill::measure
