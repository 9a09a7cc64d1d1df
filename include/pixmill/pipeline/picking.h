// The pictures of a job that meet a rule, chosen by what the catalogue knows of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pixmill/pipeline/facts.h"
#include "pixmill/tasks/rule.h"

namespace pixmill::pipeline {

struct Sources;

// A picture that meets the rule.
struct Hit {
  std::filesystem::path path;  // as the user named it
  std::string relative;        // below the folder of the inputs
  std::string identity;        // absolute, without links
  const Look& look;
  std::span<const tasks::RuleThing> things;  // labels: into the classes that were asked for
};

// What a rule chose. Borrows what the job has; valid while the function that gets it runs.
class Picked {
 public:
  virtual ~Picked() = default;
  virtual std::int64_t pictures() const = 0;  // of the job
  virtual std::int64_t known() const = 0;     // before it: asked without a look at them
  virtual std::int64_t asked() const = 0;     // the others failed, or were not looked at yet
  virtual std::int64_t hits() const = 0;
  virtual const std::vector<std::filesystem::path>& roots() const = 0;  // folders that were walked
  virtual Catalogue& catalogue() const = 0;

  // The hits in the order of the inputs, each with its things of at least that confidence. Their labels are indices
  // into `classes`.
  using Visit = std::function<void(const Hit&)>;
  virtual void each(const Visit& visit) const = 0;  // without things
  virtual void each(const std::vector<std::string>& classes, float confidence, const Visit& visit) const = 0;
};

// What a job is to do with its pictures when all were looked at.
struct Pick {
  std::shared_ptr<tasks::Rule> rule;             // its classes are checked when the job begins
  bool known_only = false;                       // no look at any picture: by the newest that the catalogue has
  std::function<void(const Picked&)> then = {};  // what it throws ends the job
};

}  // namespace pixmill::pipeline
