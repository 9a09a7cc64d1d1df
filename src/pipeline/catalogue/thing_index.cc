#include "pipeline/catalogue/thing_index.h"

#include <bit>
#include <map>
#include <set>

namespace pixmill::pipeline {
namespace {

std::int64_t bits_of(float value) {
  return std::bit_cast<std::int32_t>(value + 0.0F);  // not -0
}

std::string json_array(const std::set<std::int64_t>& numbers) {
  std::string text = "[";
  for (const std::int64_t number : numbers) text += (text.size() > 1 ? "," : "") + std::to_string(number);
  return text + "]";
}

}  // namespace

ThingIndex::ThingIndex(Database& database)
    : database_(database),
      select_class_(database, "SELECT id FROM classes WHERE name = ?"),
      insert_class_(database, "INSERT INTO classes (name) VALUES (?) RETURNING id"),
      insert_look_(database,
                   "INSERT INTO looks (result, width, height, confidence, sharpness, brightness, classes)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?)"),
      insert_thing_(database,
                    "INSERT INTO things (class, result, number, confidence, left, top, right, bottom, area)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)") {}

void ThingIndex::add(std::int64_t result, const tasks::RecordIndex& index) {
  std::map<int, std::int64_t> ids;  // of the labels that are met
  std::set<std::int64_t> classes;
  for (std::size_t i = 0; i < index.things.size(); ++i) {
    const tasks::RuleThing& thing = index.things[i];
    const auto [known, is_new] = ids.emplace(thing.label, 0);
    if (is_new) known->second = id_of_class((*index.classes)[static_cast<std::size_t>(thing.label)]);
    classes.insert(known->second);
    const Use row(insert_thing_);
    row->bind_all(known->second, result, static_cast<std::int64_t>(i), bits_of(thing.confidence), bits_of(thing.left),
                  bits_of(thing.top), bits_of(thing.right), bits_of(thing.bottom), thing.area);
    row->step();
  }
  const Use row(insert_look_);
  row->bind_all(result, std::int64_t{index.picture.width}, std::int64_t{index.picture.height},
                bits_of(index.confidence), double{index.quality.sharpness}, double{index.quality.brightness},
                json_array(classes));
  row->step();
}

std::int64_t ThingIndex::id_of_class(const std::string& name) {
  for (Statement* statement : {&select_class_, &insert_class_}) {
    const Use row(*statement);
    row->bind(1, name);
    if (row->step()) return row->number(0);
  }
  database_.fail();
}

std::optional<tasks::RecordIndex> readable_index(const tasks::Record& record) {
  try {
    return tasks::index_of(record);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void index_all_records(Database& database) {
  ThingIndex index(database);
  Statement records(database, "SELECT result, kind, body FROM records ORDER BY result, kind, number");
  std::int64_t last = 0;
  while (records.step()) {
    if (records.number(0) == last) continue;  // one look at each result
    const auto found = readable_index({records.text(1), records.bytes(2)});
    if (!found) continue;
    last = records.number(0);
    index.add(last, *found);
  }
}

}  // namespace pixmill::pipeline
