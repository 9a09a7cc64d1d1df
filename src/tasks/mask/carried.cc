#include "tasks/mask/carried.h"

#include <algorithm>

#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"
#include "pixmill/tasks/masking.h"

namespace pixmill::tasks {
namespace {

constexpr std::string_view kPerson = "person";
constexpr float kNear = 0.05F;  // of the longer side of the person's box

// Names of COCO's classes, then of other lists.
constexpr std::string_view kCarried[] = {
    "backpack", "umbrella",  "handbag",   "tie",        "suitcase",      "cell phone",   "bottle",         "cup",
    "skis",     "snowboard", "surfboard", "skateboard", "tennis racket", "baseball bat", "baseball glove", "bag",
    "rucksack", "luggage",   "purse",     "briefcase",  "mobile phone",  "phone",        "camera",         "hat",
    "helmet"};

std::vector<std::string> persons_and_carried(const std::vector<std::string>& known,
                                             const std::vector<std::string>& carried) {
  if (!contains(known, kPerson)) {
    throw Error(ErrorCode::usage, "no class is called 'person', and masks are of persons unless --classes says else",
                "--classes " + (known.empty() ? "NAME" : known.front()) + ", or another model");
  }
  const bool asked = carried != carried_names("auto");  // whose own names no model knows all of
  for (const std::string& name : carried) {
    if (asked && !contains(known, name))
      throw Error(ErrorCode::usage, "--carried: the model knows no '" + name + "'", suggestion(name, known));
  }
  std::vector<std::string> classes = {std::string(kPerson)};
  std::copy_if(carried.begin(), carried.end(), std::back_inserter(classes),
               [&](const std::string& name) { return name != kPerson && contains(known, name); });
  return classes;
}

}  // namespace

std::vector<std::string> carried_names(std::string_view list) {
  if (list == "none") return {};
  std::vector<std::string> names;
  if (list == "auto") {
    names.assign(std::begin(kCarried), std::end(kCarried));
    return names;
  }
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (std::string name = trimmed(list.substr(0, comma)); !name.empty()) names.push_back(std::move(name));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return names;
}

bool has_it(const Box& person, const Box& thing) {
  const float longer = std::max(person.right - person.left, person.bottom - person.top);
  const float across = std::max({person.left - thing.right, thing.left - person.right, 0.0F});
  const float down = std::max({person.top - thing.bottom, thing.top - person.bottom, 0.0F});
  const bool near = std::max(across, down) <= kNear * longer;
  return near && std::max(thing.right - thing.left, thing.bottom - thing.top) <= longer;
}

std::vector<const Detection*> things_to_mask(const Detections& record, const MaskOptions& options) {
  if (!options.selection.classes.empty()) return select(record, options.selection);
  Selection wider = options.selection;
  wider.classes = persons_and_carried(*record.classes, options.carried);
  std::vector<const Detection*> things = select(record, wider);
  std::vector<const Detection*> persons;
  const auto is_person = [&](const Detection* one) {
    return (*record.classes)[static_cast<std::size_t>(one->box.label)] == kPerson;
  };
  std::copy_if(things.begin(), things.end(), std::back_inserter(persons), is_person);
  std::erase_if(things, [&](const Detection* thing) {
    return !is_person(thing) && std::none_of(persons.begin(), persons.end(),
                                             [&](const Detection* person) { return has_it(person->box, thing->box); });
  });
  return things;
}

}  // namespace pixmill::tasks
