#include "pixmill/measure/quantize.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "measure/quantize/environment.h"
#include "measure/quantize/judge.h"
#include "measure/quantize/search.h"
#include "measure/quantize/tool.h"
#include "pixmill/core/error.h"
#include "pixmill/measure/masks.h"
#include "pixmill/measure/subject.h"
#include "pixmill/models/model_card.h"
#include "pixmill/pipeline/sources.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/model_file.h"
#include "pixmill/tasks/comparison.h"

namespace pixmill::measure {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFewest = 4;     // the fewest pictures that are meaningful
constexpr std::size_t kHeldOut = 3;    // every third picture is kept to measure the loss
constexpr std::size_t kMostNamed = 8;  // layers in the report

const std::atomic<bool> kNever = false;

// Pictures by path, in natural order.
std::vector<std::string> find_pictures(const std::vector<std::string>& inputs, int limit) {
  pipeline::InputSpec spec;
  spec.inputs = inputs;
  spec.limit = limit;
  const pipeline::Sources sources = pipeline::find_sources(spec);
  if (!sources.failed.empty()) {
    throw Error(sources.failed.front().code, sources.failed.front().message, sources.failed.front().hint);
  }
  std::vector<std::string> paths;
  for (const pipeline::SourceItem& item : sources.items) paths.push_back(item.path.string());
  return paths;
}

class Quantization {
 public:
  Quantization(const QuantizeOptions& options, const platform::Home& home)
      : options_(options),
        home_(home),
        stop_(options.stop != nullptr ? *options.stop : kNever),
        base_(load_subject(options.model, {}, 0, home)) {}

  QuantizeResult run() {
    check_model();
    choose_id();
    choose_pictures();
    QuantizeTool tool(python(), base_.model.data.bytes(), stop_);
    for (std::size_t i = 0; i < calibration_.size(); ++i) {
      tell("preprocessing pictures", i, calibration_.size() + check_.size());
      if (const auto picture = prepare(calibration_[i])) tool.add(picture->inputs.front());
    }
    prepare_check();
    tell("running the model in full precision");
    const QuantizeJudge judge(base_, std::move(truth_), stop_);
    const std::vector<QuantizeLayer> layers = tool.prepare([&](std::string_view word, int done, int of) {
      tell(word == "calibrate" ? "calibrating" : "measuring the error of each layer", static_cast<std::size_t>(done),
           static_cast<std::size_t>(of));
    });
    for (std::size_t i = 0; i < std::min(layers.size(), kMostNamed); ++i) result_.worst.push_back(layers[i].name);
    describe(judge, static_cast<int>(layers.size()));
    search(tool, judge);
    keep(tool.build(variant().in_float), judge);
    return std::move(result_);
  }

 private:
  models::VariantSpec& variant() { return *result_.card.variant; }

  void tell(std::string what, std::size_t done = 0, std::size_t of = 0, std::string detail = {}) const {
    if (stop_) throw Error(ErrorCode::interrupted, "stopped; nothing was saved");
    if (!options_.progress) return;
    options_.progress({std::move(what), static_cast<int>(done), static_cast<int>(of), std::move(detail)});
  }

  void check_model() const {
    const std::string& name = base_.model.name;
    if (base_.model.card.task.empty()) {
      throw Error(ErrorCode::bad_model, name + ": no card describes this model, so its loss cannot be measured",
                  "write a card for it (docs: models/README.md), or `pixmill models add` it");
    }
    if (runtime::read_model_file(base_.source()).precision == runtime::Precision::int8) {
      throw Error(ErrorCode::usage, name + " is already quantised", "name the model that it was made from");
    }
  }

  void choose_id() {
    id_ = options_.id.empty() ? base_.model.card.id + "-int8" : options_.id;
    if (!models::is_id(id_)) {
      throw Error(ErrorCode::usage, "'" + id_ + "' cannot be the id of a model",
                  "lower-case letters, digits, '.', '_' and '-', at most 64, first a letter or digit");
    }
    for (const models::StoreEntry& entry : models::ModelStore(home_.models).list()) {
      if (entry.card.id != id_) continue;
      if (entry.card.variant && entry.card.variant->of == base_.model.card.id) return;
      throw Error(ErrorCode::collision, "the store has another model called '" + id_ + "'",
                  "give the variant another name with --id");
    }
  }

  void choose_pictures() {
    if (options_.check.empty()) {
      const std::vector<std::string> all = find_pictures(options_.calibration, options_.limit * 3 / 2);
      for (std::size_t i = 0; i < all.size(); ++i) (i % kHeldOut == 1 ? check_ : calibration_).push_back(all[i]);
      require_enough(all.size(), kFewest * kHeldOut / 2, "to calibrate and to measure the loss");
    } else {
      calibration_ = find_pictures(options_.calibration, options_.limit);
      check_ = find_pictures(options_.check, 0);
      require_enough(calibration_.size(), kFewest, "to calibrate");
    }
  }

  static void require_enough(std::size_t count, std::size_t wanted, const char* what) {
    if (count >= wanted) return;
    throw Error(ErrorCode::usage,
                std::to_string(count) + (count == 1 ? " picture is" : " pictures are") + " too few " + what,
                "at least " + std::to_string(wanted) + "; some dozens of the kind that the model will see are good");
  }

