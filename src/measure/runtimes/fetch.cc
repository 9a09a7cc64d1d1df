#include "measure/runtimes/fetch.h"

#include <cerrno>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/platform/digest.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/python.h"

namespace pixmill::measure {
namespace {

namespace fs = std::filesystem;

constexpr const char* kByHand = "or fetch it elsewhere and add it: pixmill runtimes add PATH/libonnxruntime.so";

// A folder for the time of one fetch.
class WorkFolder {
 public:
  explicit WorkFolder(fs::path path) : path_(std::move(path)) {
    clear();
    platform::make_folder(path_);
  }
  ~WorkFolder() { clear(); }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  const fs::path& path() const { return path_; }

  // Of all files in it: what pip has fetched so far.
  std::int64_t bytes() const {
    std::int64_t sum = 0;
    std::error_code none;
    for (auto file = fs::recursive_directory_iterator(path_, none); file != fs::recursive_directory_iterator();
         file.increment(none)) {
      const std::uintmax_t size = file->is_regular_file(none) ? file->file_size(none) : 0;
      if (!none) sum += static_cast<std::int64_t>(size);
    }
    return sum;
  }

 private:
  void clear() {
    std::error_code none;
    fs::remove_all(path_, none);
  }

  fs::path path_;
};

bool mentions(const std::string& words, std::initializer_list<std::string_view> signs) {
  for (const std::string_view sign : signs) {
    if (words.find(sign) != std::string::npos) return true;
  }
  return false;
}

// The line in which pip, or Python, says what was wrong: its last error.
std::string last_words(const platform::ChildResult& child) {
  std::string_view text = child.errors;
  std::string last;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line.starts_with("[notice]") || line.starts_with("WARNING")) continue;
    last = line;
  }
  return last.empty() ? platform::ending_of(child) : last;
}

Error fetch_error(const Wheel& wheel, const platform::ChildResult& child) {
  const std::string what = std::string(wheel.project) + " " + std::string(wheel.version);
  const std::string& words = child.errors;
  if (child.stopped) return {ErrorCode::interrupted, "stopped while fetching " + what};
  if (mentions(words, {"No module named pip"}))
    return {ErrorCode::not_found, "python3 has no pip", std::string("apt install python3-pip, ") + kByHand};
  if (mentions(words, {"No space left on device", "Disk quota exceeded"}))
    return {ErrorCode::disk_full, "the disk is full: " + what + " could not be fetched",
            "free some space there, then try again: it resumes from here"};
  if (mentions(words, {"DO NOT MATCH THE HASHES"}))
    return {ErrorCode::corrupt, what + " is not the expected file: its hash differs",
            "nothing was installed; a package index other than the public one may serve another build"};
  return {ErrorCode::network, what + " could not be fetched: " + last_words(child),
          std::string("check the network and pip's settings (PIP_INDEX_URL, PIP_PROXY), then try again; ") + kByHand};
}

platform::ChildResult run_tool(const std::vector<std::string>& words, const fs::path& folder,
                               const platform::ChildOptions& options) {
  try {
    return platform::run_python("python3", words, folder, options);
  } catch (const Error& error) {
    throw Error(error.code(), "python3 is needed to fetch: " + error.message(),
                std::string("apt install python3 python3-pip, ") + kByHand);
  }
}

bool is_right(const Wheel& wheel, const fs::path& file) {
  std::error_code none;
  if (fs::file_size(file, none) != static_cast<std::uintmax_t>(wheel.bytes) || none) return false;
  return platform::hash_file(file).sha256 == wheel.sha256;
}

}  // namespace

fs::path wheel_file(const Wheel& wheel, const fs::path& folder) {
  return folder / (std::string(wheel.sha256) + ".whl");
}

void fetch_wheel(const Wheel& wheel, const fs::path& folder, const FetchProgress& progress,
                 const std::atomic<bool>& stop) {
  const fs::path file = wheel_file(wheel, folder);
  if (is_right(wheel, file)) return;
  const WorkFolder work(folder / "part");
  const std::string requirement = std::string(wheel.project) + "==" + std::string(wheel.version);
  platform::write_whole(work.path() / "wanted.txt", requirement + " --hash=sha256:" + std::string(wheel.sha256) + "\n");
  const platform::ChildResult child =
      run_tool({"-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--only-binary=:all:",
                "--require-hashes",
                "--no-cache-dir",
                "--disable-pip-version-check",
                "--no-input",
                "--implementation",
                "cp",
                "--python-version",
                "3.12",
                "--abi",
                std::string(wheel.abi),
                "--platform",
                std::string(wheel.platform),
                "--dest",
                work.path() / "done",
                "--requirement",
                work.path() / "wanted.txt"},
               work.path(),
               {.on_wait = [&] { progress(std::min(work.bytes(), wheel.bytes), wheel.bytes); },
                .stop = &stop,
                .environment = {{"TMPDIR", work.path()}, {"LC_ALL", "C.UTF-8"}}});
  if (!child.good()) throw fetch_error(wheel, child);
  std::error_code none;
  for (const auto& got : fs::directory_iterator(work.path() / "done", none)) {
    if (!is_right(wheel, got.path())) continue;
    std::error_code failure;
    fs::rename(got.path(), file, failure);
    if (failure) throw platform::write_error(failure.value(), file);
    return;
  }
  throw Error(ErrorCode::corrupt, requirement + ": pip downloaded another file than requested");
}

void unpack_wheel(const Wheel& wheel, const fs::path& folder, const fs::path& to, const std::atomic<bool>& stop) {
  // Flat, because libraries look for others of the package in their own folder.
  constexpr const char* kScript = R"(
import os, shutil, sys, zipfile
archive, to, project, *names = sys.argv[1:]
with zipfile.ZipFile(archive) as wheel:
    for name in names:
        short = os.path.basename(name)
        plain = ".so" in short
        with wheel.open(name) as source, open(os.path.join(to, short if plain else project + "-" + short), "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
)";
  platform::make_folder(to);
  std::vector<std::string> words = {"-c", kScript, wheel_file(wheel, folder), to, std::string(wheel.project)};
  for (const std::string_view name : wheel.files) words.emplace_back(name);
  const platform::ChildResult child = run_tool(words, to, {.stop = &stop});
  if (child.stopped) throw Error(ErrorCode::interrupted, "stopped while unpacking");
  if (child.good()) return;
  if (mentions(child.errors, {"No space left on device", "Disk quota exceeded"}))
    throw platform::write_error(ENOSPC, to);
  throw Error(ErrorCode::unwritable, to.string() + ": cannot be unpacked: " + last_words(child));
}

}  // namespace pixmill::measure
