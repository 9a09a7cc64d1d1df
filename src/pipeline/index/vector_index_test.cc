#include "pixmill/pipeline/vector_index.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "pipeline/index/index_folder.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kColumns = 16;

class VectorIndexTest : public ::testing::Test {
 protected:
  platform::TemporaryFolder temporary_{"vector_index_test"};
  const fs::path folder_ = temporary_ / "index";
  const VectorOrigin origin_{{{}, "model", "settings", "embed"}, "tiny", "precision=auto\n"};

  // Different for each number, and always the same.
  static std::vector<float> vector_of(std::size_t number) {
    std::mt19937 random(static_cast<unsigned>(number) + 1);
    std::normal_distribution<float> normal;
    std::vector<float> values(kColumns);
    for (float& value : values) value = 5 * normal(random);
    return values;
  }

  static fs::path path_of(std::size_t number) { return "/photos/" + std::to_string(number) + ".jpg"; }

  VectorIndex open() const { return VectorIndex::make_or_open(folder_, origin_, kColumns); }

  static std::size_t add(VectorIndex& index, std::size_t first, std::size_t last, const std::string& content = "c") {
    std::vector<VectorIndex::Picture> pictures;
    std::vector<float> rows;
    for (std::size_t i = first; i < last; ++i) {
      pictures.push_back({path_of(i), content});
      const std::vector<float> one = vector_of(i);
      rows.insert(rows.end(), one.begin(), one.end());
    }
    return index.add(pictures, {rows, kColumns});
  }

  static std::vector<VectorIndex::Hit> ask(const VectorIndex& index, std::size_t number, std::size_t top = 3,
                                           bool exact = false) {
    return index.search({vector_of(number), kColumns}, {top, exact}).front();
  }

  // Every one of them, and no other, is found by its own vector.
  static void expect_found(const VectorIndex& index, std::size_t last, const std::set<std::size_t>& there) {
    for (std::size_t i = 0; i < last; ++i) {
      const auto hits = ask(index, i, 1, true);
      const bool found = !hits.empty() && hits.front().picture == path_of(i);
      EXPECT_EQ(found, there.contains(i)) << i;
      if (found) EXPECT_NEAR(hits.front().similarity, 1, 1e-5);
    }
  }

  static std::set<std::size_t> numbers(std::size_t first, std::size_t last) {
    std::set<std::size_t> all;
    for (std::size_t i = first; i < last; ++i) all.insert(i);
    return all;
  }

