// What follows when the rule of a job has chosen pictures: a list of them, or a transfer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/output/hit_list.h"
#include "cli/parse.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/pipeline/transfer.h"

namespace pixmill::cli {

class Hits {
 public:
  // Throws Error{usage} for options that do not fit each other.
  Hits(const Invocation& invocation, const pipeline::JobSpec& spec);

  // Writes the list, or moves the pictures. Throws Error.
  void operator()(const pipeline::Picked& picked);

  // Whether every picture could be moved.
  bool all_good() const { return all_good_; }
  bool stopped() const { return stopped_; }  // by Ctrl-C, in the middle of a transfer

 private:
  void transfer(const pipeline::Picked& picked, pipeline::TransferAction action);
  HitList list_of(const pipeline::Picked& picked) const;
  void write(const pipeline::Picked& picked) const;
  void copy_to_clipboard(const pipeline::Picked& picked) const;

  const Invocation& invocation_;
  const pipeline::JobSpec& spec_;
  ListFormat format_ = ListFormat::text;
  std::optional<pipeline::TransferAction> action_;  // none: the list alone
  bool all_good_ = true;
  bool stopped_ = false;
};

}  // namespace pixmill::cli
