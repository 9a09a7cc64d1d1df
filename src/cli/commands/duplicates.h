// What follows when a job has looked at pictures for those that look alike: a list of groups, or a transfer of all but
// the best of each.
#pragma once

#include <optional>
#include <vector>

#include "cli/output/group_list.h"
#include "cli/parse.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/pipeline/transfer.h"

namespace pixmill::cli {

class Duplicates {
 public:
  // Throws Error{usage} for options that do not fit each other.
  Duplicates(const Invocation& invocation, const pipeline::JobSpec& spec);

  // Writes the list, or moves pictures. Throws Error.
  void operator()(const pipeline::Recorded& recorded);

  bool all_good() const { return all_good_; }  // whether every picture could be moved
  bool stopped() const { return stopped_; }    // by Ctrl-C, in the middle of a transfer

 private:
  struct Found;
  void decide(const pipeline::Recorded& recorded, bool different) const;
  Found find(const pipeline::Recorded& recorded) const;
  void transfer(const pipeline::Recorded& recorded, const Found& found);
  void write(const pipeline::Recorded& recorded, const std::vector<Group>& groups) const;
  void say(const std::vector<Group>& groups) const;

  const Invocation& invocation_;
  const pipeline::JobSpec& spec_;
  GroupList list_;
  std::optional<pipeline::TransferAction> action_;  // none: the list alone
  bool all_good_ = true;
  bool stopped_ = false;
};

}  // namespace pixmill::cli
