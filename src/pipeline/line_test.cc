// The line with a model that is none: order, batches, failures, memory.
#include "pipeline/line.h"

#include <gtest/gtest.h>

#include <barrier>
#include <chrono>
#include <cstring>
#include <map>
#include <thread>

#include "pipeline/testing.h"

namespace pixmill::pipeline {
namespace {

using testing::EchoSession;
using testing::MeanTask;
using testing::png_bytes;
using testing::TemporaryFolder;

class LineTest : public ::testing::Test {
 protected:
  ItemPtr item(int number, const std::string& file) {
    auto made = std::make_shared<Item>();
    made->input = std::to_string(number) + ".png";
    made->outputs = {folder_ / ("out/" + std::to_string(number) + ".png")};
    made->replace = {false};
    made->file.resize(file.size());
    std::memcpy(made->file.data(), file.data(), file.size());
    return made;
  }

  // Pushes `count` gray pictures, every `bad`-th of them damaged, and waits until all have ended.
  void run(const std::vector<Engine*>& engines, int count, int bad = 0) {
    reporter_.began({"mean", "echo", count});
    Line line({spec_, task_, engines, budget_, writer_, journal_, reporter_, disk_full_}, 2);
    bool waited = false;
    for (int i = 0; i < count; ++i) {
      ItemPtr next = item(i, bad > 0 && i % bad == 0 ? "damaged" : png_bytes({3, 2}, static_cast<std::uint8_t>(i)));
      next->share = budget_.acquire(1000, waited);
      line.push(next);
    }
    line.drain();
    EXPECT_EQ(budget_.items_in_flight(), 0U);
    ended_ = reporter_.totals();
  }

  // The same on one device that takes `batch` pictures at once.
  void run(const std::shared_ptr<EchoSession>& session, int count, int batch, int bad = 0) {
    Engine engine({"echo", [&](int, bool) { return session; }, std::make_unique<FixedBatch>(batch)});
    run({&engine}, count, bad);
  }

  int level_of(int number) const {
    const std::string file = testing::file_text(folder_ / ("out/" + std::to_string(number) + ".png"));
    return codecs::decode(std::as_bytes(std::span(file)), "out").image.row<std::uint8_t>(0)[0];
  }

