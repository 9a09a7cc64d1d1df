#include "pixmill/models/model_card.h"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <sstream>

#include "models/card_section.h"
#include "models/card_words.h"
#include "pixmill/core/error.h"
#include "pixmill/models/class_names.h"

namespace pixmill::models {
namespace {

constexpr std::size_t kLargestCard = 64 << 10;  // bytes; a real one has about a thousand
constexpr int kLargestSide = 16384;             // pixels

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void require_hash(const CardSection& section, std::string_view key, const std::string& hash, std::size_t digits) {
  if (is_hex(hash, digits)) return;
  section.refuse(key, "must be " + std::to_string(digits) + " hexadecimal digits in lower case");
}

ModelFile read_file(const YAML::Node& node, CardPlace place) {
  CardSection section(node, std::move(place));
  ModelFile file;
  section.text("name", file.name, true);
  if (!is_file_name(file.name)) section.refuse("name", "must be a file name without a folder");
  section.text("sha256", file.sha256);
  if (!file.sha256.empty()) require_hash(section, "sha256", file.sha256, 64);
  section.text("md5", file.md5);
  if (!file.md5.empty()) require_hash(section, "md5", file.md5, 32);
  section.texts("also", file.also);
  for (const std::string& hash : file.also) require_hash(section, "also", hash, 64);
  section.text("url", file.url);
  const bool on_the_web = file.url.starts_with("https://") || file.url.starts_with("http://");
  if (!file.url.empty() && (!on_the_web || file.url.find_first_of(" \n") != std::string::npos)) {
    section.refuse("url", "must begin with https:// or http:// and hold no space");
  }
  section.integer("bytes", std::int64_t{1}, std::int64_t{1} << 40, file.bytes);
  section.finish();
  return file;
}

void read_files(CardSection& card, std::vector<ModelFile>& files) {
  const YAML::Node list = card.take("files", true);
  if (!list.IsSequence() || list.size() == 0 || list.size() > 16)
    card.refuse("files", "must be a list of 1 to 16 files");
  for (const YAML::Node& node : list) {
    CardPlace place = card.inside("files");
    place.path.append("[").append(std::to_string(files.size())).append("]");
    files.push_back(read_file(node, std::move(place)));
    for (std::size_t i = 0; i + 1 < files.size(); ++i) {
      if (files[i].name == files.back().name) card.refuse("files", "names " + files.back().name + " twice");
    }
  }
}

GraphFile read_graph(const YAML::Node& node, CardPlace place, const std::vector<ModelFile>& files) {
  CardSection section(node, std::move(place));
  GraphFile graph;
  section.text("role", graph.role, true);
  if (!is_id(graph.role)) section.refuse("role", "must be a word in lower case");
  section.text("file", graph.file, true);
  if (std::none_of(files.begin(), files.end(), [&](const ModelFile& file) { return file.name == graph.file; }))
    section.refuse("file", "is not among the card's `files`");
  section.finish();
  return graph;
}

void read_graphs(CardSection& card, const std::vector<ModelFile>& files, std::vector<GraphFile>& graphs) {
  const YAML::Node list = card.take("graphs");
  if (!list) return;
  if (!list.IsSequence() || list.size() < 2 || list.size() > files.size())
    card.refuse("graphs", "must be a list of two graphs or more, each with a file of its own");
  for (const YAML::Node& node : list) {
    CardPlace place = card.inside("graphs");
    place.path.append("[").append(std::to_string(graphs.size())).append("]");
    GraphFile graph = read_graph(node, std::move(place), files);
    for (const GraphFile& other : graphs) {
      if (other.role == graph.role) card.refuse("graphs", "has the role '" + graph.role + "' twice");
      if (other.file == graph.file) card.refuse("graphs", "names " + graph.file + " twice");
    }
    graphs.push_back(std::move(graph));
  }
  if (graphs.front().file != files.front().name)
    card.refuse("graphs", "must begin with the first of `files`, " + files.front().name);
}

TextSpec read_text(const YAML::Node& node, CardPlace place, const std::vector<ModelFile>& files) {
  CardSection section(node, std::move(place));
  TextSpec text;
  const auto file = [&](std::string_view key, std::string& name) {
    section.text(key, name, true);
    if (std::none_of(files.begin() + 1, files.end(), [&](const ModelFile& one) { return one.name == name; }))
      section.refuse(key, "is not among the card's `files`, or is the first of them");
  };
  file("file", text.file);
  file("merges", text.merges);
  section.integer("tokens", 2, 4096, text.tokens);
  section.integer("index", 0, 63, text.index);
  section.finish();
  return text;
}

void copy_floats(const std::vector<double>& from, std::array<float, 3>& to) {
  std::transform(from.begin(), from.end(), to.begin(), [](double value) { return static_cast<float>(value); });
}

void read_filter(CardSection& section, Filter& filter) {
  std::string written;
  section.text("filter", written);
  if (written.empty()) return;
  std::vector<std::string> known;
  for (const Filter candidate : kFilters) {
    known.emplace_back(name_of(candidate));
    if (known.back() == written) {
      filter = candidate;
      return;
    }
  }
  section.refuse_word("filter", written, known);
}

void read_input(const YAML::Node& node, CardPlace place, InputSpec& input) {
  CardSection section(node, std::move(place));
  const std::vector<double> size = section.numbers("size", 2, 1, kLargestSide);
  if (size.empty()) section.refuse("size", "is missing", "size: [WIDTH, HEIGHT] of the model's input in pixels");
  input.size = {static_cast<int>(size[0]), static_cast<int>(size[1])};
  if (input.size.width != size[0] || input.size.height != size[1]) section.refuse("size", "must be whole numbers");
  section.word("resize", kFits, input.fit);
  const int longer = std::max(input.size.width, input.size.height);
  if (input.fit == Fit::center_crop) {
    input.short_side = longer;
    section.integer("short_side", longer, kLargestSide, input.short_side);
  }
  read_filter(section, input.filter);
  section.integer("multiple", 1, 1024, input.multiple);
  if (input.size.width % input.multiple != 0 || input.size.height % input.multiple != 0) {
    section.refuse("multiple", "does not divide the size");
  }
  section.word("color", kColors, input.color);
  section.word("layout", kLayouts, input.planar);
  section.word("scale", kScales, input.scale);
  copy_floats(section.numbers("mean", 3, -1e6, 1e6), input.mean);
  copy_floats(section.numbers("std", 3, 1e-6, 1e6), input.std);
  section.integer("overlap", 0, 1024, input.overlap);
  section.word("second", kSecondInputs, input.takes_size);
  section.finish();
}

// A list of names, or the word for a list that many models share.
void read_classes(CardSection& section, std::vector<std::string>& classes) {
  if (section.is_text("classes")) {
    std::string word;
    section.text("classes", word);
    if (word != kCoco80) section.refuse_word("classes", word, {std::string(kCoco80)});
    classes = coco_80();
    return;
  }
  section.texts("classes", classes, kMostClasses);
  for (const std::string& name : classes) {
    if (name.size() > kLongestClass || name.find('\n') != std::string::npos)
      section.refuse("classes",
                     "holds a name of several lines or of more than " + std::to_string(kLongestClass) + " bytes");
  }
}

void read_output(const YAML::Node& node, CardPlace place, OutputSpec& output) {
  CardSection section(node, std::move(place));
  section.text("decoder", output.decoder);
  if (!is_id(output.decoder)) section.refuse("decoder", "must be the name of a decoder");
  section.integer("index", 0, 255, output.index);
  section.integer("channel", 0, 4095, output.channel);
  section.word("activation", kActivations, output.activation);
  section.word("rescale", kRescales, output.rescale);
  section.integer("factor", 1, 16, output.factor);
  section.integer("margin", 0, 1024, output.margin);
  read_classes(section, output.classes);
  section.text("tensor", output.tensor);
  if (!output.tensor.empty() && output.index != 0) section.refuse("index", "must be 0: `tensor` is the only output");
  section.word("pool", kPools, output.pool);
  section.integer("weights", 0, 255, output.weights);
  if (output.weights >= 0 && output.pool != Pool::mean) section.refuse("weights", "needs `pool: mean`");
  section.integer("background", 0, static_cast<int>(kMostClasses) - 1, output.background);
  if (!output.classes.empty() && output.background >= static_cast<int>(output.classes.size()))
    section.refuse("background", "is the number of a class that there is not");
  section.finish();
}

void read_runtime(const YAML::Node& node, CardPlace place, RuntimeSpec& runtime) {
  CardSection section(node, std::move(place));
  std::string batch;
  section.text("batch", batch);
  if (!batch.empty() && batch != "dynamic") {
    const char* end = batch.data() + batch.size();
    const auto [stop, error] = std::from_chars(batch.data(), end, runtime.batch);
    if (error != std::errc{} || stop != end || runtime.batch < 1 || runtime.batch > 4096) {
      section.refuse("batch", "must be dynamic or a whole number from 1 to 4096");
    }
  }
  section.texts("deny", runtime.deny);
  section.texts("precision", runtime.precision);
  for (const std::string& precision : runtime.precision) {
    if (std::find(std::begin(kPrecisions), std::end(kPrecisions), precision) == std::end(kPrecisions)) {
      section.refuse_word("precision", precision, {std::begin(kPrecisions), std::end(kPrecisions)});
    }
  }
  section.finish();
}

VariantSpec::Speed read_speed(const YAML::Node& node, CardPlace place) {
  CardSection section(node, std::move(place));
  VariantSpec::Speed speed;
  section.text("backend", speed.backend, true);
  section.number("base", 0, 1e9, speed.base);
  section.number("variant", 0, 1e9, speed.variant);
  section.finish();
  return speed;
}

VariantSpec read_variant(const YAML::Node& node, CardPlace place) {
  CardSection section(node, std::move(place));
  VariantSpec variant;
  section.text("of", variant.of, true);
  if (!is_id(variant.of)) section.refuse("of", "must be the id of a model");
  section.text("of_sha256", variant.of_sha256, true);
  require_hash(section, "of_sha256", variant.of_sha256, 64);
  section.text("precision", variant.precision, true);
  if (std::find(std::begin(kPrecisions), std::end(kPrecisions), variant.precision) == std::end(kPrecisions)) {
    section.refuse_word("precision", variant.precision, {std::begin(kPrecisions), std::end(kPrecisions)});
  }
  section.text("metric", variant.metric);
  section.number("loss", -1e9, 1e9, variant.loss);
  section.number("tolerance", 0, 1e9, variant.tolerance);
  section.integer("pictures", 0, 1 << 30, variant.pictures);
  variant.truth = section.numbers("truth", 2, 0, 1);
  section.integer("layers", 0, 1 << 20, variant.layers);
  section.integer("in_float", 0, 1 << 20, variant.in_float);
  if (const YAML::Node speeds = section.take("speed")) {
    if (!speeds.IsSequence() || speeds.size() > 16) section.refuse("speed", "must be a list of at most 16 backends");
    for (const YAML::Node& speed : speeds) variant.speed.push_back(read_speed(speed, section.inside("speed")));
  }
  section.finish();
  return variant;
}

ModelCard read_card(const YAML::Node& node, std::string_view origin) {
  CardSection section(node, {origin, {}});
  ModelCard card;
  section.text("id", card.id, true);
  if (!is_id(card.id)) {
    section.refuse("id", "must be lower-case letters, digits, '.', '_' and '-', at most 64");
  }
  section.text("title", card.title);
  section.text("task", card.task, true);
  if (std::find(std::begin(kTasks), std::end(kTasks), card.task) == std::end(kTasks)) {
    section.refuse_word("task", card.task, {std::begin(kTasks), std::end(kTasks)});
  }
  section.text("family", card.family);
  section.text("licence", card.licence, true);
  section.text("source", card.source);
  section.text("how_to_get", card.how_to_get);
  read_files(section, card.files);
  read_graphs(section, card.files, card.graphs);
  if (const YAML::Node text = section.take("text")) {
    if (card.task != "embed") section.refuse("text", "is for models of the task embed");
    card.text = read_text(text, section.inside("text"), card.files);
  }
  read_input(section.take("input", true), section.inside("input"), card.input);
  if (const YAML::Node output = section.take("output")) read_output(output, section.inside("output"), card.output);
  if (const YAML::Node runtime = section.take("runtime"))
    read_runtime(runtime, section.inside("runtime"), card.runtime);
  if (const YAML::Node variant = section.take("variant"))
    card.variant = read_variant(variant, section.inside("variant"));
  const bool tiled = card.input.fit == Fit::tile || card.input.color == Color::luma;
  if (card.task == "cutout" && tiled) section.refuse("input", "of a cutout must be whole pictures in colour");
  section.finish();
  return card;
}

// Goes over the text before any node of it is built: one document, no anchors (a few lines of them unfold to
// billions of nodes), no deep nesting. yaml-cpp's LoadAll() would never end on a text that begins with a comma.
class Guard : public YAML::EventHandler {
 public:
  explicit Guard(std::string_view origin) : origin_(origin) {}

