#include "pixmill/core/error.h"

#include <utility>

namespace pixmill {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage: return "usage";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::unreadable: return "unreadable";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::bad_model: return "bad_model";
    case ErrorCode::no_device: return "no_device";
    case ErrorCode::out_of_memory: return "out_of_memory";
    case ErrorCode::disk_full: return "disk_full";
    case ErrorCode::unwritable: return "unwritable";
    case ErrorCode::collision: return "collision";
    case ErrorCode::network: return "network";
    case ErrorCode::interrupted: return "interrupted";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

Error::Error(ErrorCode code, std::string message, std::string hint)
    : code_(code), message_(std::move(message)), hint_(std::move(hint)) {}

}  // namespace pixmill
