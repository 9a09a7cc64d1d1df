#include "pixmill/models/class_names.h"

#include <charconv>

namespace pixmill::models {
namespace {

// Reads the dictionary from its start on; every step says whether it could.
class Dictionary {
 public:
  explicit Dictionary(std::string_view text) : rest_(text) {}

  bool read(std::vector<std::string>& names) {
    if (!take('{')) return false;
    while (!take('}')) {
      if (!names.empty() && !take(',')) return false;
      if (take('}')) break;  // a comma may stand after the last one
      std::string name;
      if (!key_is(names.size()) || !take(':') || !quoted(name) || names.size() == kMostClasses) return false;
      names.push_back(std::move(name));
    }
    skip_space();
    return rest_.empty();
  }

 private:
  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) rest_.remove_prefix(1);
  }

  bool take(char wanted) {
    skip_space();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool key_is(std::size_t wanted) {
    skip_space();
    std::size_t key = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), key);
    if (error != std::errc() || key != wanted) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }

  bool quoted(std::string& name) {
    const char quote = take('\'') ? '\'' : take('"') ? '"' : '\0';
    if (quote == '\0') return false;
    while (!rest_.empty() && rest_.front() != quote) {
      if (rest_.front() == '\\') rest_.remove_prefix(1);
      if (rest_.empty()) return false;
      const auto letter = static_cast<unsigned char>(rest_.front());
      if (letter < 0x20 || letter == 0x7F || name.size() == kLongestClass) return false;
      name += rest_.front();
      rest_.remove_prefix(1);
    }
    return !name.empty() && take(quote);
  }

  std::string_view rest_;
};

}  // namespace

const std::vector<std::string>& coco_80() {
  static const std::vector<std::string> names = {
      "person",         "bicycle",    "car",           "motorcycle",    "airplane",     "bus",           "train",
      "truck",          "boat",       "traffic light", "fire hydrant",  "stop sign",    "parking meter", "bench",
      "bird",           "cat",        "dog",           "horse",         "sheep",        "cow",           "elephant",
      "bear",           "zebra",      "giraffe",       "backpack",      "umbrella",     "handbag",       "tie",
      "suitcase",       "frisbee",    "skis",          "snowboard",     "sports ball",  "kite",          "baseball bat",
      "baseball glove", "skateboard", "surfboard",     "tennis racket", "bottle",       "wine glass",    "cup",
      "fork",           "knife",      "spoon",         "bowl",          "banana",       "apple",         "sandwich",
      "orange",         "broccoli",   "carrot",        "hot dog",       "pizza",        "donut",         "cake",
      "chair",          "couch",      "potted plant",  "bed",           "dining table", "toilet",        "tv",
      "laptop",         "mouse",      "remote",        "keyboard",      "cell phone",   "microwave",     "oven",
      "toaster",        "sink",       "refrigerator",  "book",          "clock",        "vase",          "scissors",
      "teddy bear",     "hair drier", "toothbrush",
  };
  return names;
}

std::vector<std::string> names_from_python(std::string_view text) {
  std::vector<std::string> names;
  if (!Dictionary(text).read(names)) names.clear();
  return names;
}

}  // namespace pixmill::models
