// A "libonnxruntime" that hands everything on to a real one, until the device under it is lost: after so many
// inferences every one fails. PIXMILL_TEST_RUNTIME: the real library. PIXMILL_TEST_INFERENCES: how many work, for the
// process. PIXMILL_TEST_FAILURES: how many fail before they work again; without it all do.
#include <dlfcn.h>
#include <onnxruntime_c_api.h>

#include <atomic>
#include <cstdlib>

namespace {

OrtApi api;
OrtApiBase base;
const OrtApi* real = nullptr;
const OrtApiBase* real_base = nullptr;
std::atomic<long> inferences = 0;

long number(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtol(text, nullptr, 10);
}

OrtStatusPtr lost() {
  static const long working = number("PIXMILL_TEST_INFERENCES", 0);
  static const long failing = number("PIXMILL_TEST_FAILURES", -1);
  const long now = inferences++;
  if (now < working || (failing >= 0 && now >= working + failing)) return nullptr;
  return real->CreateStatus(ORT_FAIL, "CUDA failure 46: all devices are busy or unavailable");
}

OrtStatusPtr ORT_API_CALL run(OrtSession* session, const OrtRunOptions* options, const char* const* input_names,
                              const OrtValue* const* inputs, size_t input_count, const char* const* output_names,
                              size_t output_count, OrtValue** outputs) noexcept {
  if (OrtStatusPtr status = lost()) return status;
  return real->Run(session, options, input_names, inputs, input_count, output_names, output_count, outputs);
}

OrtStatusPtr ORT_API_CALL run_with_binding(OrtSession* session, const OrtRunOptions* options,
                                           const OrtIoBinding* binding) noexcept {
  if (OrtStatusPtr status = lost()) return status;
  return real->RunWithBinding(session, options, binding);
}

const OrtApi* ORT_API_CALL get_api(uint32_t version) noexcept {
  real = real_base->GetApi(version);
  if (real == nullptr) return nullptr;
  api = *real;
  api.Run = run;
  api.RunWithBinding = run_with_binding;
  return &api;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const OrtApiBase* ORT_API_CALL OrtGetApiBase() noexcept {
  const char* library = std::getenv("PIXMILL_TEST_RUNTIME");
  void* opened = library == nullptr ? nullptr : dlopen(library, RTLD_LAZY | RTLD_LOCAL);
  if (opened == nullptr) std::abort();
  const auto base_of = reinterpret_cast<const OrtApiBase* (*)()>(dlsym(opened, "OrtGetApiBase"));
  real_base = base_of();
  base = *real_base;
  base.GetApi = get_api;
  return &base;
}
