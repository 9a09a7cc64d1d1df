#include "exports/coco_rle.h"

#include <cstddef>
#include <cstdint>

#include "exports/text.h"

namespace pixmill::exports {

std::string coco_counts(const RunMask& mask) {
  std::string text;
  for (std::size_t i = 0; i < mask.runs.size(); ++i) {
    std::int64_t rest = mask.runs[i];
    if (i > 2) rest -= mask.runs[i - 2];
    for (bool more = true; more;) {
      const int low = static_cast<int>(rest & 31);
      rest >>= 5;
      more = (low & 16) != 0 ? rest != -1 : rest != 0;  // the sign is the highest bit that is written
      text += static_cast<char>(48 + (more ? low + 32 : low));
    }
  }
  return text;
}

std::string coco_rle(const RunMask& mask) {
  return "{\"size\":[" + std::to_string(mask.size.height) + "," + std::to_string(mask.size.width) +
         "],\"counts\":" + json_text(coco_counts(mask)) + "}";
}

}  // namespace pixmill::exports
