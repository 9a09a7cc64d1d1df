#include "pixmill/pipeline/result_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "pipeline/result_entry.h"
#include "pixmill/platform/cache_folder.h"
#include "support/testing.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLimit = 1 << 20;
constexpr double kSlow = 500.0;  // ms an inference: always worth keeping

Tensor tensor(std::vector<std::int64_t> shape, float first) {
  Tensor made(std::move(shape), ElementType::f32);
  float value = first;
  for (float& element : made.as<float>()) element = value += 0.37F;
  return made;
}

std::vector<Tensor> answer(float first) {
  std::vector<Tensor> outputs;
  outputs.push_back(tensor({1, 1, 16, 16}, first));
  Tensor labels({1, 3}, ElementType::i64);
  std::fill(labels.as<std::int64_t>().begin(), labels.as<std::int64_t>().end(), -7);
  outputs.push_back(std::move(labels));
  return outputs;
}

bool same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Tensor& x, const Tensor& y) {
    return x.type() == y.type() && x.shape() == y.shape() && x.bytes() == y.bytes() &&
           std::memcmp(x.data(), y.data(), x.bytes()) == 0;
  });
}

class ResultCacheTest : public ::testing::Test {
 protected:
  ResultCacheTest() {
    std::string pattern = (fs::temp_directory_path() / "pixmill_results_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~ResultCacheTest() override { fs::remove_all(folder_); }

  ResultCache open(std::int64_t limit = kLimit, const std::string& engine = "model cpu fp32") const {
    return {folder_ / "results", limit, engine};
  }

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (entry.is_regular_file()) found.push_back(entry.path());
    }
    return found;
  }

  fs::path folder_;
};

TEST_F(ResultCacheTest, TheNextRunFindsTheSameBytes) {
  const Tensor input = tensor({1, 3, 8, 8}, 0.0F);
  {
    ResultCache cache = open();
    EXPECT_FALSE(cache.find(cache.key_of(input)));
    cache.store(cache.key_of(input), answer(1.0F), kSlow);
  }
  ResultCache cache = open();
  const auto found = cache.find(cache.key_of(input));
  ASSERT_TRUE(found);
  EXPECT_TRUE(same(*found, answer(1.0F)));
  EXPECT_EQ(cache.stats().hits, 1);
  EXPECT_GT(cache.stats().bytes_read, 0);
}

TEST_F(ResultCacheTest, AnotherPictureShapeOrEngineIsAMiss) {
  ResultCache cache = open();
  cache.store(cache.key_of(tensor({1, 3, 8, 8}, 0.0F)), answer(1.0F), kSlow);
  EXPECT_FALSE(cache.find(cache.key_of(tensor({1, 3, 8, 8}, 0.5F))));
  EXPECT_FALSE(cache.find(cache.key_of(tensor({1, 3, 4, 16}, 0.0F))));
  ResultCache other = open(kLimit, "model cpu bf16");
  EXPECT_FALSE(other.find(other.key_of(tensor({1, 3, 8, 8}, 0.0F))));
  EXPECT_EQ(cache.stats().misses, 2);
}

TEST_F(ResultCacheTest, KeysOfAnotherEngineKeepNothing) {
  const Tensor input = tensor({1, 3, 8, 8}, 0.0F);
  ResultCache cache = open(kLimit, "model cuda fp32");
  const auto planned = cache.key_of(input);
  cache.set_engine("model cpu fp32");
  cache.store(planned, answer(1.0F), kSlow);
  EXPECT_FALSE(cache.find(planned));
  EXPECT_TRUE(files().empty());
  cache.store(cache.key_of(input), answer(1.0F), kSlow);
  ResultCache next = open();
  EXPECT_TRUE(next.find(next.key_of(input)));
}

// An embedding is kept though it came quickly, a decoder's answer is not though it came slowly.
TEST_F(ResultCacheTest, TheTaskMaySayWhatIsKept) {
  ResultCache cache = open();
  const auto quick = cache.key_of(tensor({1, 3, 8, 8}, 0.0F)), slow = cache.key_of(tensor({1, 3, 8, 8}, 1.0F));
  cache.store(quick, answer(1.0F), 0.1, tasks::Keep::always);
  EXPECT_TRUE(cache.find(quick));
  ResultCache other = open();
  other.store(slow, answer(1.0F), kSlow, tasks::Keep::never);
  EXPECT_FALSE(other.find(slow));
}

