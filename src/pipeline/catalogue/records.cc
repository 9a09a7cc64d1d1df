// Records for exports and filters.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "pipeline/catalogue/state.h"
#include "pixmill/pipeline/sources.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kInputsAtOnce = 256;

// Newest result first, and of each result the records in their order.
std::string question(std::size_t inputs, bool of_key) {
  std::string sql =
      "SELECT i.path, r.id, d.kind, d.body FROM inputs i JOIN results r ON r.input = i.id AND r.content = i.content"
      " JOIN records d ON d.result = r.id AND d.kind GLOB ?1";
  if (of_key) sql += " JOIN keys k ON k.id = r.key AND k.model = ?2 AND k.settings = ?3 AND k.job = ?4";
  sql += " WHERE i.path IN (";
  for (std::size_t i = 0; i < inputs; ++i) sql += (i == 0 ? "?" : ",?") + std::to_string(i + 5);
  return sql + ") ORDER BY i.path, r.made DESC, r.id DESC, d.number";
}

using Found = std::map<std::string, std::vector<StoredRecord>>;

Found records_in(Tables& tables, std::span<const fs::path> inputs, std::string_view kind, const ResultKey* key) {
  Statement statement(tables.database(), question(inputs.size(), key != nullptr).c_str());
  statement.bind(1, kind);
  if (key != nullptr) {
    statement.bind(2, key->model);
    statement.bind(3, key->settings);
    statement.bind(4, key->task);
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) statement.bind(static_cast<int>(i) + 5, inputs[i].native());
  Found found;
  std::string path;
  std::int64_t result = 0;
  while (statement.step()) {
    std::string input = statement.text(0);
    if (input != path) result = statement.number(1);
    path = std::move(input);
    if (statement.number(1) == result) found[path].push_back({statement.text(2), statement.bytes(3)});
  }
  return found;
}

}  // namespace

void Catalogue::records_of(std::span<const fs::path> inputs, std::string_view kind, const TakeRecord& take,
                           const ResultKey* key) const {
  for (std::size_t from = 0; from < inputs.size(); from += kInputsAtOnce) {
    const auto some = inputs.subspan(from, std::min(kInputsAtOnce, inputs.size() - from));
    const Found found = state_->read([&](Tables& tables) { return records_in(tables, some, kind, key); });
    for (const fs::path& input : some) {
      const auto records = found.find(input.native());
      if (records == found.end()) continue;
      for (const StoredRecord& record : records->second) take(input, record);
    }
  }
}

void Catalogue::records_under(const fs::path& folder, std::string_view kind, const TakeRecord& take,
                              const ResultKey* key) const {
  records_of(inputs_under(folder), kind, take, key);
}

std::vector<fs::path> Catalogue::inputs_under(const fs::path& folder) const {
  std::string from = folder.native();
  while (from.size() > 1 && from.ends_with('/')) from.pop_back();
  if (from != "/") from += '/';
  std::string to = from;
  ++to.back();  // the first text that does not begin with the folder
  std::vector<fs::path> inputs = state_->read([&](Tables& tables) {
    Statement statement(tables.database(), "SELECT path FROM inputs WHERE path > ? AND path < ?");
    statement.bind_all(from, to);
    std::vector<fs::path> found;
    while (statement.step()) found.emplace_back(statement.text(0));
    return found;
  });
  std::sort(inputs.begin(), inputs.end(),
            [](const fs::path& a, const fs::path& b) { return natural_less(a.native(), b.native()); });
  return inputs;
}

}  // namespace pixmill::pipeline
