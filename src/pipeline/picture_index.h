// Which picture a label file means by a name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pixmill/pipeline/source_list.h"

namespace pixmill::pipeline {

class PictureIndex {
 public:
  // `pictures` must outlive this.
  explicit PictureIndex(const SourceList& pictures);

  struct Match {
    std::optional<std::size_t> picture;  // its index
    bool whole = false;                  // by its whole relative path, not by a part of it
    std::string among;                   // several fit alike: two of them, for a message
  };

  // `name`: as label files have it: "img2", "a/img2.jpg", "..\\photos\\img2.jpg". The picture of that path; else the
  // one of that file name that shares most folders at the end; with the same extension first. For "labels/" in the
  // name, "images/" is tried first.
  Match find(std::string_view name) const;

 private:
  Match at(const std::string& path) const;
  Match best_of(const std::string& folder, const std::string& file) const;

  const SourceList& pictures_;
  std::unordered_map<std::uint64_t, std::uint32_t> first_;  // by the hash of a file name without extension
  std::vector<std::uint32_t> next_;                         // of the same file name; kNone: no more
};

}  // namespace pixmill::pipeline
