// The one exception of pixmill.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace pixmill {

enum class ErrorCode {
  usage,          // the caller's request is not valid
  not_found,      // a file, model or folder does not exist
  unreadable,     // it exists and cannot be read
  unsupported,    // a type or variant that pixmill or a library under it does not know
  corrupt,        // it claims to be a picture, a card, a catalogue and is damaged
  too_large,      // above a limit that a setting lifts
  bad_model,      // not a model, not loadable, or not one for this task
  no_device,      // the requested device, provider or backend is not available
  out_of_memory,  // on the host or on the device
  disk_full,
  unwritable,  // output cannot be written for another reason than a full disk
  collision,   // two inputs share an output, or an output exists that is not ours
  network,
  interrupted,
  internal,  // a bug of pixmill or of a library under it
};

// The code's stable name, as it stands in reports: "corrupt", "disk_full", ...
std::string_view name_of(ErrorCode code);

// Thrown where the error is found. `message` names the file, key or device; `hint` says what to do about it and
// may be empty. Caught at three places: the item, the command, the C boundary.
class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string message, std::string hint = {});

  ErrorCode code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const std::string& hint() const noexcept { return hint_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorCode code_;
  std::string message_;
  std::string hint_;
};

}  // namespace pixmill
