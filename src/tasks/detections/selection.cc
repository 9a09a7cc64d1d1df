// What is chosen of a record of detections, later than inference.
#include <charconv>

#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::tasks {
namespace {

// The labels of that name, or of that number.
bool want(const std::vector<std::string>& names, const std::string& text, std::vector<bool>& wanted) {
  bool found = false;
  for (std::size_t label = 0; label < names.size(); ++label) {
    if (names[label] != text) continue;
    wanted[label] = found = true;
  }
  if (found) return true;
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number >= names.size()) return false;
  wanted[number] = true;
  return true;
}

// A name that is near, or what there is.
std::string hint_for(const std::string& text, const std::vector<std::string>& names) {
  constexpr std::size_t kFew = 20;
  if (names.size() <= kFew || nearest(text, names)) return suggestion(text, names);
  const std::vector<std::string> first(names.begin(), names.begin() + kFew);
  return "it knows " + std::to_string(names.size()) + ": " + joined(first, ", ") + ", ...";
}

// "person, car" as two; spaces around a name do not count.
void split(std::string_view list, std::vector<std::string>& words) {
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string word = trimmed(list.substr(0, comma));
    if (!word.empty()) words.push_back(word);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

std::vector<bool> wanted_labels(const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
  std::vector<bool> labels(names.size(), wanted.empty());
  for (const std::string& text : wanted) {
    if (want(names, text, labels)) continue;
    throw Error(ErrorCode::usage, "--classes: the model knows no '" + text + "'", hint_for(text, names));
  }
  return labels;
}

std::vector<const Detection*> select(const Detections& detections, const Selection& selection) {
  const std::vector<bool> wanted = wanted_labels(*detections.classes, selection.classes);
  std::vector<const Detection*> chosen;
  for (const Detection& one : detections.found) {
    if (one.box.score < selection.confidence || chosen.size() == selection.most) break;  // the others are not better
    if (wanted[static_cast<std::size_t>(one.box.label)]) chosen.push_back(&one);
  }
  return chosen;
}

const std::vector<config::Flag>& selection_flags() {
  using config::Kind;
  constexpr std::string_view kGroup = "Detections";
  static const std::vector<config::Flag> flags = {
      {.name = "confidence",
       .kind = Kind::real,
       .value = "C",
       .fallback = "0.25",
       .group = kGroup,
       .help = "leave out boxes below this, 0.05 to 1",
       .minimum = 0.05,
       .maximum = 1,
       .basic = true,
       .also = "conf"},
      {.name = "classes",
       .kind = Kind::text,
       .value = "LIST",
       .group = kGroup,
       .help = "only these: person,car or their numbers",
       .repeatable = true,
       .basic = true},
      {.name = "max",
       .kind = Kind::integer,
       .value = "N",
       .fallback = "300",
       .group = kGroup,
       .help = "the best N boxes of a picture",
       .minimum = 1,
       .maximum = 1000,
       .also = "max-det"},
  };
  return flags;
}

Selection read_selection(const config::Values& values) {
  Selection selection;
  selection.confidence = static_cast<float>(values.real("confidence"));
  if (values.has("max")) selection.most = static_cast<std::size_t>(values.integer("max"));
  for (const std::string& list : values.texts("classes")) split(list, selection.classes);
  return selection;
}

}  // namespace pixmill::tasks