TEST_F(ResultCacheTest, EachGraphHasAnEngineOfItsOwn) {
  const Tensor input = tensor({1, 3, 8, 8}, 0.0F);
  const Tensor* const inputs[] = {&input};
  ResultCache cache(folder_ / "results", kLimit, std::vector<std::string>{"encoder", "decoder"});
  cache.store(cache.key_of(0, inputs), answer(1.0F), kSlow);
  EXPECT_FALSE(cache.find(cache.key_of(1, inputs)));
  cache.set_engine("another decoder", 1);
  EXPECT_TRUE(cache.find(cache.key_of(0, inputs)));
}

TEST_F(ResultCacheTest, EveryDamageIsAMissAndIsDeleted) {
  ResultCache cache = open();
  const auto key = cache.key_of(tensor({1, 3, 8, 8}, 0.0F));
  cache.store(key, answer(1.0F), kSlow);
  ASSERT_EQ(files().size(), 1U);
  const fs::path file = files().front();
  std::string whole(fs::file_size(file), '\0');
  std::ifstream(file, std::ios::binary).read(whole.data(), static_cast<std::streamsize>(whole.size()));
  const auto put = [&](const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; };

  for (std::size_t at = 0; at < whole.size(); at += 7) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    put(flipped);
    ASSERT_FALSE(cache.find(key)) << at;
    ASSERT_FALSE(fs::exists(file)) << at;
  }
  for (const std::size_t size : {1U, 15U, 17U, 40U}) {
    put(whole.substr(0, size));
    ASSERT_FALSE(cache.find(key)) << size;
  }
  put(whole + "x");
  EXPECT_FALSE(cache.find(key));
  put(whole);
  EXPECT_TRUE(cache.find(key));
}

// Made on purpose, with a checksum that is right: 16 GiB, said to come out of a few bytes.
TEST_F(ResultCacheTest, NoMemoryIsTakenForAClaim) {
  std::vector<std::byte> entry = pack_entry({}, "key");
  const std::size_t head = entry.size() - 1;  // magic and checksum; then the number of tensors
  entry.back() = std::byte{1};
  const auto put = [&](auto number) {
    const auto bytes = std::as_bytes(std::span(&number, 1));
    entry.insert(entry.end(), bytes.begin(), bytes.end());
  };
  put(static_cast<std::uint8_t>(ElementType::f64));
  put(std::uint8_t{1});
  put(std::int64_t{1} << 31);
  put(std::uint64_t{4});
  put(std::uint32_t{0});
  const XXH64_hash_t sum = XXH3_64bits_withSeed(entry.data() + head, entry.size() - head, XXH3_64bits("key", 3));
  std::memcpy(entry.data() + head - sizeof sum, &sum, sizeof sum);
  EXPECT_FALSE(unpack_entry(entry, "key"));
}

TEST_F(ResultCacheTest, AnEntryUnderAnothersNameIsAMiss) {
  ResultCache cache = open();
  const auto key = cache.key_of(tensor({1, 3, 8, 8}, 0.0F));
  const auto other = cache.key_of(tensor({1, 3, 8, 8}, 0.5F));
  cache.store(key, answer(1.0F), kSlow);
  const fs::path moved = folder_ / "results" / other.digest.substr(0, 2) / other.digest.substr(2);
  fs::create_directories(moved.parent_path());
  fs::rename(files().front(), moved);
  EXPECT_FALSE(cache.find(other));
}

TEST_F(ResultCacheTest, QuickModelsLeaveNothing) {
  ResultCache cache = open();
  for (int i = 0; i < 3; ++i)
    cache.store(cache.key_of(tensor({1, 3, 8, 8}, static_cast<float>(i))), answer(1.0F), ResultCache::kWorthMs / 2);
  cache.store(cache.key_of(tensor({1}, 0.0F)), answer(1.0F), 5 * ResultCache::kWorthMs);  // one outlier does not count
  EXPECT_TRUE(files().empty());
}

