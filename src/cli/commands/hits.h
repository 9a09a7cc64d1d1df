// What follows when the rule of a job has chosen pictures: a list of them, or a transfer.
#pragma once

#include <string>
#include <vector>

#include "cli/output/hit_list.h"
#include "cli/parse.h"
#include "pixmill/pipeline/job.h"

namespace pixmill::cli {

class Hits {
 public:
  // Throws Error{usage} for options that do not fit each other.
  Hits(const Invocation& invocation, const pipeline::JobSpec& spec);

  // Writes the list, or moves the pictures. Throws Error.
  void operator()(const pipeline::Picked& picked);

  // Whether every picture could be moved.
  bool all_good() const { return all_good_; }

 private:
  HitList list_of(const pipeline::Picked& picked) const;
  void write(const pipeline::Picked& picked) const;
  void copy_to_clipboard(const pipeline::Picked& picked) const;

  const Invocation& invocation_;
  const pipeline::JobSpec& spec_;
  ListFormat format_ = ListFormat::text;
  bool all_good_ = true;
};

}  // namespace pixmill::cli