  void pass(const std::string& text) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(*this) || parser.HandleNextDocument(*this)) {
      refuse_card(origin_, 0, "must hold one YAML document");
    }
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { refuse_anchor(mark, anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { refuse_anchor(mark, anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string&) override {
    refuse_anchor(mark, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    enter(mark, anchor);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    enter(mark, anchor);
  }
  void OnMapEnd() override { --depth_; }

 private:
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != YAML::NullAnchor)
      refuse_card(origin_, mark.line + 1, "anchors (&) and aliases (*) are not allowed in a card");
  }
  void enter(const YAML::Mark& mark, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    if (++depth_ > kDeepest) refuse_card(origin_, mark.line + 1, "is nested deeper than any card");
  }

  static constexpr int kDeepest = 8;
  std::string_view origin_;
  int depth_ = 0;
};

}  // namespace

bool is_id(std::string_view text) {
  if (text.empty() || text.size() > 64 || std::string_view("._-").find(text[0]) != std::string_view::npos) return false;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string_view::npos;
}

bool is_file_name(std::string_view text) {
  if (text.empty() || text.size() > 128 || text[0] == '.') return false;
  if (text == "card.yaml" || text == "SHA256SUMS") return false;  // the store's own
  return std::none_of(text.begin(), text.end(), [](char letter) {
    return letter == '/' || letter == '\\' || static_cast<unsigned char>(letter) < 0x20;
  });
}

ModelCard parse_card(std::string_view yaml, std::string_view origin) {
  if (yaml.size() > kLargestCard) {
    refuse_card(origin, 0, "is larger than " + std::to_string(kLargestCard) + " bytes, so it is not a model card");
  }
  try {
    const std::string text(yaml);
    Guard(origin).pass(text);
    return read_card(YAML::Load(text), origin);
  } catch (const YAML::Exception& error) {
    refuse_card(origin, error.mark.is_null() ? 0 : error.mark.line + 1, "is not YAML: " + error.msg);
  }
}

}  // namespace pixmill::models
