// For the tests of the line: pictures of one level, pushed through a line.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/line.h"
#include "pipeline/testing.h"

namespace pixmill::pipeline::testing {

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
  void run(const std::vector<Engine*>& engines, int count, int bad = 0,
           std::function<std::vector<Engine*>(int)> load = {}, ResultCache* results = nullptr) {
    reporter_.began({"mean", "echo", count});
    LineParts parts{spec_, *task_, engines, budget_, committer_, reporter_, results, std::move(load)};
    parts.plain_threads |= plain_threads_;
    Line line(parts, 2);
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
  std::unique_ptr<tasks::Task> task_ = std::make_unique<MeanTask>();
  bool plain_threads_ = false;
  Writer writer_{folder_ / "state"};
  Catalogue catalogue_{folder_ / "state/catalogue.db"};
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
  Committer committer_{{writer_, catalogue_, disk_full_, [this](Item& item) { reporter_.item_ended(item); }}};
  Ended ended_;
};

}  // namespace pixmill::pipeline::testing
