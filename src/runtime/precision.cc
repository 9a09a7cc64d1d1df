// Which precision "auto" means.
#include <algorithm>

#include "pixmill/core/error.h"
#include "runtime/plan.h"

namespace pixmill::runtime {

Precision choose_precision(const SessionOptions& options, const std::vector<std::string>& good) {
  for (const Precision precision : {Precision::bf16, Precision::fp16}) {
    if (std::find(good.begin(), good.end(), name_of(precision)) == good.end()) continue;
    SessionOptions wanted = options;
    wanted.precision = precision;
    try {
      const Plan plan = make_plan(wanted);
      const std::vector<Precision>& native = plan.candidates.front().precisions;
      if (std::find(native.begin(), native.end(), precision) != native.end()) return precision;
    } catch (const Error&) {  // no device has it, or the user chose another backend: the next one
    }
  }
  return Precision::fp32;
}

}  // namespace pixmill::runtime
