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

// A look at a file that is another one by now says nothing.
void KnownLooks::forget_changed(const std::vector<std::uint32_t>& indices) {
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, indices.size()), [&](const auto& range) {
    for (std::size_t i = range.begin(); i < range.end(); ++i) {
      Look& look = looks_[indices[i]];
      if (look.result != 0 && !is_unchanged(indices[i], look.stamp)) look = {};
    }
  });
}

// Where time or inode are others its content tells, and `known` becomes its present stamp. So it is with a file that
// was read within moments of its last change: it may have changed again, and has no time in the catalogue.
bool KnownLooks::is_unchanged(std::uint32_t index, FileStamp& known) {
  const std::string path = pictures_.path_text(index);
  const auto stamp = FileLayer::of_the_system().stamp(path);
  if (!stamp || known.size != stamp->size) return false;
  if (known.same_as(*stamp)) return true;
  const std::string identity = pictures_.identity(index);
  const auto input = catalogue_.input(identity);
  try {
    if (!input || hash_of(FileLayer::of_the_system().read(path)) != input->content) return false;
  } catch (const Error&) {
    return false;  // the job says what is wrong with it
  }
  catalogue_.saw_input(identity, settled(*stamp), input->content);
  known = *stamp;
  return true;
}

}  // namespace pixmill::pipeline
