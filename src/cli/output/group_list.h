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

struct GroupMember {
  std::string path;  // as the user named it
  tasks::Face face;
  std::int64_t bytes = 0;
  bool kept = false;
  bool same_bytes = false;  // as the one that is kept
};

// keep, same (bytes) or alike.
std::string_view role_of(const GroupMember& member);

using Group = std::vector<GroupMember>;  // the one that is kept first

struct GroupList {
  ListFormat format = ListFormat::text;
  bool extra = false;  // only those that are not kept, in text
  char end = '\n';     // of a path then
};

//   text: groups of paths, a line between two groups.
//   csv: group,role,path,width,height,bytes,sharpness: role is keep, same (bytes) or alike.
//   json: groups: a list of such rows each.
void write_groups(const GroupList& list, const std::vector<Group>& groups,
                  const std::function<void(std::string_view)>& sink);

}  // namespace pixmill::cli
