// What the tests of the catalogue share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "pipeline/fingerprint.h"
#include "pipeline/testing.h"
#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline::testing {

namespace fs = std::filesystem;

inline const ResultKey kKey = {"content", "model", "settings", "job"};

inline Fingerprint of(const std::string& text) {
  return fingerprint_of(std::as_bytes(std::span(text)));
}

inline StoredRecord record(const std::string& kind, const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {kind, {bytes.begin(), bytes.end()}};
}

class CatalogueTest : public ::testing::Test {
 protected:
  static Catalogue::Coming coming(const fs::path& path, const std::string& text) {
    return {.path = path, .stamp = {static_cast<std::int64_t>(text.size()), 7, 1}, .made = of(text)};
  }
  Catalogue::Entry entry(const std::string& text = "one", const ResultKey& key = kKey) {
    return {input_, {10, 20, 30}, key, {coming(output_, text)}, {}};
  }
  static void begin(Catalogue& catalogue, Catalogue::Entry entry) {
    std::vector<Catalogue::Entry> entries = {std::move(entry)};
    catalogue.begin(entries);
    EXPECT_TRUE(entries[0].refused_for.empty());
  }
  // Many rows, so that the file has pages in its middle.
  void fill(Catalogue& catalogue, int rows) {
    std::vector<Catalogue::Entry> entries;
    for (int i = 0; i < rows; ++i) {
      Catalogue::Entry one = entry();
      one.input = "/in/" + std::to_string(i);
      one.outputs[0].path = "/out/" + std::to_string(i);
      entries.push_back(one);
    }
    catalogue.begin(entries);
  }

  TemporaryFolder folder_;
  fs::path file_ = folder_ / "state/catalogue.db";
  fs::path input_ = folder_ / "in/a.png";
  fs::path output_ = folder_ / "out/a.png";
};

}  // namespace pixmill::pipeline::testing
