#include "pipeline/known_looks.h"

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "pipeline/file_layer.h"
#include "pipeline/fingerprint.h"
#include "pipeline/path_table.h"
#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace {

// So many pictures of a folder are asked for by their names; of more, all below the folder are.
constexpr std::size_t kFew = 64;

// Pictures of one folder, and of those below it.
struct Group {
  std::string folder;              // with a slash at its end
  std::vector<std::string> paths;  // of a few; empty where there are many
  std::size_t count = 0;

  bool is_few() const { return count <= kFew; }
  void add(std::size_t pictures, std::vector<std::string> some) {
    count += pictures;
    if (!is_few()) return paths.clear();
    std::move(some.begin(), some.end(), std::back_inserter(paths));
  }
};

// Folders of which none lies in another one.
class Groups {
 public:
  void add(std::string path) {
    Group& folder = folders_[path.substr(0, path.rfind('/') + 1)];
    std::vector<std::string> one;
    if (folder.count < kFew) one.push_back(std::move(path));
    folder.add(1, std::move(one));
  }

  std::vector<Group> take() {
    std::vector<Group> groups;
    for (auto& [path, folder] : folders_) {
      if (groups.empty() || groups.back().folder.empty() || !path.starts_with(groups.back().folder))
        groups.push_back({path, {}, 0});
      groups.back().add(folder.count, std::move(folder.paths));
    }
    return groups;
  }

 private:
  std::map<std::string, Group> folders_;
};

}  // namespace

std::vector<std::uint32_t> all_of(const SourceList& pictures) {
  std::vector<std::uint32_t> indices(pictures.size());
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

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
  Groups folders;
  for (const std::uint32_t index : indices) {
    std::string path = pictures_.identity(index);
    wanted.add(path, index);
    folders.add(std::move(path));
  }
  const Facts facts(catalogue_);
  const auto take = [&](std::string_view path, const Look& look) {
    if (const auto index = wanted.find(path)) looks_[*index] = look;
  };
  std::vector<std::string> few;
  for (Group& group : folders.take()) {
    if (group.is_few()) {
      std::move(group.paths.begin(), group.paths.end(), std::back_inserter(few));
    } else {
      facts.each_look(group.folder, take, key_);
    }
  }
  facts.each_look_of(few, take, key_);
}

std::vector<std::uint32_t> KnownLooks::known() const {
  std::vector<std::uint32_t> indices = all_of(pictures_);
  std::erase_if(indices, [&](std::uint32_t index) { return of(index) == nullptr; });
  return indices;
}

void KnownLooks::each_things(std::vector<std::uint32_t> indices, const Facts::Question& question,
                             const TakeThings& take) const {
  std::sort(indices.begin(), indices.end(),
            [&](std::uint32_t a, std::uint32_t b) { return looks_[a].result < looks_[b].result; });
  std::vector<std::int64_t> results;
  results.reserve(indices.size());
  for (const std::uint32_t index : indices) results.push_back(looks_[index].result);
  Facts(catalogue_).each_things(results, question, [&](std::size_t at, std::span<const tasks::RuleThing> things) {
    take(indices[at], things);
  });
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