  fs::path python() const {
    if (!options_.python.empty()) return options_.python;
    constexpr const char* kWhat = "installing the tools, once, about 200 MB";
    return environment_python(
        home_.data, quantize_requirements(), [&](std::string_view line) { tell(kWhat, 0, 0, std::string(line)); },
        stop_);
  }

  // One picture as the model's input; nothing, and a note, where it cannot be read.
  std::optional<Subject> prepare(const std::string& path) {
    try {
      return load_subject(options_.model, {path}, 1, home_);
    } catch (const Error& error) {
      const bool of_the_picture = error.code() == ErrorCode::corrupt || error.code() == ErrorCode::unsupported ||
                                  error.code() == ErrorCode::unreadable || error.code() == ErrorCode::too_large;
      if (!of_the_picture) throw;
      result_.notes.push_back("left out: " + error.message());
      return std::nullopt;
    }
  }

  void prepare_check() {
    base_.photos.clear();
    base_.inputs.clear();
    base_.names.clear();
    for (std::size_t i = 0; i < check_.size(); ++i) {
      tell("preprocessing pictures", calibration_.size() + i, calibration_.size() + check_.size());
      std::optional<Subject> picture = prepare(check_[i]);
      if (!picture) continue;
      base_.names.push_back(std::move(picture->names.front()));
      base_.inputs.push_back(std::move(picture->inputs.front()));
      sizes_.push_back(picture->photos.front().size());
    }
    require_enough(base_.inputs.size(), 1, "to measure the loss");
    if (options_.masks.empty()) return;
    truth_ = {read_masks(base_, options_.masks), std::move(sizes_)};
  }

  void describe(const QuantizeJudge& judge, int layers) {
    models::ModelCard& card = result_.card;
    card = base_.model.card;
    card.id = id_;
    if (!card.title.empty()) card.title += ", int8";
    models::ModelFile file;
    file.name = id_ + ".onnx";
    card.files = {std::move(file)};
    card.how_to_get.clear();
    card.runtime.precision.clear();
    card.variant = models::VariantSpec{.of = base_.model.card.id,
                                       .of_sha256 = base_.model.content_hash,
                                       .precision = "int8",
                                       .metric = judge.metric(),
                                       .tolerance = options_.tolerance.value_or(default_tolerance(card)),
                                       .pictures = static_cast<int>(base_.inputs.size()),
                                       .layers = layers};
  }

  void search(QuantizeTool& tool, const QuantizeJudge& judge) {
    std::vector<VariantLoss> losses;
    const auto loss_of = [&](int in_float) {
      tell(in_float == 0 ? "trying all layers in int8" : "trying with " + std::to_string(in_float) + " in float");
      losses.push_back(judge.loss(tool.build(in_float)));
      return losses.back().loss;
    };
    const SearchLimits limits = {.layers = variant().layers, .tolerance = variant().tolerance};
    result_.trials = options_.in_float ? try_one(*options_.in_float, limits, loss_of) : search_layers(limits, loss_of);
    const std::size_t best = best_trial(result_.trials);
    variant().in_float = result_.trials[best].in_float;
    variant().loss = losses[best].loss;
    variant().truth = losses[best].truth;
  }

  void keep(const fs::path& file, const QuantizeJudge& judge) {
    tell("measuring the speed");
    variant().speed = judge.speeds(file, options_.seconds);
    std::error_code unknown;
    result_.base_bytes = static_cast<std::int64_t>(base_.model.data.bytes().size());
    result_.bytes = static_cast<std::int64_t>(fs::file_size(file, unknown));
    if (variant().loss > variant().tolerance && !options_.force) return;
    tell("saving it");
    models::ModelStore store(home_.models);
    const fs::path card = file.parent_path() / "card.yaml", weights = file.parent_path() / (id_ + ".onnx");
    platform::write_whole(card, models::to_yaml(result_.card));
    fs::rename(file, weights, unknown);
    if (unknown) throw platform::write_error(unknown.value(), weights);
    const auto entries = store.list();
    const bool again =
        std::any_of(entries.begin(), entries.end(), [&](const auto& e) { return e.users_own && e.card.id == id_; });
    if (again) store.remove(id_);  // an earlier variant of the same model: see choose_id()
    const models::StoreEntry entry = store.add(weights, card, id_, runtime::signature_of);
    result_.card = entry.card;
    result_.path = entry.path;
    result_.stored = true;
  }

  const QuantizeOptions& options_;
  const platform::Home& home_;
  const std::atomic<bool>& stop_;
  Subject base_;  // from prepare_check() on with the pictures that the loss is measured on
  std::string id_;
  std::vector<std::string> calibration_, check_;
  std::vector<Size> sizes_;  // of the photos to judge by
  TrueMasks truth_;
  QuantizeResult result_;
};

}  // namespace

double default_tolerance(const models::ModelCard& card) {
  return tasks::comparison_of(card).accepted_loss;
}

QuantizeResult quantize(const QuantizeOptions& options, const platform::Home& home) {
  return Quantization(options, home).run();
}

}  // namespace pixmill::measure
