// Groups of pictures that look alike, as a list.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output/hit_list.h"
#include "pixmill/tasks/dedup.h"

namespace pixmill::cli {

enum class Role { keep, same_bytes, same_pixels, alike };  // the last three: as the one that is kept

struct GroupMember {
  std::string path;  // as the user named it
  tasks::Face face;
  std::int64_t bytes = 0;
  Role role = Role::alike;

  bool kept() const { return role == Role::keep; }
};

std::string_view name_of(Role role);  // "keep", "same bytes", "same pixels", "alike"

using Group = std::vector<GroupMember>;  // the one that is kept first

struct GroupList {
  ListFormat format = ListFormat::text;
  bool extra = false;  // only those that are not kept, in text
  char end = '\n';     // of a path then
};

//   text: groups of paths, a line between two groups.
//   csv: group,role,path,width,height,bytes,sharpness: role as name_of() says it.
//   json: groups: a list of such rows each.
void write_groups(const GroupList& list, const std::vector<Group>& groups,
                  const std::function<void(std::string_view)>& sink);

}  // namespace pixmill::cli
