#include "pixmill/measure/subject.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <random>
#include <system_error>

#include "measure/subject_input.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "pixmill/core/tensor_batch.h"
#include "pixmill/pipeline/sources.h"
#include "pixmill/platform/digest.h"
#include "pixmill/platform/home.h"
#include "pixmill/tasks/comparison.h"
#include "pixmill/tasks/direct_context.h"
#include "pixmill/tasks/job.h"

namespace pixmill::measure {
namespace {

constexpr int kDrawn = 8;
constexpr Size kDrawnSize = {480, 360};

void read_pictures(Subject& subject, const std::vector<std::string>& pictures, std::size_t limit) {
  pipeline::InputSpec spec;
  spec.inputs = pictures;
  spec.limit = static_cast<std::int64_t>(limit);
  const pipeline::Sources sources = pipeline::find_sources(spec);
  if (!sources.failed.empty()) {
    throw Error(sources.failed.front().code, sources.failed.front().message, sources.failed.front().hint);
  }
  for (const pipeline::SourceItem& item : sources.items) {
    const std::vector<std::byte> file = codecs::read_file(item.path);
    subject.photos.push_back(to_rgb8(codecs::decode(file, item.path.string(), {.metadata = false}).image));
    subject.names.push_back(item.relative.string());
  }
  if (subject.photos.empty()) throw Error(ErrorCode::not_found, "no picture was found", "name files or folders");
}

void draw_pictures(Subject& subject) {
  for (std::uint32_t i = 0; i < kDrawn; ++i) {
    subject.photos.push_back(drawn_picture(kDrawnSize, i));
    subject.names.push_back("drawn " + std::to_string(i + 1));
  }
}

void require_one_picture_input(const std::string& name, const ModelSignature& signature) {
  constexpr const char* kHint = "pixmill models inspect shows what a file holds";
  const std::vector<Port>& inputs = signature.inputs;
  if (inputs.size() != 1) {
    throw Error(
        ErrorCode::bad_model,
        name + " has " + std::to_string(inputs.size()) + " inputs; only models with one picture as input are measured",
        kHint);
  }
  const Port& input = inputs.front();
  const bool floats =
      input.type == ElementType::f32 || input.type == ElementType::f16 || input.type == ElementType::bf16;
  if (floats && input.shape.size() == 4) return;
  throw Error(ErrorCode::bad_model,
              name + " takes " + std::to_string(input.shape.size()) + " dimensions of " +
                  std::string(name_of(input.type)) + "; only pictures in floating point are measured",
              kHint);
}

// As a job finds it; a file that no card describes gets one that says what the file says.
models::ResolvedModel resolve(const std::string& model, const platform::Home& home) {
  try {
    return models::ModelStore(home.models).resolve(model, "", runtime::signature_of);
  } catch (const Error& error) {
    std::error_code unknown;
    if (error.code() != ErrorCode::bad_model || !std::filesystem::is_regular_file(model, unknown)) throw;
  }
  models::ModelData data = models::ModelData::map(model);
  const ModelSignature signature = runtime::signature_of(model, data.bytes());
  require_one_picture_input(model, signature);
  models::ModelCard card = plain_card(model, signature);
  std::string hash = platform::sha256(data.bytes());
  return {std::move(card), std::move(data), std::move(hash), model,
          "no card describes this model: pictures are stretched to its size, 0 to 1"};
}

// What the task gives to its model for a photo.
Tensor input_of(const tasks::Task& task, const Image& photo) {
  return tasks::first_inputs(task, photo.clone()).front()->clone();
}

}  // namespace

runtime::ModelSource Subject::source(runtime::Precision precision) const {
  const models::ResolvedModel& file = precision == runtime::Precision::int8 && int8 ? *int8 : model;
  return {file.name, file.data.bytes(), file.content_hash};
}

bool Subject::takes_batches() const {
  return signature.inputs.front().shape.front() < 0 && model.card.runtime.batch == 0;
}

std::vector<std::int64_t> Subject::shape(int batch) const {
  std::vector<std::int64_t> shape = inputs.front().shape();
  const bool alike = std::all_of(inputs.begin(), inputs.end(), [&](const Tensor& t) { return t.shape() == shape; });
  if (!alike) return {};
  shape.front() = batch;
  return shape;
}

Tensor Subject::batch(std::size_t first, int count) const {
  std::vector<const Tensor*> parts;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    parts.push_back(&inputs[(first + i) % inputs.size()]);
  return join(parts, parts.size());
}

Subject load_subject(const std::string& model, const std::vector<std::string>& pictures, std::size_t limit,
                     const platform::Home& home) {
  Subject subject{.model = resolve(model, home)};
  subject.signature = runtime::read_signature(subject.source());
  require_one_picture_input(subject.model.name, subject.signature);
  const models::ModelCard& card = subject.model.card;
  if (!card.graphs.empty()) {
    throw Error(ErrorCode::unsupported,
                subject.model.name + " is a model of " + std::to_string(card.graphs.size()) +
                    " files; only models of one file are measured",
                "name a model of one file");
  }
  const models::ModelStore store(home.models);
  if (store.find_variant(subject.model, "int8")) subject.int8 = store.variant(subject.model, "int8");
  if (const tasks::Job* job = tasks::find_job(card.task)) {
    subject.task = job->make_default(card);
    subject.wanted = subject.task->graphs().front().outputs;
  } else {
    subject.wanted = tasks::judged_outputs(card);
  }
  pictures.empty() ? draw_pictures(subject) : read_pictures(subject, pictures, limit);
  for (const Image& photo : subject.photos) {
    subject.inputs.push_back(subject.task ? input_of(*subject.task, photo) : plain_input(photo, card.input));
  }
  return subject;
}

Image drawn_picture(Size size, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto pick = [&](double from, double to) {  // not std::uniform_real_distribution: libraries differ in it
    return from + (to - from) * static_cast<double>(random()) / 4294967296.0;
  };
  struct Blob {
    double x, y, radius, softness, colour[3];
  };
  std::vector<Blob> blobs(5);
  for (Blob& blob : blobs) {
    blob = {pick(0.15, 0.85) * size.width,
            pick(0.15, 0.85) * size.height,
            pick(0.08, 0.3) * std::min(size.width, size.height),
            pick(0.5, 12.0),
            {}};
    for (double& channel : blob.colour) channel = pick(0, 255);
  }
  const double corner[3] = {pick(0, 255), pick(0, 255), pick(0, 255)};
  Image picture(size, 3);
  for (int y = 0; y < size.height; ++y) {
    std::uint8_t* row = picture.row<std::uint8_t>(y);
    for (int x = 0; x < size.width; ++x) {
      const double along = (static_cast<double>(x) / size.width + static_cast<double>(y) / size.height) / 2;
      for (int c = 0; c < 3; ++c) {
        double value = corner[c] * (1 - along) + (255 - corner[c]) * along;
        for (const Blob& blob : blobs) {
          const double inside = (blob.radius - std::hypot(x - blob.x, y - blob.y)) / blob.softness + 0.5;
          value += (blob.colour[c] - value) * std::clamp(inside, 0.0, 1.0);
        }
        row[3 * x + c] = static_cast<std::uint8_t>(std::clamp(value + pick(-6, 6), 0.0, 255.0));
      }
    }
  }
  return picture;
}

}  // namespace pixmill::measure
