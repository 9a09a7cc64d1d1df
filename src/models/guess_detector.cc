// Recognises detectors by the shapes of their outputs, which follow from the size of the input.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include "models/guess.h"
#include "pixmill/models/class_names.h"

namespace pixmill::models {
namespace {

constexpr int kUsualSide = 640;  // where neither the shape nor the exporter says a size
constexpr int kLargestSide = 16384;
constexpr std::string_view kListed = "listed";
constexpr std::int64_t kQueries = 300;  // of RT-DETR
constexpr std::int64_t kCocoNumbers = 91, kCocoClasses = 80;

bool is_float(const Port& port) {
  return port.type == ElementType::f32 || port.type == ElementType::f16;
}

bool is_integer(const Port& port) {
  return port.type == ElementType::i64 || port.type == ElementType::i32;
}

std::string_view metadata(const ModelSignature& signature, std::string_view key) {
  for (const auto& [name, value] : signature.metadata) {
    if (name == key) return value;
  }
  return {};
}

// "[480, 640]", height first, as Ultralytics writes it; empty where it is anything else.
std::optional<Size> size_in(std::string_view text) {
  Size size;
  const char* end = text.data() + text.size();
  const auto number = [&](const char* from, char after, int& value) -> const char* {
    const auto [stop, error] = std::from_chars(from, end, value);
    const bool good = error == std::errc() && stop != end && *stop == after && value > 0 && value <= kLargestSide;
    return good ? stop + 1 : nullptr;
  };
  if (!text.starts_with('[')) return std::nullopt;
  const char* second = number(text.data() + 1, ',', size.height);
  if (second == nullptr) return std::nullopt;
  while (second != end && *second == ' ') ++second;
  return number(second, ']', size.width) == end ? std::optional(size) : std::nullopt;
}

struct Facts {
  const ModelSignature& signature;
  Size input;
  bool planar;
  std::vector<std::string> names;  // of the classes, where the file has them
  std::string_view task;           // that the exporter wrote into it

