#include "pixmill/measure/mask_check.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <thread>

#include "measure/mask_check/mask_file.h"
#include "measure/mask_check/names.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"
#include "pixmill/pipeline/sources.h"
#include "pixmill/platform/cores.h"
#include "pixmill/platform/files.h"

namespace pixmill::measure {
namespace fs = std::filesystem;
namespace {

void require_folder(const fs::path& folder) {
  std::error_code none;
  if (!fs::is_directory(folder, none))
    throw Error(ErrorCode::usage, folder.string() + " is not a folder",
                "pixmill mask check PROFILE PHOTOS/ MASKS/, for example: pixmill mask check colmap photos/ masks/");
}

// Below the folder, in natural order; without what lies in that of the masks, if it is below too.
std::vector<fs::path> photographs_in(const fs::path& folder, const fs::path& masks, const tasks::MaskProfile& profile,
                                     const std::atomic<bool>& stop) {
  pipeline::InputSpec spec{.inputs = {folder.string()}, .include = {}, .exclude = {}, .newer_than = {}};
  if (!profile.among_photos.empty()) spec.exclude.emplace_back(profile.among_photos);
  const pipeline::Sources sources = pipeline::find_sources(spec, [&] { return stop.load(); });
  const fs::path below = fs::weakly_canonical(masks).lexically_relative(fs::weakly_canonical(folder));
  const bool apart = below == "." || *below.begin() == "..";
  std::vector<fs::path> found;
  for (std::size_t i = 0; i < sources.items.size(); ++i) {
    const fs::path relative = sources.items[i].relative;
    if (apart || !platform::lies_in(relative, below)) found.push_back(relative);
  }
  return found;
}

// Folders of results that a run writes beside masks.
constexpr std::string_view kNoMasks[] = {"overlay", "drawn", "crops"};

// Everything that is a picture by its name, hidden folders too. Throws Error{unreadable}.
std::set<fs::path> files_in(const fs::path& folder) {
  std::set<fs::path> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code none;
    const std::string extension = at->path().extension().string();
    const bool is_picture = extension == ".exr" || (extension.size() > 1 && codecs::format_from(extension.substr(1)));
    const fs::path relative = at->path().lexically_relative(folder);
    const bool is_mask = std::find(std::begin(kNoMasks), std::end(kNoMasks), *relative.begin()) == std::end(kNoMasks);
    if (is_picture && is_mask && at->is_regular_file(none)) found.insert(relative);
  }
  if (error)
    throw Error(ErrorCode::unreadable, folder.string() + " or a folder in it cannot be read: " + error.message(),
                "give yourself the right to read it");
  return found;
}

struct Pair {
  fs::path photograph;
  std::optional<fs::path> mask;
};

class Checking {
 public:
  Checking(const tasks::MaskProfile& profile, fs::path photographs, fs::path masks, const std::atomic<bool>& stop)
      : profile_(profile), photographs_(std::move(photographs)), masks_(std::move(masks)), stop_(stop) {
    check_.profile = profile.name;
  }

  MaskCheck run() {
    const std::vector<fs::path> photographs = photographs_in(photographs_, masks_, profile_, stop_);
    std::set<fs::path> rest = files_in(masks_);
    std::error_code none;
    if (fs::equivalent(photographs_, masks_, none)) {
      for (const fs::path& photograph : photographs) rest.erase(photograph);
    }
    for (const fs::path& photograph : photographs) {
      Pair& pair = pairs_.emplace_back(Pair{photograph, std::nullopt});
      for (const std::string& name : wanted_names(profile_, photograph)) {
        if (!pair.mask && rest.erase(fs::path(name)) > 0) pair.mask = name;
      }
    }
    for (const fs::path& file : rest) by_bare_name_.emplace(bare_name(file), file);
    check_.photographs = pairs_.size();
    read_masks();
    for (const Pair& pair : pairs_) {
      if (!pair.mask) tell_missing(pair.photograph);
    }
    for (const fs::path& file : rest) tell_ignored(file);
    tell_polarity();
    return std::move(check_);
  }

 private:
  void add(bool error, std::string_view kind, const fs::path& file, std::string message) {
    check_.findings.push_back({error, kind, file, std::move(message)});
  }

