// Formats by name.
#include <algorithm>

#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"
#include "pixmill/exports/export.h"

namespace pixmill::exports {
namespace {

std::vector<std::string> names_for(std::string_view record_kind) {
  std::vector<std::string> names;
  for (const ExportRow& row : exports()) {
    if (record_kind.empty() || row.record_kind == record_kind) names.emplace_back(row.name);
  }
  return names;
}

const ExportRow& named(const std::string& name, std::string_view record_kind) {
  const ExportRow* row = find_export(name);
  if (row == nullptr || (!record_kind.empty() && row->record_kind != record_kind)) {
    throw Error(ErrorCode::usage, "there is no format '" + name + "'" + (row == nullptr ? "" : " for these results"),
                suggestion(name, names_for(record_kind)));
  }
  return *row;
}

}  // namespace

Making making_of(const ExportRow& row, const config::Values& values) {
  if (row.prepare != nullptr) return row.prepare(values);
  return {[&row, values] { return row.make(values); }};
}

const ExportRow* find_export(std::string_view name) {
  const std::span<const ExportRow> all = exports();
  const auto found = std::find_if(all.begin(), all.end(), [&](const ExportRow& row) { return row.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<const ExportRow*> exports_named(const std::vector<std::string>& lists, std::string_view record_kind) {
  std::vector<const ExportRow*> rows;
  for (const std::string& list : lists) {
    for (std::size_t from = 0; from <= list.size();) {
      const std::size_t to = std::min(list.find(',', from), list.size());
      const ExportRow* row = &named(trimmed(std::string_view(list).substr(from, to - from)), record_kind);
      if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
      from = to + 1;
    }
  }
  if (rows.empty())
    throw Error(ErrorCode::usage, "no format was named", "known: " + joined(names_for(record_kind), ", "));
  return rows;
}

}  // namespace pixmill::exports