  const std::vector<std::int64_t>& output(std::size_t index = 0) const { return signature.outputs[index].shape; }
  std::size_t outputs() const { return signature.outputs.size(); }
  bool one_table() const { return outputs() == 1 && output().size() == 3; }
  bool names_are(std::initializer_list<std::string_view> outputs) const {
    return std::equal(outputs.begin(), outputs.end(), signature.outputs.begin(), signature.outputs.end(),
                      [](std::string_view name, const Port& port) { return port.name == name; });
  }
  // Whether `extent` can be that of so many classes and `others` beside.
  bool holds_classes(std::int64_t extent, std::int64_t others) const {
    if (extent < 0) return !names.empty();
    return extent > others && (names.empty() || extent == others + static_cast<std::int64_t>(names.size()));
  }
  // Of the grids of strides 8, 16 and 32 together.
  std::int64_t cells() const {
    std::int64_t sum = 0;
    for (const int stride : {8, 16, 32})
      sum += std::int64_t{(input.width + stride - 1) / stride} * ((input.height + stride - 1) / stride);
    return sum;
  }
};

// A picture, and after it perhaps the width and height that boxes are scaled to.
bool takes_pictures(const std::vector<Port>& inputs) {
  if (inputs.empty() || inputs.size() > 2) return false;
  const Port& port = inputs.front();
  const bool picture = (is_float(port) || port.type == ElementType::u8) && port.shape.size() == 4 &&
                       (port.shape[1] == 3 || port.shape[3] == 3);
  if (inputs.size() == 1 || !picture) return picture;
  return inputs[1].type == ElementType::i64 && inputs[1].shape.size() == 2 && inputs[1].shape[1] == 2;
}

std::optional<Facts> facts_of(const ModelSignature& signature) {
  if (!takes_pictures(signature.inputs) || signature.outputs.empty()) return std::nullopt;
  const Port& port = signature.inputs.front();
  const auto readable = [](const Port& output) { return is_float(output) || is_integer(output); };
  if (!std::all_of(signature.outputs.begin(), signature.outputs.end(), readable)) return std::nullopt;
  const bool planar = port.shape[1] == 3;
  const std::int64_t height = port.shape[planar ? 2 : 1], width = port.shape[planar ? 3 : 2];
  if (height > kLargestSide || width > kLargestSide || height == 0 || width == 0) return std::nullopt;
  const Size usual = size_in(metadata(signature, "imgsz")).value_or(Size{kUsualSide, kUsualSide});
  const Size input = {width > 0 ? static_cast<int>(width) : usual.width,
                      height > 0 ? static_cast<int>(height) : usual.height};
  return Facts{signature, input, planar, names_from_python(metadata(signature, "names")), metadata(signature, "task")};
}

// YOLOX and NanoDet come from programs that read pictures as BGR, 0 to 255.
void as_bgr(ModelCard& card) {
  card.input.color = Color::bgr;
  card.input.scale = Scale::none;
}

// A model that takes bytes scales them itself.
void as_bytes(InputSpec& input) {
  input.scale = Scale::none;
  input.mean = InputSpec().mean;
  input.std = InputSpec().std;
}

// DETR's kin squash pictures as Pillow does.
void as_squashed(ModelCard& card) {
  card.input.fit = Fit::stretch;
  card.input.filter = Filter::bilinear;
}

// A list of boxes [1, n, 4]; the rank is that of the file, which may leave all extents open.
bool is_box_list(const std::vector<std::int64_t>& shape) {
  return shape.size() == 3 && (shape[2] == 4 || shape[2] < 0);
}

// A family, how its shapes are recognised and what its card says beside the decoder. First match wins.
struct Rule {
  std::string_view decoder;
  std::string_view family;
  std::string_view sign;  // what was recognised, in words
  bool (*fits)(const Facts& facts);
  std::int64_t (*classes)(const Facts& facts);  // 0: not known
  void (*describe)(ModelCard& card);
};

constexpr Rule kRules[] = {
    {"rfdetr", "rfdetr", "RF-DETR: boxes and class scores of queries",
     [](const Facts& facts) {
       return facts.names_are({"dets", "labels"}) && is_box_list(facts.output()) && facts.output(1).size() == 3;
     },
     [](const Facts& facts) { return facts.output(1)[2] == kCocoNumbers ? kCocoClasses : std::int64_t{0}; },
     [](ModelCard& card) {
       as_squashed(card);
       card.input.mean = {0.485F, 0.456F, 0.406F};
       card.input.std = {0.229F, 0.224F, 0.225F};
     }},
    {kListed, "dfine", "D-FINE or RT-DETR: labels, boxes and scores",
     [](const Facts& facts) {
       return facts.names_are({"labels", "boxes", "scores"}) && is_box_list(facts.output(1));
     },
     [](const Facts&) { return std::int64_t{0}; }, as_squashed},
    {"counted", "yolo", "YOLO with EfficientNMS: a count, boxes, scores and classes",
     [](const Facts& facts) {
       return facts.outputs() == 4 && facts.signature.outputs[0].name.starts_with("num_det") &&
              is_box_list(facts.output(1));
     },
     [](const Facts&) { return std::int64_t{0}; }, [](ModelCard&) {}},
    {"yolov7_end_to_end", "yolov7", "YOLOv7 with NMS inside: rows of picture, box, class and score",
     [](const Facts& facts) { return facts.outputs() == 1 && facts.output().size() == 2 && facts.output()[1] == 7; },
     [](const Facts&) { return std::int64_t{0}; }, [](ModelCard&) {}},
    {"rtdetr", "rtdetr", "RT-DETR of Ultralytics: a row for each query",
     [](const Facts& facts) {
       const bool told = metadata(facts.signature, "description").find("detr") != std::string_view::npos;
       const bool queries =
           facts.one_table() && facts.output()[1] == kQueries && facts.holds_classes(facts.output()[2], 4);
       return queries && (told || facts.output()[2] > 6);
     },
     [](const Facts& facts) { return facts.output()[2] - 4; }, [](ModelCard& card) { card.input.fit = Fit::stretch; }},
    {"yolox", "yolox", "YOLOX: a row for each cell of three grids, not decoded",
     [](const Facts& facts) {
       const bool decoded = facts.signature.outputs.front().name == "outputs";  // as YOLOv6 calls it
       return facts.one_table() && facts.output()[1] == facts.cells() && facts.holds_classes(facts.output()[2], 5) &&
              !decoded;
     },
     [](const Facts& facts) { return facts.output()[2] - 5; },
     [](ModelCard& card) {
       as_bgr(card);
       card.input.fit = Fit::letterbox_corner;
     }},
    {"yolov5", "yolov5", "YOLOv5: a row for each of three boxes a cell",
     [](const Facts& facts) {
       if (!facts.one_table()) return false;
       const bool sized = facts.output()[1] == 3 * facts.cells();
       const bool open = facts.output()[1] < 0 && facts.task.empty() && !metadata(facts.signature, "stride").empty();
       return (sized || open) && facts.holds_classes(facts.output()[2], 5);
     },
     [](const Facts& facts) { return facts.output()[2] - 5; }, [](ModelCard&) {}},
    {"end_to_end", "yolov10", "YOLO without overlaps: rows of box, score and class",
     [](const Facts& facts) {
       return facts.one_table() && facts.output()[2] == 6 && facts.output()[1] > 0 && facts.output()[1] <= 1000 &&
              facts.output()[1] != facts.cells();
     },
     [](const Facts&) { return std::int64_t{0}; }, [](ModelCard&) {}},
    {"yolov8", "yolov8", "YOLOv8 or YOLO11: a column for each cell of three grids",
     [](const Facts& facts) {
       if (!facts.one_table()) return false;
       const bool sized = facts.output()[2] == facts.cells();
       const bool open = facts.output()[2] < 0 && facts.task == "detect";
       return (sized || open) && facts.holds_classes(facts.output()[1], 4);
     },
     [](const Facts& facts) { return facts.output()[1] - 4; }, [](ModelCard&) {}},
    {"nanodet", "nanodet", "NanoDet: class scores and distances of three strides",
     [](const Facts& facts) {
       if (facts.outputs() != 6) return false;
       for (std::size_t i = 0; i < 6; ++i) {
         const bool named = facts.signature.outputs[i].name.starts_with(i < 3 ? "cls_pred" : "dis_pred");
         if (!named || facts.output(i).size() != 3) return false;
       }
       return facts.output(3)[2] > 0 && facts.output(3)[2] % 4 == 0;
     },
     [](const Facts& facts) { return facts.output()[2]; },
     [](ModelCard& card) {
       as_bgr(card);
       card.input.mean = {103.53F, 116.28F, 123.675F};
       card.input.std = {57.375F, 57.12F, 58.395F};
     }},
    {"yunet", "yunet", "YuNet: twelve outputs from cls_8 on",
     [](const Facts& facts) { return facts.outputs() == 12 && facts.signature.outputs.front().name == "cls_8"; },
     [](const Facts&) { return std::int64_t{1}; },
     [](ModelCard& card) {
       as_bgr(card);
       card.input.fit = Fit::letterbox_corner;
       card.output.classes = {"face"};
     }},
    {"fastestdet", "fastestdet", "FastestDet: one grid of a sixteenth of the input",
     [](const Facts& facts) {
       return facts.outputs() == 1 && facts.output().size() == 4 && facts.output()[1] > 5 &&
              facts.output()[2] * 16 == facts.input.height && facts.output()[3] * 16 == facts.input.width;
     },
     [](const Facts& facts) { return facts.output()[1] - 5; },
     [](ModelCard& card) {
       card.input.color = Color::bgr;
       card.input.fit = Fit::stretch;
     }},
};

// Names from the file, else COCO's where the number is right, or the file of a model that does not tell it is called
// so.
void name_classes(const Facts& facts, std::int64_t count, std::string_view file_name, ModelCard& card) {
  const bool called = count == 0 && file_name.find("coco") != std::string_view::npos;
  if (!facts.names.empty()) {
    card.output.classes = facts.names;
  } else if (card.output.classes.empty() && (called || count == kCocoClasses)) {
    card.output.classes = coco_80();
  }
}

}  // namespace

std::optional<Guess> guess_detector(const ModelSignature& signature, std::string_view file_name) {
  const std::optional<Facts> facts = facts_of(signature);
  if (!facts || !(facts->task.empty() || facts->task == "detect")) return std::nullopt;
  for (const Rule& rule : kRules) {
    const bool two_inputs = signature.inputs.size() == 2;
    if (!rule.fits(*facts) || (two_inputs && rule.decoder != kListed)) continue;
    Guess guess{plain_card(signature, file_name, "detect"), "looks like " + std::string(rule.sign)};
    guess.card.family = rule.family;
    guess.card.input.size = facts->input;
    guess.card.input.fit = Fit::letterbox;
    guess.card.input.filter = Filter::linear;  // all of them were trained with OpenCV
    guess.card.output.decoder = rule.decoder;
    guess.card.input.planar = facts->planar;
    guess.card.input.takes_size = two_inputs;
    rule.describe(guess.card);
    if (signature.inputs.front().type == ElementType::u8) as_bytes(guess.card.input);
    name_classes(*facts, rule.classes(*facts), file_name, guess.card);
    if (guess.card.output.classes.empty())
      guess.why += ". It names no classes, so they are numbers; `classes` in a card beside the file names them";
    return guess;
  }
  return std::nullopt;
}

}  // namespace pixmill::models
