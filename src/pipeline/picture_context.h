// What a task of the pipeline gets when it asks.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/commit.h"
#include "pipeline/item.h"
#include "pipeline/request.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// Where requests go. Thread-safe.
class RequestQueue {
 public:
  virtual ~RequestQueue() = default;
  virtual void add(const RequestPtr& request) = 0;
  virtual void wait(const RequestPtr& request) = 0;    // suspends the caller until it is done
  virtual void cancel(const RequestPtr& request) = 0;  // nobody will wait for it
};

// Thrown into a task when no device is left that could serve it: not an Error, for the picture has not failed.
struct NoDeviceLeft {};

// Counts the time of a picture to one stage after the other.
class StageClock {
 public:
  explicit StageClock(StageTimes& times) : times_(times) {}
  // From now on; none: the time counts nowhere. Returns the stage so far.
  std::optional<Stage> to(std::optional<Stage> stage);

 private:
  StageTimes& times_;
  std::optional<Stage> stage_;
  std::chrono::steady_clock::time_point since_;
};

class RowsFile;

// For one run of one task. Pictures are encoded when they come.
class PictureContext final : public tasks::Context {
 public:
  struct Parts {
    const JobSpec& spec;
    const std::vector<tasks::Product>& products;
    RequestQueue& queue;
    ResultCache* results = nullptr;
    const codecs::Metadata* metadata = nullptr;  // kept in results
    std::shared_ptr<Requester> requester;
    std::int64_t inferences = 1;              // that the task is expected to ask for
    const std::vector<tasks::Graph>& graphs;  // that it announced
    Committer& committer;
    Item& item;
    StageClock& clock;
  };
  explicit PictureContext(Parts parts);
  PictureContext(const PictureContext&) = delete;
  PictureContext& operator=(const PictureContext&) = delete;
  ~PictureContext() override;

  std::optional<Size> full_size() const override { return parts_.item.size; }
  std::string name() const override { return parts_.item.name; }
  tasks::Pending infer(int graph, tasks::Tensors inputs) override;
  tasks::Pending infer_on_cpu(int graph, tasks::Tensors inputs) override;
  void picture(std::string_view role, Image image) override;
  tasks::RowSink& rows(std::string_view role, Size size, int channels, PixelType type) override;
  void record(tasks::Record record) override;
  void note(std::string_view text) override;
  void tally(std::string_view name, std::int64_t count) override;

  // All that the task made. Throws Error{internal} where a product, or rows of one, are missing.
  Made made() &&;

 private:
  class Waiting;
  std::size_t product(std::string_view role);
  codecs::EncodeOptions options_of(const tasks::Product& product) const;
  tasks::Pending ask(int graph, tasks::Tensors inputs, bool on_cpu);

  Parts parts_;
  std::int64_t asked_ = 0;
  Made made_;
  std::vector<bool> has_;  // of each product
  std::vector<std::unique_ptr<RowsFile>> rows_;
};

// Looks the request up; what the cache has becomes its outputs.
bool find_known(ResultCache& results, Request& request);

}  // namespace pixmill::pipeline
