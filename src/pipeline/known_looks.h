// Which pictures of a job the catalogue has a look at: found for many at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pixmill/pipeline/facts.h"
#include "pixmill/pipeline/source_list.h"

namespace pixmill::pipeline {

// 60 bytes a picture. Borrows what it is made of.
class KnownLooks {
 public:
  // `key`: only looks of its results; null: the newest ones.
  KnownLooks(Catalogue& catalogue, const SourceList& pictures, const ResultKey* key)
      : catalogue_(catalogue), pictures_(pictures), key_(key), looks_(pictures.size()) {}

  // Asks for pictures by their indices, ascending. Returns those of which there is no look at their present content.
  std::vector<std::uint32_t> find(const std::vector<std::uint32_t>& indices);

  // Null where there is none.
  const Look* of(std::uint32_t index) const { return looks_[index].result != 0 ? &looks_[index] : nullptr; }

 private:
  void ask(const std::vector<std::uint32_t>& indices);
  void forget_changed(const std::vector<std::uint32_t>& indices);
  bool is_unchanged(std::uint32_t index, FileStamp& known);

  Catalogue& catalogue_;
  const SourceList& pictures_;
  const ResultKey* key_;
  std::vector<Look> looks_;  // result 0: none
};

}  // namespace pixmill::pipeline