  // All cores; the findings in the order of the photographs.
  void read_masks() {
    std::vector<MaskFile> files(pairs_.size());
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t i = next++; i < pairs_.size() && !stop_; i = next++) {
        if (pairs_[i].mask) files[i] = read_mask(photographs_ / pairs_[i].photograph, masks_ / *pairs_[i].mask);
      }
    };
    {
      std::vector<std::jthread> threads;
      for (int i = 1; i < platform::usable_cores(); ++i) threads.emplace_back(work);
      work();
    }
    if (stop_) throw Error(ErrorCode::interrupted, "interrupted while masks were read");
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      if (pairs_[i].mask) tell(*pairs_[i].mask, files[i]);
    }
  }

  void tell(const fs::path& name, const MaskFile& mask) {
    ++check_.used;
    if (name.extension() == ".exr") return add(false, "unreadable", name, "is EXR, which is not looked into");
    if (!mask.trouble.empty()) return add(true, "unreadable", name, mask.trouble);
    if (profile_.no_spaces && name.filename().native().find(' ') != std::string::npos)
      add(true, "name", name,
          "has a space in its name, and " + std::string(profile_.program) + " does not use such masks");
    tell_size(name, mask);
    if (mask.channels > 1)
      add(profile_.needs_gray, "channels", name,
          "has " + std::to_string(mask.channels) + " channels; " + std::string(profile_.program) +
              (profile_.needs_gray ? " wants one" : " makes gray of them: write one"));
    if (mask.bits > 8) add(false, "depth", name, "has 16 bits a pixel; 8 are usual");
    if (mask.between > 0)
      add(profile_.needs_gray, "gray", name,
          std::to_string(mask.between) + " pixels are neither black nor white" +
              (profile_.name == "colmap" ? "; COLMAP keeps all that are not 0" : ""));
    left_out_ += mask.black;
    pixels_ += mask.stored.area();
    if (mask.black * 100 > mask.stored.area() * 95)
      add(false, "black", name, "leaves out almost the whole photograph (more than 95 % is black)");
  }

  void tell_size(const fs::path& name, const MaskFile& mask) {
    const auto words = [](Size size) { return std::to_string(size.width) + " x " + std::to_string(size.height); };
    if (mask.stored == mask.photograph) return;
    if (mask.orientation >= 5 && mask.stored == Size{mask.photograph.height, mask.photograph.width}) {
      return add(true, "orientation", name,
                 "is upright, " + words(mask.stored) + ", and the photograph's pixels are stored as " +
                     words(mask.photograph) + " (EXIF orientation " + std::to_string(mask.orientation) + "), which " +
                     std::string(profile_.program) + " reads: mask with --orientation stored");
    }
    add(true, "size", name, "has " + words(mask.stored) + " pixels, the photograph " + words(mask.photograph));
  }

  void tell_missing(const fs::path& photograph) {
    ++check_.missing;
    const std::string wanted = wanted_names(profile_, photograph).front();
    const auto near = by_bare_name_.find(bare_name(photograph));
    if (near != by_bare_name_.end()) {
      return add(true, "name", photograph,
                 std::string(profile_.program) + " looks for " + wanted + " and does not see " + near->second.string());
    }
    if (profile_.needs_every_image) {
      return add(
          true, "missing", photograph,
          "has no mask (" + wanted + "), and " + std::string(profile_.program) + " wants one for every photograph");
    }
    add(false, "missing", photograph, "has no mask (" + wanted + "), so it is used whole");
  }

  void tell_ignored(const fs::path& file) {
    ++check_.ignored;
    add(true, "ignored", file, "is the mask of no photograph: " + std::string(profile_.program) + " does not see it");
  }

  void tell_polarity() {
    if (pixels_ == 0 || left_out_ * 10 <= pixels_ * 7) return;
    add(true, "polarity", {},
        "the masks leave out " + std::to_string(left_out_ * 100 / pixels_) +
            " % of all pixels: black and white may have changed places (black is left out)");
  }

  const tasks::MaskProfile& profile_;
  const fs::path photographs_, masks_;
  const std::atomic<bool>& stop_;
  std::vector<Pair> pairs_;
  std::multimap<std::string, fs::path> by_bare_name_;  // of the masks that no photograph has
  std::int64_t left_out_ = 0, pixels_ = 0;
  MaskCheck check_;
};

}  // namespace

bool MaskCheck::good() const {
  return std::none_of(findings.begin(), findings.end(), [](const MaskFinding& one) { return one.error; });
}

MaskCheck check_masks(const tasks::MaskProfile& profile, const fs::path& photographs, const fs::path& masks,
                      const std::atomic<bool>& stop) {
  require_folder(photographs);
  require_folder(masks);
  return Checking(profile, photographs, masks, stop).run();
}

}  // namespace pixmill::measure
