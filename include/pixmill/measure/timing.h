// Timing with statistics.
#pragma once

#include <atomic>
#include <vector>

#include "pixmill/measure/subject.h"
#include "pixmill/runtime/session.h"

namespace pixmill::measure {

struct Statistics {
  int count = 0;
  double min = 0.0, mean = 0.0, median = 0.0, p95 = 0.0, max = 0.0;
  double deviation = 0.0;  // standard deviation of the sample; 0 below two values
};

// p95: the smallest value that at least 95 % of the values do not exceed. All zero for no values.
Statistics statistics(std::vector<double> values);

// Pictures a second of bare inference: session.info().streams callers at once, each with `batch` pictures a call, until
// `seconds` have passed (at least one call each) or `stop` turns true. Throws what Session::run() throws.
double throughput(runtime::Session& session, const Subject& subject, int batch, double seconds,
                  const std::atomic<bool>& stop);

// What the session gives for each picture of the subject: for job_throughput().
using Answers = std::vector<std::vector<Tensor>>;
Answers answers_of(runtime::Session& session, const Subject& subject);

// Pictures a second as a job has them, without files: two callers a core, each with the task's work on `batch` pictures
// (on `answers`) and one inference of them; as many inferences at once as the session has streams. The subject has a
// task. Else as throughput().
double job_throughput(runtime::Session& session, const Subject& subject, const Answers& answers, int batch,
                      double seconds, const std::atomic<bool>& stop);

}  // namespace pixmill::measure
