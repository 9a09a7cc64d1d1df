// The line with a model that is none: order, batches, failures, memory.
#include "pipeline/line.h"

#include <gtest/gtest.h>

#include <barrier>
#include <chrono>
#include <cstring>
#include <thread>

#include "pipeline/batcher.h"
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

  // Pushes `count` gray pictures, every `bad`-th of them damaged; answers when all have ended.
  void run(runtime::Session& session, int count, int batch, int streams, int bad = 0) {
    reporter_.began({"mean", "echo", count});
    Line line({spec_, task_, session, writer_, journal_, reporter_, disk_full_}, 2, batch, streams);
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
  EchoSession session;
  run(session, 60, 1, 2);
  EXPECT_EQ(ended_.done, 60);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, BatchesDoNotMixPictures) {
  EchoSession session;
  run(session, 61, 4, 1);
  EXPECT_EQ(ended_.done, 61);
  EXPECT_LE(session.largest_batch, 4);
  for (int i = 0; i < 61; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, AFixedBatchIsFilledUp) {
  EchoSession session([](std::int64_t batch) { ASSERT_EQ(batch, 4); }, 4);
  run(session, 10, 4, 1);
  EXPECT_EQ(ended_.done, 10);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, BadPicturesFailAloneAndShiftNothing) {
  EchoSession session;
  run(session, 40, 4, 1, 7);
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
  EchoSession session([](std::int64_t batch) {
    if (batch > 2) throw Error(ErrorCode::out_of_memory, "not enough device memory");
  });
  run(session, 32, 8, 1);
  EXPECT_EQ(ended_.done, 32);
  EXPECT_LE(session.largest_batch, 2);
  for (int i = 0; i < 32; ++i) EXPECT_EQ(level_of(i), i);
}

TEST_F(LineTest, AModelThatAlwaysFailsFailsEveryPictureOnce) {
  EchoSession session([](std::int64_t) { throw Error(ErrorCode::out_of_memory, "not enough device memory"); });
  run(session, 9, 4, 1);
  EXPECT_EQ(ended_.failed, 9);
  EXPECT_EQ(ended_.done, 0);
}

TEST_F(LineTest, InferencesRunSideBySide) {
  std::barrier both(2);  // would wait for ever if one inference had to end before the next may start
  std::atomic<int> calls = 0;
  EchoSession session([&](std::int64_t) {
    if (calls++ < 2) both.arrive_and_wait();
  });
  run(session, 20, 1, 2);
  EXPECT_EQ(ended_.done, 20);
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

TEST(Batches, JoinAndSplitAreInverse) {
  Tensor a({1, 2, 2}, ElementType::f32), b({1, 2, 2}, ElementType::f32);
  for (int i = 0; i < 4; ++i) a.as<float>()[i] = static_cast<float>(i), b.as<float>()[i] = static_cast<float>(10 + i);
  const Tensor joined = join({&a, &b}, 3);
  EXPECT_EQ(joined.shape(), (std::vector<std::int64_t>{3, 2, 2}));
  EXPECT_EQ(joined.as<float>()[11], 0.0F);
  const std::vector<Tensor> parts = split(joined, 2);
  EXPECT_EQ(parts[1].as<float>()[3], 13.0F);
  EXPECT_THROW(split(a, 2), Error);
}

}  // namespace
}  // namespace pixmill::pipeline