  TemporaryFolder folder_;
  JobSpec spec_;
  MeanTask task_;
  Writer writer_{folder_ / "state"};
  Journal journal_{folder_ / "state/journal.db"};
  std::mutex mutex_;
  std::vector<Event> events_;
  EventSink sink_ = [this](const Event& event) {
    ASSERT_TRUE(mutex_.try_lock()) << "events came from two threads at once";
    events_.push_back(event);
    mutex_.unlock();
  };
  Reporter reporter_{sink_};
  Budget budget_{100'000, 6};
  std::atomic<bool> disk_full_ = false;
  Ended ended_;
};

TEST_F(LineTest, EveryPictureBecomesItsOwnResult) {
  run(std::make_shared<EchoSession>(nullptr, -1, 2), 60, 1);
  EXPECT_EQ(ended_.done, 60);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, BatchesDoNotMixPictures) {
  const auto session = std::make_shared<EchoSession>();
  run(session, 61, 4);
  EXPECT_EQ(ended_.done, 61);
  EXPECT_LE(session->largest_batch, 4);
  for (int i = 0; i < 61; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, AFixedBatchIsFilledUp) {
  run(std::make_shared<EchoSession>([](std::int64_t batch) { ASSERT_EQ(batch, 4); }, 4), 10, 1);
  EXPECT_EQ(ended_.done, 10);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, BadPicturesFailAloneAndShiftNothing) {
  run(std::make_shared<EchoSession>(), 40, 4, 7);
  EXPECT_EQ(ended_.failed, 6);
  EXPECT_EQ(ended_.done, 34);
  for (int i = 0; i < 40; ++i) {
    if (i % 7 != 0) EXPECT_EQ(level_of(i), i);
  }
  for (const Event& event : events_) {
    if (const auto* failed = std::get_if<Failed>(&event))
      EXPECT_NE(failed->message.find(failed->input.string()), std::string::npos);
  }
}

TEST_F(LineTest, ABatchThatDoesNotFitIsHalved) {
  const auto session = std::make_shared<EchoSession>([](std::int64_t batch) {
    if (batch > 2) throw Error(ErrorCode::out_of_memory, "not enough device memory");
  });
  run(session, 32, 8);
  EXPECT_EQ(ended_.done, 32);
  EXPECT_LE(session->largest_batch, 2);
  for (int i = 0; i < 32; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, AModelThatAlwaysFailsFailsEveryPictureOnce) {
  run(std::make_shared<EchoSession>(
          [](std::int64_t) { throw Error(ErrorCode::out_of_memory, "not enough device memory"); }),
      9, 4);
  EXPECT_EQ(ended_.failed, 9);
  EXPECT_EQ(ended_.done, 0);
}

TEST_F(LineTest, InferencesRunSideBySide) {
  std::barrier both(2);  // would wait for ever if one inference had to end before the next may start
  std::atomic<int> calls = 0;
  const auto meet = [&](std::int64_t) {
    if (calls++ < 2) both.arrive_and_wait();
  };
  run(std::make_shared<EchoSession>(meet, -1, 2), 20, 1);
  EXPECT_EQ(ended_.done, 20);
}

TEST_F(LineTest, SeveralDevicesShareThePictures) {
  const auto slow =
      std::make_shared<EchoSession>([](std::int64_t) { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
  const auto fast = std::make_shared<EchoSession>();
  Engine first({"slow", [&](int, bool) { return slow; }, std::make_unique<FixedBatch>(1)});
  Engine second({"fast", [&](int, bool) { return fast; }, std::make_unique<FixedBatch>(3)});
  run({&first, &second}, 80);
  EXPECT_EQ(ended_.done, 80);
  EXPECT_GT(first.share().pictures, 0);
  EXPECT_GT(second.share().pictures, first.share().pictures);
  EXPECT_EQ(first.share().pictures + second.share().pictures, 80);
  for (int i = 0; i < 80; ++i) EXPECT_EQ(level_of(i), i);
}

// A device that dies must not swallow what another one can do.
TEST_F(LineTest, ABrokenDeviceGetsNoMore) {
  const auto broken =
      std::make_shared<EchoSession>([](std::int64_t) { throw Error(ErrorCode::internal, "the device was lost"); });
  const auto slow =
      std::make_shared<EchoSession>([](std::int64_t) { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
  Engine first({"broken", [&](int, bool) { return broken; }, std::make_unique<FixedBatch>(1)});
  Engine second({"slow", [&](int, bool) { return slow; }, std::make_unique<FixedBatch>(1)});
  run({&first, &second}, 60);
  EXPECT_EQ(ended_.failed, 3);
  EXPECT_EQ(ended_.done, 57);
}

// Whatever size is wished for next, every picture becomes its own result, once.
TEST_F(LineTest, ChangingBatchesLoseNothing) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    const auto session = std::make_shared<EchoSession>(nullptr, -1, 2);
    Engine engine({"echo", [&](int, bool) { return session; }, std::make_unique<testing::RandomBatch>(seed)});
    Engine other({"other", [&](int, bool) { return session; }, std::make_unique<testing::RandomBatch>(seed + 10)});
    events_.clear();
    const std::int64_t before = session->pictures;
    run({&engine, &other}, 200, 13);
    EXPECT_EQ(session->pictures - before, 200 - 16);
    std::map<std::filesystem::path, int> ends;
    for (const Event& event : events_) {
      if (const auto* done = std::get_if<Done>(&event)) ++ends[done->input];
      if (const auto* failed = std::get_if<Failed>(&event)) ++ends[failed->input];
    }
    EXPECT_EQ(ends.size(), 200U);
    for (const auto& [input, times] : ends) EXPECT_EQ(times, 1) << input;
    for (int i = 0; i < 200; ++i) {
      if (i % 13 != 0) EXPECT_EQ(level_of(i), i);
    }
  }
}

TEST(Budget, LetsAGiantInWhenItIsAlone) {
  Budget budget(100, 10);
  bool waited = false;
  {
    const auto giant = budget.acquire(1000, waited);
    EXPECT_FALSE(waited);
    EXPECT_EQ(budget.items_in_flight(), 1U);
  }
  auto small = budget.acquire(60, waited);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    small = {};
  });
  const auto next = budget.acquire(60, waited);
  EXPECT_TRUE(waited);
  other.join();
}

}  // namespace
}  // namespace pixmill::pipeline
