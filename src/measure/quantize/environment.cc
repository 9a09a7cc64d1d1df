#include "measure/quantize/environment.h"

#include <cstdlib>
#include <span>
#include <system_error>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/core/text.h"
#include "pixmill/models/model_store.h"
#include "pixmill/platform/child.h"
#include "pixmill/platform/digest.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/python.h"
#include "pixmill/platform/trusted_path.h"

extern "C" {
extern const char pixmill_quantize_program[];  // made by cmake/QuantizeProgram.cmake
extern const char pixmill_quantize_program_end[];
extern const char pixmill_quantize_requirements[];
extern const char pixmill_quantize_requirements_end[];
}

namespace pixmill::measure {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnfinished = ".unfinished";
constexpr const char* kByHand = "or name a Python that has onnx and onnxruntime with --python";

void refuse_when_offline() {
  const char* offline = std::getenv("PIXMILL_OFFLINE");
  if (offline == nullptr || *offline == '\0' || std::string_view(offline) == "0") return;
  throw Error(ErrorCode::network, "PIXMILL_OFFLINE forbids downloading the tools that quantise models",
              std::string("unset it, ") + kByHand);
}

bool says(const platform::ChildResult& child, std::string_view sign) {
  return child.errors.find(sign) != std::string::npos || child.output.find(sign) != std::string::npos;
}

platform::ChildResult run(const fs::path& python, const std::vector<std::string>& words, const fs::path& folder,
                          const platform::ChildOptions& options) {
  try {
    return platform::run_python(python, words, folder, options);
  } catch (const Error& error) {
    throw Error(error.code(), "python3 is needed to quantise models: " + error.message(),
                std::string("apt install python3 python3-venv, ") + kByHand);
  }
}

void require_venv(const fs::path& folder, const std::atomic<bool>& stop) {
  const platform::ChildResult child =
      run("python3", {"-c", "import sys, ensurepip, venv; sys.exit(3 if sys.version_info < (3, 11) else 0)"}, folder,
          {.stop = &stop});
  if (child.good()) return;
  if (child.stopped) throw Error(ErrorCode::interrupted, "stopped");
  if (child.exit_code == 3) {
    throw Error(ErrorCode::not_found, "python3 is older than 3.11, which the tools that quantise models need",
                std::string("install a newer one, ") + kByHand);
  }
  throw Error(ErrorCode::not_found, "python3 cannot make environments: " + last_line(child.errors),
              std::string("apt install python3-venv, ") + kByHand);
}

Error install_error(const platform::ChildResult& child, const fs::path& folder) {
  if (child.stopped)
    return {ErrorCode::interrupted,
            "stopped while the tools were being installed; the incomplete installation was removed"};
  if (says(child, "No space left on device") || says(child, "Disk quota exceeded")) {
    return {ErrorCode::disk_full, folder.parent_path().string() + ": the disk is full",
            "the tools that quantise models take about 200 MB"};
  }
  if (says(child, "DO NOT MATCH THE HASHES")) {
    return {ErrorCode::corrupt, "the hash of a package is not the expected one: " + last_line(child.errors),
            "nothing was installed; a package index other than the public one may serve other builds"};
  }
  return {ErrorCode::network, "the tools that quantise models could not be installed: " + last_line(child.errors),
          std::string("check the network and pip's settings (PIP_INDEX_URL, PIP_PROXY), then try again; ") + kByHand};
}

void install(const fs::path& folder, std::string_view requirements,
             const std::function<void(std::string_view)>& on_line, const std::atomic<bool>& stop) {
  platform::make_folder(folder);
  const fs::path list = folder / "requirements.txt";
  const fs::path python = folder / "bin" / "python";
  const platform::ChildOptions options = {.on_line = on_line, .stop = &stop, .environment = {{"LC_ALL", "C.UTF-8"}}};
  platform::ChildResult child = run("python3", {"-m", "venv", folder}, folder, options);
  if (!child.good()) throw install_error(child, folder);
  platform::write_whole(list, requirements);
  child = run(python,
              {"-m", "pip", "install", "--require-hashes", "--only-binary=:all:", "--no-input",
               "--disable-pip-version-check", "--progress-bar", "off", "--requirement", list},
              folder, options);
  if (!child.good()) throw install_error(child, folder);
}

}  // namespace

std::string_view quantize_program() {
  return {pixmill_quantize_program, pixmill_quantize_program_end};
}

std::string_view quantize_requirements() {
  return {pixmill_quantize_requirements, pixmill_quantize_requirements_end};
}

fs::path quantize_environment(const fs::path& data, std::string_view requirements) {
  constexpr std::size_t kDigits = 12;  // enough to tell a handful of lists apart
  return data / "environments" /
         ("quantize-" + platform::sha256(std::as_bytes(std::span(requirements))).substr(0, kDigits));
}

fs::path environment_python(const fs::path& data, std::string_view requirements,
                            const std::function<void(std::string_view)>& on_line, const std::atomic<bool>& stop) {
  const fs::path folder = quantize_environment(data, requirements);
  std::error_code unknown;
  platform::require_trusted(folder);
  if (fs::exists(folder / "bin" / "python", unknown)) return folder / "bin" / "python";
  refuse_when_offline();
  platform::make_trusted_folder(folder.parent_path());
  require_venv(folder.parent_path(), stop);
  const platform::FileLock lock(folder.parent_path() / ".lock", [&] { return !stop; });
  if (fs::exists(folder / "bin" / "python", unknown)) return folder / "bin" / "python";  // made while we waited
  const fs::path unfinished = folder.string() + kUnfinished;
  fs::remove_all(unfinished, unknown);  // of a run that was killed
  try {
    install(unfinished, requirements, on_line, stop);
  } catch (...) {
    fs::remove_all(unfinished, unknown);
    throw;
  }
  std::error_code failure;
  fs::rename(unfinished, folder, failure);
  if (failure) throw platform::write_error(failure.value(), folder);
  return folder / "bin" / "python";
}

}  // namespace pixmill::measure
