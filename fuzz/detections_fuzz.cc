// A record of detections: boxes inside a picture, whose every export can be made, or Error{corrupt}.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "pixmill/core/error.h"
#include "pixmill/tasks/detections.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span body(reinterpret_cast<const std::byte*>(data), size);
  try {
    const auto found = pixmill::tasks::unpack_detections(pixmill::tasks::kDetections, body, "fuzz");
    for (const auto& one : found.found) {
      const auto& box = one.box;
      const bool inside = box.left >= 0 && box.left <= box.right &&
                          box.right <= static_cast<float>(found.picture.width) && box.top >= 0 &&
                          box.top <= box.bottom && box.bottom <= static_cast<float>(found.picture.height);
      if (!inside || static_cast<std::size_t>(box.label) >= found.classes->size()) std::abort();
    }
    if (pixmill::tasks::select(found, {.confidence = 0, .most = found.found.size()}).size() != found.found.size())
      std::abort();
    const auto again =
        pixmill::tasks::unpack_detections(pixmill::tasks::kDetections, pixmill::tasks::pack(found), "again");
    if (again.found != found.found || *again.classes != *found.classes) std::abort();
  } catch (const pixmill::Error& error) {
    if (error.code() != pixmill::ErrorCode::corrupt) std::abort();
  }
  return 0;
}
