#include "pixmill/measure/runtimes.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "measure/runtimes/fetch.h"
#include "pixmill/core/bytes_text.h"
#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/home.h"
#include "pixmill/platform/trusted_path.h"

namespace pixmill::measure {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kBuiltIn = "built-in";
constexpr const char* kNote = "runtime.json";
constexpr const char* kLibraries = "libraries";  // where the runtime looks for what its providers need
constexpr const char* kChosen = "active";
constexpr const char* kUnfinished = ".unfinished";
constexpr std::size_t kMostText = 1 << 16;

std::string text_in(const fs::path& file) {
  try {
    return platform::read_text(file, kMostText);
  } catch (const Error&) {
    return {};
  }
}

std::string chosen_name(const fs::path& folder) {
  std::string name = text_in(folder / kChosen);
  while (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

// What a folder's note says; nothing where there is no note, or a damaged one.
std::optional<AddedRuntime> read_note(const fs::path& folder) {
  const Json note = Json::parse(text_in(folder / kNote), nullptr, false);
  if (!note.is_object()) return std::nullopt;
  try {
    AddedRuntime added{.name = folder.filename().string()};
    added.version = note.at("version").get<std::string>();
    added.library = folder / note.at("library").get<std::string>();  // of a user's own file an absolute path
    added.providers = note.at("providers").get<std::vector<std::string>>();
    added.fetched = note.at("fetched").get<bool>();
    std::error_code none;
    added.libraries = fs::is_directory(folder / kLibraries, none);
    return added;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

void write_note(const fs::path& folder, const RuntimeSelfTest& tested, const std::string& library, bool fetched) {
  const Json note = {
      {"version", tested.version}, {"library", library}, {"providers", tested.providers}, {"fetched", fetched}};
  platform::write_whole(folder / kNote, note.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void remove_folder(const fs::path& folder) {
  std::error_code failure;
  fs::remove_all(folder, failure);
  if (failure) throw platform::write_error(failure.value(), folder);
}

void rename_folder(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  fs::rename(from, to, failure);
  if (failure) throw platform::write_error(failure.value(), to);
}

// A folder's name without a path in it.
void check_name(const std::string& name) {
  const bool plain = !name.empty() && name.size() <= 64 && name.front() != '.' &&
                     std::all_of(name.begin(), name.end(), [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
                     });
  if (!plain) throw Error(ErrorCode::usage, "'" + name + "' is not a name for a runtime", "letters, digits, . - _");
  if (name == kBuiltIn || name == kChosen)
    throw Error(ErrorCode::usage, "'" + name + "' is reserved", "choose another name");
}

const RuntimePackage& package_of(std::string_view name) {
  for (const RuntimePackage& package : runtime_packages()) {
    if (package.name == name) return package;
  }
  const auto near = nearest(std::string(name), fetchable_runtimes());
  throw Error(ErrorCode::usage, "there is no runtime '" + std::string(name) + "' to fetch",
              near ? "did you mean '" + *near + "'?" : "pixmill runtimes add cuda, or a path to a libonnxruntime.so");
}

std::string folder_name(const RuntimePackage& package) {
  return std::string(package.name) + "-" + std::string(package.version);
}

void require_room(const fs::path& folder, std::int64_t bytes) {
  fs::path there = folder;
  std::error_code none;
  while (!there.empty() && there != there.root_path() && !fs::exists(there, none)) there = there.parent_path();
  const fs::space_info space = fs::space(there, none);
  if (none || space.available >= static_cast<std::uintmax_t>(bytes)) return;
  throw Error(ErrorCode::disk_full,
              folder.string() + ": " + bytes_text(bytes) + " are needed there, " +
                  bytes_text(static_cast<std::int64_t>(space.available)) + " are free",
              "free some space there, or move pixmill's folders with PIXMILL_HOME");
}

// The wheels of a package that are not unpacked in its folder.
std::vector<const Wheel*> missing_wheels(const RuntimePackage& package, const fs::path& folder, bool with_libraries) {
  std::error_code none;
  std::vector<const Wheel*> wheels;
  if (!fs::exists(folder / kNote, none)) wheels.push_back(&package.runtime);
  if (with_libraries && !fs::exists(folder / kLibraries, none)) {
    for (const Wheel& wheel : package.libraries) wheels.push_back(&wheel);
  }
  return wheels;
}

std::int64_t sum_of(const std::vector<const Wheel*>& wheels, std::int64_t Wheel::*field) {
  std::int64_t sum = 0;
  for (const Wheel* wheel : wheels) sum += wheel->*field;
  return sum;
}

void fetch_all(const std::vector<const Wheel*>& wheels, const fs::path& folder, const FetchProgress& progress,
               const std::atomic<bool>& stop) {
  const std::int64_t total = sum_of(wheels, &Wheel::bytes);
  std::int64_t before = 0;
  for (const Wheel* wheel : wheels) {
    fetch_wheel(
        *wheel, folder, [&](std::int64_t done, std::int64_t) { progress(before + done, total); }, stop);
    before += wheel->bytes;
    progress(before, total);
  }
}

}  // namespace

RuntimeStore::RuntimeStore(const platform::Home& home)
    : folder_(home.data / "runtimes"), wheels_(home.cache / "wheels") {}

std::vector<AddedRuntime> RuntimeStore::list() const {
  std::vector<AddedRuntime> all;
  const std::string chosen = chosen_name(folder_);
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder_, none)) {
    std::optional<AddedRuntime> added = read_note(entry.path());
    if (!added || entry.path().filename().string().starts_with('.')) continue;
    added->in_use = added->name == chosen;
    all.push_back(std::move(*added));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

AddedRuntime RuntimeStore::find(std::string_view name) const {
  std::vector<std::string> known;
  for (AddedRuntime& added : list()) {
    if (added.name == name) return std::move(added);
    known.push_back(added.name);
  }
  known.emplace_back(kBuiltIn);
  const auto near = nearest(std::string(name), known);
  throw Error(ErrorCode::usage, "no runtime '" + std::string(name) + "' was added",
              near ? "did you mean '" + *near + "'?" : "pixmill runtimes list shows those that were added");
}

fs::path RuntimeStore::chosen() const {
  const std::string name = chosen_name(folder_);
  if (name.empty()) return {};
  // A note that others could write may name any path: use of an untrusted path is then refused.
  const std::optional<AddedRuntime> added =
      platform::refusal_of(folder_ / name) ? std::nullopt : read_note(folder_ / name);
  return added ? added->library : folder_ / name / "libonnxruntime.so";
}

void RuntimeStore::use(std::string_view name) {
  platform::make_trusted_folder(folder_);
  const platform::FileLock lock(folder_ / ".lock");
  if (name == kBuiltIn) {
    std::error_code failure;
    fs::remove(folder_ / kChosen, failure);
    if (failure) throw platform::write_error(failure.value(), folder_ / kChosen);
    return;
  }
  platform::write_whole(folder_ / kChosen, find(name).name + "\n");
}

void RuntimeStore::remove(std::string_view name) {
  const AddedRuntime added = find(name);
  if (added.in_use) use(kBuiltIn);
  const platform::FileLock lock(folder_ / ".lock");
  const fs::path aside = folder_ / kUnfinished;
  remove_folder(aside);
  rename_folder(folder_ / added.name, aside);  // removed from view at once, however long the removal takes
  remove_folder(aside);
}

AddedRuntime RuntimeStore::add_file(const fs::path& library, const std::string& name, const std::atomic<bool>& stop) {
  std::error_code none;
  if (!fs::is_regular_file(library, none)) {
    throw Error(ErrorCode::not_found, library.string() + " is not a file", "name the libonnxruntime.so itself");
  }
  const fs::path absolute = fs::absolute(library);
  platform::require_trusted(absolute);
  platform::make_trusted_folder(folder_);
  const RuntimeSelfTest tested = self_test_runtime(absolute, stop);
  const std::string wanted = name.empty() ? "own-" + tested.version : name;
  check_name(wanted);
  const platform::FileLock lock(folder_ / ".lock");
  for (const AddedRuntime& other : list()) {
    if (other.name == wanted && other.library != absolute) {
      throw Error(ErrorCode::usage, "'" + wanted + "' is " + other.library.string(),
                  "give this one another name with --name, or remove the other");
    }
  }
  write_note(folder_ / wanted, tested, absolute.string(), false);
  return find(wanted);
}

FetchPlan RuntimeStore::plan_fetch(std::string_view name, bool with_libraries) const {
  const RuntimePackage& package = package_of(name);
#if !defined(__linux__) || !defined(__x86_64__)
  throw Error(ErrorCode::unsupported, std::string(package.title) + " is known for x86-64 Linux only",
              "pixmill runtimes add PATH/libonnxruntime.so adds one of your own");
#endif
  const auto wheels = missing_wheels(package, folder_ / folder_name(package), with_libraries);
  FetchPlan plan{.name = folder_name(package), .title = std::string(package.title)};
  plan.on_disk = sum_of(wheels, &Wheel::unpacked);
  std::error_code none;
  for (const Wheel* wheel : wheels) {
    if (!fs::exists(wheel_file(*wheel, wheels_), none)) plan.to_fetch += wheel->bytes;
  }
  return plan;
}

AddedRuntime RuntimeStore::fetch(std::string_view name, bool with_libraries, const FetchProgress& progress,
                                 const std::atomic<bool>& stop) {
  const RuntimePackage& package = package_of(name);
  const fs::path home = folder_ / folder_name(package);
  platform::make_trusted_folder(folder_);
  platform::make_trusted_folder(wheels_);  // what was checked there is unpacked from there
  const platform::FileLock lock(folder_ / ".lock", [&] { return !stop; });
  const std::vector<const Wheel*> wheels = missing_wheels(package, home, with_libraries);
  require_room(wheels_, sum_of(wheels, &Wheel::bytes));
  require_room(folder_, sum_of(wheels, &Wheel::unpacked));
  fetch_all(wheels, wheels_, progress, stop);

  const fs::path unfinished = folder_ / kUnfinished;
  remove_folder(unfinished);
  for (const Wheel* wheel : wheels)
    unpack_wheel(*wheel, wheels_, wheel == &package.runtime ? unfinished : unfinished / kLibraries, stop);
  std::error_code none;
  if (fs::exists(home / kNote, none)) {  // the runtime is here, its libraries come to it
    if (!wheels.empty()) rename_folder(unfinished / kLibraries, home / kLibraries);
    remove_folder(unfinished);
  } else {
    try {
      write_note(unfinished, self_test_runtime(unfinished / package.library, stop), std::string(package.library), true);
    } catch (const Error&) {
      remove_folder(unfinished);
      throw;
    }
    remove_folder(home);
    rename_folder(unfinished, home);
  }
  for (const Wheel* wheel : wheels) fs::remove(wheel_file(*wheel, wheels_), none);
  return find(folder_name(package));
}

std::vector<std::string> fetchable_runtimes() {
  std::vector<std::string> names;
  for (const RuntimePackage& package : runtime_packages()) names.emplace_back(package.name);
  return names;
}

}  // namespace pixmill::measure
