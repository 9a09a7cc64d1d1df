// What the catalogue knows of found things, asked without reading records: columns of its index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/pipeline/catalogue.h"
#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/rule.h"

namespace pixmill::pipeline {

// A picture that was looked at.
struct Look {
  std::int64_t result = 0;  // its number in the catalogue
  FileStamp stamp;          // of the file as it was read
  Size picture;             // pixels, upright
  float confidence = 0;     // weaker things were not kept
  tasks::Quality quality;
};

// Borrows the catalogue. Thread-safe. No lock is held while a function of the caller's runs, which may throw. Throws
// what the catalogue throws.
class Facts {
 public:
  explicit Facts(const Catalogue& catalogue) : catalogue_(catalogue) {}

  // The names of all classes that things of any picture have or had.
  std::vector<std::string> classes() const;

  // The pictures below a folder, and that one picture, in the order of the bytes of their paths: of each the newest
  // look at its present content; only looks of `key` (whose content is not compared) where that is given.
  using TakeLook = std::function<void(std::string_view path, const Look& look)>;
  void each_look(const std::filesystem::path& root, const TakeLook& take, const ResultKey* key = nullptr) const;
  // The same of these pictures alone.
  void each_look_of(std::span<const std::string> paths, const TakeLook& take, const ResultKey* key = nullptr) const;

  struct Question {
    std::vector<std::string> classes;  // of these
    bool all = false;                  // and all others
    float confidence = 0;              // at least
  };
  // The things of the results, a call for each result in the order of `results`, which must be ascending. A thing's
  // label is the index of its class in the question, or -1.
  using TakeThings = std::function<void(std::size_t at, std::span<const tasks::RuleThing> things)>;
  void each_things(std::span<const std::int64_t> results, const Question& question, const TakeThings& take) const;

 private:
  const Catalogue& catalogue_;
};

}  // namespace pixmill::pipeline
