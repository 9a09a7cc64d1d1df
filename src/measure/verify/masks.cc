#include "pixmill/measure/masks.h"

#include <map>
#include <string>
#include <system_error>

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "pixmill/tasks/comparison.h"

namespace pixmill::measure {
namespace {

namespace fs = std::filesystem;

Image first_channel(const Image& picture) {
  Image mask(picture.size(), 1);
  for (int y = 0; y < picture.height(); ++y) {
    const std::uint8_t* from = picture.row<std::uint8_t>(y);
    std::uint8_t* to = mask.row<std::uint8_t>(y);
    for (int x = 0; x < picture.width(); ++x) to[x] = from[x * picture.channels()];
  }
  return mask;
}

}  // namespace

std::vector<Image> read_masks(const Subject& subject, const fs::path& folder) {
  if (tasks::comparison_of(subject.model.card).truth == nullptr) {
    throw Error(ErrorCode::usage, "--masks: " + subject.model.name + " makes no masks",
                "only models that make masks are compared with them");
  }
  std::error_code failure;
  std::map<std::string, fs::path> by_stem;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failure)) {
    if (entry.is_regular_file(failure)) by_stem.emplace(entry.path().stem().string(), entry.path());
  }
  if (failure) throw Error(ErrorCode::not_found, folder.string() + " cannot be read as a folder: " + failure.message());
  std::vector<Image> masks;
  for (const std::string& name : subject.names) {
    const auto found = by_stem.find(fs::path(name).stem().string());
    if (found == by_stem.end()) {
      throw Error(ErrorCode::not_found, folder.string() + " has no mask for " + name,
                  "a mask has the name of its picture: horse.png for horse.jpg");
    }
    const std::vector<std::byte> file = codecs::read_file(found->second);
    masks.push_back(first_channel(to_u8(codecs::decode(file, found->second.string(), {.metadata = false}).image)));
  }
  return masks;
}

}  // namespace pixmill::measure
