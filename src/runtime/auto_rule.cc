// What "auto" takes where nobody measured; docs/AUTO.md tells why.
#include "pixmill/core/error.h"
#include "pixmill/runtime/devices.h"
#include "pixmill/runtime/model_file.h"
#include "pixmill/runtime/session.h"

namespace pixmill::runtime {
namespace {

// Below so many pictures, what OpenVINO needs longer to load (0.1 to 1.5 s) is not won back.
constexpr std::int64_t kShortJob = 32;

}  // namespace

std::string preferred_provider(const ModelSource& model, const SessionOptions& options, std::int64_t pictures) {
  if (options.backend != "auto" || (options.device != "auto" && options.device != "cpu")) return {};
  if (pictures > 0 && pictures < kShortJob) return {};
  if (first_provider(options) != "cpu") return {};  // a GPU, or a precision that one backend alone has
  const ModelFile file = read_model_file(model);
  const bool suits_onnxruntime = file.integer_operators && !file.signed_integers;
  return file.format != FileFormat::onnx || suits_onnxruntime ? "" : "openvino";
}

}  // namespace pixmill::runtime