  Error error_of(const std::function<void()>& act) const {
    try {
      act();
    } catch (const Error& error) {
      EXPECT_NE(error.message().find(folder_.string()), std::string::npos) << error.message();
      EXPECT_FALSE(error.hint().empty()) << error.message();
      return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return {ErrorCode::internal, ""};
  }
};

TEST_F(VectorIndexTest, FindsTheMostSimilarByTheirDirection) {
  VectorIndex index = open();
  EXPECT_EQ(add(index, 0, 50), 50U);
  std::vector<float> longer = vector_of(7);
  for (float& value : longer) value *= 100;
  const auto hits = index.search({longer, kColumns}, {}).front();
  ASSERT_EQ(hits.size(), 10U);
  EXPECT_EQ(hits.front().picture, path_of(7));
  EXPECT_NEAR(hits.front().similarity, 1, 1e-5);
  for (std::size_t i = 1; i < hits.size(); ++i) EXPECT_LE(hits[i].similarity, hits[i - 1].similarity);
  EXPECT_EQ(ask(index, 3, 100).size(), 50U);
  EXPECT_TRUE(index.search({{}, kColumns}, {}).empty());
}

TEST_F(VectorIndexTest, IsThereInTheNextRun) {
  {
    VectorIndex index = open();
    add(index, 0, 20);
  }
  const VectorIndex again = VectorIndex::open(folder_);
  expect_found(again, 21, numbers(0, 20));
  EXPECT_EQ(again.content_of(path_of(3)), "c");
  EXPECT_EQ(again.content_of(path_of(20)), std::nullopt);
  const IndexFacts facts = again.facts();
  EXPECT_EQ(facts.pictures, 20U);
  EXPECT_EQ(facts.columns, kColumns);
  EXPECT_EQ(facts.origin.model, "tiny");
  EXPECT_EQ(facts.origin.options, "precision=auto\n");
  EXPECT_EQ(facts.lists, 0U);
  EXPECT_GT(facts.bytes, 20 * static_cast<std::int64_t>(kColumns) * 4);
}

TEST_F(VectorIndexTest, AnEmptyOneAnswersNothing) {
  const VectorIndex index = open();
  EXPECT_TRUE(ask(index, 0).empty());
  EXPECT_FALSE(index.wants_compaction());
}

TEST_F(VectorIndexTest, WhatIsThereIsNotAddedTwiceAndWhatChangedIsReplaced) {
  VectorIndex index = open();
  add(index, 0, 10);
  EXPECT_EQ(add(index, 5, 12), 2U);
  EXPECT_EQ(add(index, 3, 4, "another content"), 1U);
  EXPECT_EQ(index.facts().pictures, 12U);
  EXPECT_EQ(index.facts().forgotten, 1U);
  expect_found(index, 12, numbers(0, 12));
  const auto hits = ask(index, 3, 12);
  EXPECT_EQ(std::count_if(hits.begin(), hits.end(), [](const auto& hit) { return hit.picture == path_of(3); }), 1);
}

TEST_F(VectorIndexTest, RemovedOnesAreNotFoundAndComeBackWhenTheyAreAdded) {
  VectorIndex index = open();
  add(index, 0, 10);
  EXPECT_EQ(index.remove(std::vector{path_of(2), path_of(4), fs::path("/photos/unknown.jpg")}), 2U);
  std::set<std::size_t> there = numbers(0, 10);
  there.erase(2);
  there.erase(4);
  expect_found(index, 10, there);
  EXPECT_EQ(ask(index, 2, 20).size(), 8U);
  EXPECT_EQ(add(index, 2, 3), 1U);
  there.insert(2);
  expect_found(index, 10, there);
  index.compact({});
  EXPECT_EQ(index.facts().forgotten, 0U);
  expect_found(index, 10, there);
}

TEST_F(VectorIndexTest, RowsThatAKillKeptFromBeingErasedAreLeftOut) {
  VectorIndex index = open();
  add(index, 0, 10);
  {
    IndexTables tables(folder_, IndexTables::Writing());
    tables.remove(path_of(6), 6);
  }
  EXPECT_EQ(ask(index, 6, 10).size(), 9U);
  EXPECT_EQ(ask(index, 6, 3).size(), 3U);
  EXPECT_NE(ask(index, 6, 1).front().picture, path_of(6));
}

TEST_F(VectorIndexTest, RowsThatAKillLeftBehindAreWrittenOver) {
  VectorIndex index = open();
  add(index, 0, 10);
  vectors::VectorFile file = vectors::VectorFile::open(vectors_file(folder_, 1));
  file.write(10, vector_of(77));
  file.commit(11);
  EXPECT_LT(ask(index, 77, 1).front().similarity, 0.999F);
  add(index, 10, 20);
  expect_found(index, 20, numbers(0, 20));
}

TEST_F(VectorIndexTest, SortedIntoListsAndOutOfThem) {
  VectorIndex index = open();
  add(index, 0, 600);
  index.compact({.kind = IndexKind::ivf});
  IndexFacts facts = index.facts();
  EXPECT_EQ(facts.lists, 97U);
  EXPECT_EQ(facts.sorted, 600U);
  EXPECT_GE(facts.probes.recall, 0.97);
  EXPECT_FALSE(fs::exists(vectors_file(folder_, 1)));
  expect_found(index, 600, numbers(0, 600));
  std::size_t alike = 0;
  for (std::size_t i = 1000; i < 1100; ++i) {
    const auto some = ask(index, i, 10), all = ask(index, i, 10, true);
    for (const auto& hit : all)
      alike += std::any_of(some.begin(), some.end(), [&](const auto& one) { return one.picture == hit.picture; });
  }
  EXPECT_GE(alike, 900U) << "queries that are far from all";

  add(index, 600, 610);  // compared with every query
  EXPECT_EQ(ask(index, 605, 1).front().picture, path_of(605));
  EXPECT_EQ(index.facts().sorted, 600U);
  index.remove(std::vector{path_of(1), path_of(605)});
  index.compact({.kind = IndexKind::flat});
  facts = index.facts();
  EXPECT_EQ(facts.lists, 0U);
  EXPECT_EQ(facts.pictures, 608U);
  std::set<std::size_t> there = numbers(0, 610);
  there.erase(1);
  there.erase(605);
  expect_found(index, 610, there);
}

TEST_F(VectorIndexTest, OthersAddRemoveAndSearchWhileItIsCompacted) {
  VectorIndex index = open();
  add(index, 0, 400);
  bool done = false;
  const auto meanwhile = [&](std::string_view step, double) {
    if (step != "writing" || done) return;
    done = true;
    VectorIndex other = VectorIndex::open_to_write(folder_);
    add(other, 400, 420);
    other.remove(std::vector{path_of(5), path_of(410)});
    EXPECT_EQ(ask(other, 9, 1).front().picture, path_of(9));
  };
  index.compact({.kind = IndexKind::ivf, .sorting = {meanwhile, nullptr}});
  ASSERT_TRUE(done);
  std::set<std::size_t> there = numbers(0, 420);
  there.erase(5);
  there.erase(410);
  expect_found(index, 420, there);
  EXPECT_EQ(index.facts().pictures, 418U);
  EXPECT_EQ(ask(index, 5, 500, true).size(), 418U);
}

TEST_F(VectorIndexTest, AStoppedCompactionLeavesItAsItWas) {
  VectorIndex index = open();
  add(index, 0, 400);
  std::atomic<bool> stop = false;
  const vectors::Sorting sorting{[&](std::string_view step, double) { stop = step == "writing"; }, &stop};
  EXPECT_THROW(index.compact({.kind = IndexKind::ivf, .sorting = sorting}), Error);
  EXPECT_EQ(index.facts().lists, 0U);
  expect_found(index, 400, numbers(0, 400));
  stop = false;
  index.compact({.kind = IndexKind::ivf});
  EXPECT_EQ(index.facts().sorted, 400U);
}

TEST_F(VectorIndexTest, TwoThatAddAtOnce) {
  const auto work = [this](std::size_t first) {
    for (std::size_t start = first; start < first + 200; start += 20) {
      VectorIndex index = open();
      add(index, start, start + 20);
    }
  };
  std::thread one(work, 0), other(work, 100);  // half of them the same
  one.join();
  other.join();
  const VectorIndex index = VectorIndex::open(folder_);
  EXPECT_EQ(index.facts().pictures, 300U);
  expect_found(index, 300, numbers(0, 300));
}

TEST_F(VectorIndexTest, VectorsOfAnotherModelAreRefused) {
  VectorIndex index = open();
  add(index, 0, 3);
  VectorOrigin other = origin_;
  other.key.model = "another";
  EXPECT_EQ(error_of([&] { VectorIndex::make_or_open(folder_, other, kColumns); }).code(), ErrorCode::usage);
  other = origin_;
  other.key.settings = "others";
  EXPECT_NE(error_of([&] { VectorIndex::make_or_open(folder_, other, kColumns); }).message().find("precision=auto"),
            std::string::npos);
  EXPECT_EQ(error_of([&] { VectorIndex::make_or_open(folder_, origin_, kColumns + 1); }).code(), ErrorCode::usage);
  EXPECT_EQ(error_of([&] { index.search({std::vector<float>(3, 1.0F), 3}, {}); }).code(), ErrorCode::usage);
}

TEST_F(VectorIndexTest, AFolderOfOtherThingsIsLeftAlone) {
  EXPECT_EQ(error_of([&] { VectorIndex::open(folder_); }).code(), ErrorCode::not_found);
  fs::create_directory(folder_);
  std::ofstream(folder_ / "note.txt") << "mine";
  EXPECT_EQ(error_of([&] { open(); }).code(), ErrorCode::usage);
  EXPECT_EQ(error_of([&] { VectorIndex::open_to_write(folder_); }).code(), ErrorCode::not_found);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

// Cut off or written over at many places, it says so, or answers; it never does worse.
TEST_F(VectorIndexTest, DamageIsSaid) {
  {
    VectorIndex index = open();
    add(index, 0, 300);
    index.compact({.kind = IndexKind::ivf});
    add(index, 300, 310);
  }
  std::size_t said = 0;
  for (const fs::path& file : {index_file(folder_), vectors_file(folder_, 2), centres_file(folder_, 2)}) {
    const std::string whole = platform::read_text(file, 10'000'000);
    for (const std::size_t keep : {std::size_t{0}, std::size_t{10}, whole.size() / 3, whole.size() - 1}) {
      std::ofstream(file, std::ios::binary) << whole.substr(0, keep);
      try {
        ask(VectorIndex::open(folder_), 1);
      } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::corrupt || error.code() == ErrorCode::not_found) << error.message();
        EXPECT_NE(error.message().find(folder_.string()), std::string::npos) << error.message();
        ++said;
      }
    }
    for (std::size_t at = 0; at < whole.size(); at += 97) {
      std::string damaged = whole;
      for (std::size_t i = at; i < std::min(at + 8, whole.size()); ++i) damaged[i] = static_cast<char>(~damaged[i]);
      std::ofstream(file, std::ios::binary) << damaged;
      try {
        ask(VectorIndex::open(folder_), 1);
      } catch (const Error& error) {
        EXPECT_NE(error.code(), ErrorCode::internal) << file << " at " << at << ": " << error.message();
        ++said;
      }
    }
    std::ofstream(file, std::ios::binary) << whole;
  }
  EXPECT_GE(said, 12U);
  expect_found(VectorIndex::open(folder_), 310, numbers(0, 310));
  fs::remove(centres_file(folder_, 2));
  EXPECT_EQ(error_of([&] { ask(VectorIndex::open(folder_), 1); }).code(), ErrorCode::corrupt);
}

TEST_F(VectorIndexTest, ANewerOneIsRefused) {
  open();
  {
    Database database;
    database.open(index_file(folder_).native(), SQLITE_OPEN_READWRITE, 1000);
    database.run("PRAGMA user_version = 99");
  }
  EXPECT_EQ(error_of([&] { VectorIndex::open(folder_); }).code(), ErrorCode::unsupported);
  EXPECT_EQ(error_of([&] { open(); }).code(), ErrorCode::unsupported);
}

}  // namespace
}  // namespace pixmill::pipeline
