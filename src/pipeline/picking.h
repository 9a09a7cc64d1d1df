// A rule asked of all pictures of a job.
#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/known_looks.h"
#include "pixmill/pipeline/picking.h"
#include "pixmill/pipeline/sources.h"

namespace pixmill::pipeline {

// Borrows what it is made of.
class Picking final : public Picked {
 public:
  // Finds the pictures that are known. `key`: of the results that count; null: the newest of each picture.
  Picking(const Pick& pick, const Sources& sources, Catalogue& catalogue, const ResultKey* key);

  // The pictures that the catalogue had no look at.
  const std::vector<std::uint32_t>& unknown() const { return unknown_; }

  // Asks the rule of all that are known by now. `fed`: the pictures that were looked at meanwhile, ascending.
  void ask(const std::vector<std::uint32_t>& fed);

  // The pictures that meet it.
  const std::vector<std::uint32_t>& chosen() const { return hits_; }

  // The record of a hit, by its place among all, with the things alone that made it one.
  StoredRecord reasons(std::size_t hit, const StoredRecord& record) const;

  std::int64_t pictures() const override { return static_cast<std::int64_t>(sources_.items.size()); }
  std::int64_t known() const override { return pictures() - static_cast<std::int64_t>(unknown_.size()); }
  std::int64_t asked() const override { return asked_; }
  std::int64_t hits() const override { return static_cast<std::int64_t>(hits_.size()); }
  const std::vector<std::filesystem::path>& roots() const override { return sources_.roots; }
  Catalogue& catalogue() const override { return catalogue_; }
  void each(const Visit& visit) const override;
  void each(const std::vector<std::string>& classes, float confidence, const Visit& visit) const override;

 private:
  std::string name_of(std::uint32_t index) const;
  Hit hit(std::uint32_t index, std::span<const tasks::RuleThing> things) const;

  const Pick& pick_;
  const Sources& sources_;
  Catalogue& catalogue_;
  KnownLooks looks_;
  std::vector<std::uint32_t> unknown_;
  std::int64_t asked_ = 0;
  std::vector<std::uint32_t> hits_;  // ascending
};

}  // namespace pixmill::pipeline
