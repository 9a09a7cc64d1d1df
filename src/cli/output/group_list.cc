#include "cli/output/group_list.h"

#include <nlohmann/json.hpp>

#include "cli/output/event_json.h"
#include "pixmill/core/text.h"

namespace pixmill::cli {
namespace {

using nlohmann::ordered_json;
using Sink = std::function<void(std::string_view)>;

void write_text(const GroupList& list, const std::vector<Group>& groups, const Sink& sink) {
  for (const Group& group : groups) {
    if (!list.extra && &group != &groups.front()) sink("\n");
    for (const GroupMember& member : group) {
      if (!list.extra || !member.kept()) sink(member.path + (list.extra ? list.end : '\n'));
    }
  }
}

void write_csv(const std::vector<Group>& groups, const Sink& sink) {
  sink("group,role,path,width,height,bytes,sharpness\n");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const GroupMember& member : groups[i]) {
      sink(std::to_string(i + 1) + "," + std::string(name_of(member.role)) + "," + csv_field(member.path) + "," +
           std::to_string(member.face.size.width) + "," + std::to_string(member.face.size.height) + "," +
           std::to_string(member.bytes) + "," + ordered_json(rounded(member.face.measured.sharpness)).dump() + "\n");
    }
  }
}

void write_json(const std::vector<Group>& groups, const Sink& sink) {
  sink("{\n  \"groups\": [");
  for (const Group& group : groups) {
    ordered_json rows = ordered_json::array();
    for (const GroupMember& member : group) {
      rows.push_back({{"role", name_of(member.role)},
                      {"path", member.path},
                      {"width", member.face.size.width},
                      {"height", member.face.size.height},
                      {"bytes", member.bytes},
                      {"sharpness", rounded(member.face.measured.sharpness)}});
    }
    sink(std::string(&group == &groups.front() ? "\n    " : ",\n    ") + dump(rows));
  }
  sink(groups.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::keep: return "keep";
    case Role::same_bytes: return "same bytes";
    case Role::same_pixels: return "same pixels";
    case Role::alike: break;
  }
  return "alike";
}

void write_groups(const GroupList& list, const std::vector<Group>& groups,
                  const std::function<void(std::string_view)>& sink) {
  switch (list.format) {
    case ListFormat::text: return write_text(list, groups, sink);
    case ListFormat::csv: return write_csv(groups, sink);
    case ListFormat::json: return write_json(groups, sink);
  }
}

}  // namespace pixmill::cli
