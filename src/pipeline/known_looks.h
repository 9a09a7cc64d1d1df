// Which pictures of a job the catalogue has a look at: found for many at once.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pixmill/pipeline/facts.h"
#include "pixmill/pipeline/source_list.h"

namespace pixmill::pipeline {

std::vector<std::uint32_t> all_of(const SourceList& pictures);  // their indices

// 60 bytes a picture. Borrows what it is made of.
class KnownLooks {
 public:
  // `key`: only looks of its results; null: the newest ones.
  KnownLooks(Catalogue& catalogue, const SourceList& pictures, const ResultKey* key)
      : catalogue_(catalogue), pictures_(pictures), key_(key), looks_(pictures.size()) {}

  // Asks for pictures by their indices, ascending. Returns those of which there is no look at their present content.
  std::vector<std::uint32_t> find(const std::vector<std::uint32_t>& indices);

  // The things of pictures of which there is a look, each picture once, in any order.
  using TakeThings = std::function<void(std::uint32_t index, std::span<const tasks::RuleThing> things)>;
  void each_things(std::vector<std::uint32_t> indices, const Facts::Question& question, const TakeThings& take) const;

  std::vector<std::uint32_t> known() const;  // the pictures of which there is one

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