TEST_F(ResultCacheTest, TheLeastRecentlyUsedGoesFirst) {
  const auto size = static_cast<std::int64_t>(pack_entry(answer(0.0F), "x").size());
  ResultCache cache = open(10 * size + size / 2);
  std::vector<ResultCache::Key> keys;
  for (int i = 0; i < 10; ++i) keys.push_back(cache.key_of(tensor({4}, static_cast<float>(i))));
  for (int i = 0; i < 10; ++i) {
    cache.store(keys[static_cast<std::size_t>(i)], answer(static_cast<float>(i)), kSlow);
    const timespec when[2] = {{1000 + i, 0}, {1000 + i, 0}};  // long ago, in this order
    for (const fs::path& file : files()) {
      struct stat status {};
      if (::stat(file.c_str(), &status) == 0 && status.st_mtim.tv_sec > 100'000)
        ::utimensat(AT_FDCWD, file.c_str(), when, 0);
    }
  }
  ASSERT_EQ(files().size(), 10U);
  EXPECT_TRUE(cache.find(keys[0]));  // used now
  cache.store(cache.key_of(tensor({4}, 77.0F)), answer(3.0F), kSlow);
  EXPECT_LE(platform::measure_folder(folder_).bytes, 10 * size + size / 2);
  EXPECT_TRUE(cache.find(keys[0]));
  EXPECT_FALSE(cache.find(keys[1]));
  EXPECT_TRUE(cache.find(keys[9]));
}

TEST_F(ResultCacheTest, AnUnwritableFolderIsOneWarning) {
  std::ofstream(folder_ / "results") << "a file stands where the folder should be";
  ResultCache cache = open();
  for (int i = 0; i < 3; ++i) {
    const auto key = cache.key_of(tensor({4}, static_cast<float>(i)));
    EXPECT_FALSE(cache.find(key));
    cache.store(key, answer(1.0F), kSlow);
  }
  EXPECT_NE(cache.trouble(), "");
  EXPECT_EQ(cache.stats().stored, 0);
}

TEST_F(ResultCacheTest, OffMeansOff) {
  ResultCache cache = open(0);
  const auto key = cache.key_of(tensor({4}, 0.0F));
  cache.store(key, answer(1.0F), kSlow);
  EXPECT_FALSE(cache.find(key));
  EXPECT_EQ(cache.stats().misses, 0);
  EXPECT_TRUE(files().empty());
}

TEST_F(ResultCacheTest, ManyThreadsAndTwoRunsShareAFolder) {
  ResultCache one = open(64 << 10);
  ResultCache two = open(64 << 10);
  std::vector<std::jthread> threads;
  for (ResultCache* cache : {&one, &two}) {
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([cache] {
        for (int i = 0; i < 100; ++i) {
          const auto key = cache->key_of(tensor({4}, static_cast<float>(i)));
          const auto found = cache->find(key);
          if (found) {
            EXPECT_TRUE(same(*found, answer(static_cast<float>(i))));
          } else {
            cache->store(key, answer(static_cast<float>(i)), 1e6);
          }
        }
      });
    }
  }
  threads.clear();
  EXPECT_EQ(one.trouble() + two.trouble(), "");
  EXPECT_LE(platform::measure_folder(folder_).bytes, 2 * (64 << 10));
}

TEST_F(ResultCacheTest, FoldersAreMeasuredTrimmedAndCleared) {
  EXPECT_EQ(platform::measure_folder(folder_ / "nowhere").files, 0);
  EXPECT_EQ(platform::trim_folder(folder_ / "nowhere", 0).files, 0);
  for (int i = 0; i < 3; ++i) {
    const fs::path file = folder_ / ("f" + std::to_string(i));
    std::ofstream(file) << std::string(100, 'x');
    const timespec when[2] = {{1000 + i, 0}, {1000 + i, 0}};
    ::utimensat(AT_FDCWD, file.c_str(), when, 0);
  }
  fs::create_symlink("/", folder_ / "link");
  EXPECT_EQ(platform::measure_folder(folder_).files, 3);
  EXPECT_EQ(platform::measure_folder(folder_).bytes, 300);
  EXPECT_EQ(platform::measure_folder(folder_).oldest, 1000);
  EXPECT_EQ(platform::trim_folder(folder_, 250).files, 1);
  EXPECT_FALSE(fs::exists(folder_ / "f0"));
  EXPECT_EQ(platform::clear_folder(folder_, 1002).files, 1);
  EXPECT_TRUE(fs::exists(folder_ / "f2"));
  const pixmill::testing::TemporaryFolder others;
  pixmill::testing::write_file(others / "precious", "not ours");
  fs::create_directory_symlink(others.path(), folder_ / "linked");
  EXPECT_EQ(platform::clear_folder(folder_ / "linked").files, 0);
  EXPECT_TRUE(fs::exists(others / "precious"));
  EXPECT_EQ(platform::clear_folder(folder_).bytes, 100);
}

}  // namespace
}  // namespace pixmill::pipeline
