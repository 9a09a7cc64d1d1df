#include "pipeline/label_pictures.h"

#include <algorithm>
#include <functional>
#include <set>
#include <system_error>

#include "pipeline/file_layer.h"
#include "pipeline/fingerprint.h"
#include "pipeline/label_files.h"
#include "pipeline/picture_index.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr int kNobody = -1;

// Folders that names lead to from their label file: "../photos/img2.jpg".
void add_folders_of_names(const imports::LabelSet& set, std::vector<std::string>& folders) {
  std::set<fs::path> seen;
  for (int i = 0; i < set.pictures(); ++i) {
    std::string name = set.name_of(i);
    std::replace(name.begin(), name.end(), '\\', '/');
    if (!name.starts_with('/') && name.find("../") == std::string::npos) continue;
    const fs::path folder = (fs::path(set.file_of(i)).parent_path() / name).lexically_normal().parent_path();
    std::error_code none;
    if (seen.insert(folder).second && fs::is_directory(folder, none)) folders.push_back(folder.string());
  }
}

// Takes labels for pictures, each once.
class Pairing {
 public:
  Pairing(const Sources& pictures, const imports::LabelSet& set, Imported& result)
      : pictures_(pictures.items),
        set_(set),
        result_(result),
        index_(pictures.items),
        owner_(pictures.items.size(), kNobody) {}

  std::vector<Pair> run() {
    std::vector<std::pair<int, std::size_t>> by_part;
    for (int i = 0; i < set_.pictures(); ++i) {
      const PictureIndex::Match match = index_.find(set_.name_of(i));
      if (!match.among.empty()) {
        fail(i, "two pictures fit the labels of " + set_.name_of(i) + ": " + match.among,
             "name the folder that is meant with --pictures");
      } else if (!match.picture) {
        lonely(i);
      } else if (match.whole) {
        take(i, *match.picture);
      } else {
        by_part.emplace_back(i, *match.picture);
      }
    }
    for (const auto& [labels, picture] : by_part) owner_[picture] == kNobody ? take(labels, picture) : lonely(labels);
    return pairs();
  }

 private:
  void take(int labels, std::size_t picture) {
    if (owner_[picture] == kNobody) {
      owner_[picture] = labels;
      return;
    }
    const std::string &first = set_.file_of(owner_[picture]), &second = set_.file_of(labels);
    fail(labels,
         pictures_.path_text(picture) + " is labelled twice" +
             (first == second ? " in " + first : ", in " + first + " and in " + second),
         "import one of them, or merge the two");
  }

  void lonely(int labels) {
    const Error* failure = set_.failure_of(labels);
    if (failure != nullptr) return add_failed(set_.file_of(labels), *failure);
    const std::string& name = set_.name_of(labels);
    result_.without_picture.push_back(name + " (" + set_.file_of(labels) + ")");
  }

  void fail(int labels, const std::string& message, const std::string& hint) {
    add_failed(set_.file_of(labels), Error(ErrorCode::collision, message, hint));
  }

  void add_failed(const fs::path& input, const Error& error) {
    result_.failed.push_back({input, error.code(), error.message(), error.hint()});
  }

  std::vector<Pair> pairs() {
    std::vector<Pair> all;
    for (std::size_t i = 0; i < owner_.size(); ++i) {
      if (owner_[i] == kNobody) {
        result_.without_labels.push_back(pictures_.path_text(i));
      } else {
        all.push_back({i, owner_[i]});
      }
    }
    return all;
  }

  const SourceList& pictures_;
  const imports::LabelSet& set_;
  Imported& result_;
  const PictureIndex index_;
  std::vector<int> owner_;  // by picture: its labels
};

}  // namespace

Sources pictures_for(const ImportSpec& spec, const imports::LabelSet& set, const std::atomic<bool>& stop) {
  InputSpec inputs;
  inputs.inputs = spec.pictures;
  if (inputs.inputs.empty()) {
    inputs.inputs = implied_pictures(spec);
    add_folders_of_names(set, inputs.inputs);
  }
  return find_sources(inputs, [&] { return stop.load(); });
}

std::vector<Pair> paired(const Sources& pictures, const imports::LabelSet& set, Imported& result) {
  return Pairing(pictures, set, result).run();
}

Seen seen(const Catalogue& catalogue, const fs::path& identity, bool size_known) {
  FileLayer& files = FileLayer::of_the_system();
  Seen picture;
  if (const auto stamp = files.stamp(identity)) picture.stamp = settled(*stamp);
  if (size_known) {
    if (const auto content = catalogue.content_of(identity, picture.stamp)) {
      picture.content = *content;
      return picture;
    }
  }
  const std::vector<std::byte> bytes = files.read(identity);
  picture.content = pipeline::hash_of(bytes);
  picture.size = codecs::read_header(bytes, identity.string()).size;
  return picture;
}

}  // namespace pixmill::pipeline
