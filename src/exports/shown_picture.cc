#include "exports/shown_picture.h"

#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

namespace pixmill::exports {
namespace {

std::string in_words(Size size) {
  return std::to_string(size.width) + " x " + std::to_string(size.height);
}

}  // namespace

Image picture_of(const Entry& entry, const tasks::Detections& record) {
  Image picture = entry.file->pixels();
  if (picture.size() == record.picture) return picture;
  throw Error(ErrorCode::unsupported,
              std::string(entry.picture) + " has " + in_words(picture.size()) +
                  " pixels, and what is known of it is of " + in_words(record.picture),
              "run the job again, or import labels of this picture");
}

std::string text_of(const std::vector<std::byte>& file) {
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

std::string jpeg(ImageView picture, int quality) {
  return text_of(codecs::encode(picture, {.format = codecs::Format::jpeg, .quality = quality}));
}

std::vector<config::Flag> flags_of(std::initializer_list<const std::vector<config::Flag>*> lists) {
  std::vector<config::Flag> flags;
  for (const std::vector<config::Flag>* list : lists) flags.insert(flags.end(), list->begin(), list->end());
  return flags;
}

}  // namespace pixmill::exports
