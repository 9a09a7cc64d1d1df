#include "pipeline/known_looks.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include "pipeline/file_layer.h"
#include "pipeline/fingerprint.h"
#include "pipeline/path_table.h"
#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace {

constexpr std::size_t kFew =
    64;  // pictures of a folder that are asked for by their names, and not with all below the folder

// Pictures of one folder, of which some lie in folders below it.
struct Group {
  std::string folder;              // with a slash at its end
  std::vector<std::string> paths;  // of a few; empty where there are many
  std::size_t count = 0;
};

// Folders of which none lies in another one.
std::vector<Group> groups_of(const SourceList& pictures, const std::vector<std::uint32_t>& indices) {
  struct Folder {
    std::size_t count = 0;
    std::vector<std::uint32_t> first;
  };
  std::map<std::string, Folder> folders;
  for (const std::uint32_t index : indices) {
    const std::string path = pictures.identity(index);
    Folder& folder = folders[path.substr(0, path.rfind('/') + 1)];
    if (++folder.count <= kFew) folder.first.push_back(index);
  }
  std::vector<Group> groups;
  for (const auto& [path, folder] : folders) {
    if (groups.empty() || groups.back().folder.empty() || !path.starts_with(groups.back().folder))
      groups.push_back({path, {}, 0});
    Group& group = groups.back();
    group.count += folder.count;
    if (group.count > kFew) {
      group.paths.clear();
    } else {
      for (const std::uint32_t index : folder.first) group.paths.push_back(pictures.identity(index));
    }
  }
  return groups;
}

}  // namespace

std::vector<std::uint32_t> KnownLooks::find(const std::vector<std::uint32_t>& indices) {
  ask(indices);
  forget_changed(indices);
  std::vector<std::uint32_t> unknown;
  std::copy_if(indices.begin(), indices.end(), std::back_inserter(unknown),
               [&](std::uint32_t index) { return of(index) == nullptr; });
  return unknown;
}

void KnownLooks::ask(const std::vector<std::uint32_t>& indices) {
  PathTable wanted;
  for (const std::uint32_t index : indices) wanted.add(pictures_.identity(index), index);
  const Facts facts(catalogue_);
  const auto take = [&](std::string_view path, const Look& look) {
    if (const auto index = wanted.find(path)) looks_[*index] = look;
  };
  std::vector<std::string> few;
  for (Group& group : groups_of(pictures_, indices)) {
    if (group.count > kFew) {
      facts.each_look(group.folder, take, key_);
    } else {
      std::move(group.paths.begin(), group.paths.end(), std::back_inserter(few));
    }
  }
  facts.each_look_of(few, take, key_);
}

// A picture that had just been written when it was looked at has no time in the catalogue, as it may have been changed
// in the same moment: its content tells.
bool KnownLooks::has_content_of_look(const std::string& path, const FileStamp& stamp) const {
  try {
    const auto input = catalogue_.input(path);
    return input && input->stamp.mtime_ns == 0 && input->stamp.size == stamp.size &&
           hash_of(FileLayer::of_the_system().read(path)) == input->content;
  } catch (const Error&) {  // what cannot be read is not known
    return false;
  }
}

// A look at a file that is another one by now says nothing.
void KnownLooks::forget_changed(const std::vector<std::uint32_t>& indices) {
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, indices.size()), [&](const auto& range) {
    for (std::size_t i = range.begin(); i < range.end(); ++i) {
      Look& look = looks_[indices[i]];
      if (look.result == 0) continue;
      const auto stamp = FileLayer::of_the_system().stamp(pictures_.path_text(indices[i]));
      const bool unsure = stamp && look.stamp.mtime_ns == 0;
      if (unsure && has_content_of_look(pictures_.identity(indices[i]), *stamp)) look.stamp = *stamp;
      if (!stamp || !look.stamp.same_as(*stamp)) look = {};
    }
  });
}

}  // namespace pixmill::pipeline
