// pixmill runtimes: which ONNX Runtime is loaded, what it brings, and others to take in its place.
#include "pixmill/measure/runtimes.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "cli/commands/commands.h"
#include "cli/confirm.h"
#include "cli/output/event_json.h"
#include "cli/output/live_line.h"
#include "cli/output/machine_text.h"
#include "cli/output/terminal.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/devices.h"

namespace pixmill::cli {
namespace {

using Json = nlohmann::ordered_json;

// "CUDAExecutionProvider" is "CUDA" to a reader.
std::string short_names(const std::vector<std::string>& providers) {
  constexpr std::string_view kEnding = "ExecutionProvider";
  std::string text;
  for (const std::string& provider : providers) {
    const std::size_t end = provider.ends_with(kEnding) ? provider.size() - kEnding.size() : provider.size();
    text += (text.empty() ? "" : ", ") + provider.substr(0, end);
  }
  return text;
}

// What cannot be looked at is not there: another user's folder, a name too long.
bool is_there(const std::filesystem::path& file) {
  std::error_code none;
  return std::filesystem::exists(file, none);
}

Json to_json(const measure::AddedRuntime& added) {
  return {{"name", added.name},           {"version", added.version},        {"library", added.library.string()},
          {"providers", added.providers}, {"fetched", added.fetched},        {"with_libraries", added.libraries},
          {"in_use", added.in_use},       {"there", is_there(added.library)}};
}

void print(const runtime::BackendStatus& backend) {
  if (backend.version.empty()) {
    std::printf("%-12s not loaded: %s\n", backend.name.c_str(), printable(backend.reason).c_str());
    return;
  }
  std::printf("%-12s %-9s %s%s%s\n", backend.name.c_str(), printable(backend.version).c_str(),
              printable(backend.library).c_str(), backend.origin.empty() ? "" : "  ",
              backend.origin.empty() ? "" : ("(" + backend.origin + ")").c_str());
  if (!backend.providers.empty()) std::printf("%-12s brings    %s\n", "", short_names(backend.providers).c_str());
  if (!backend.warning.empty()) std::printf("%-12s warning   %s\n", "", printable(backend.warning).c_str());
}

class RuntimesCommand {
 public:
  explicit RuntimesCommand(const Invocation& invocation)
      : values_(invocation.values), words_(invocation.arguments), store_(platform::find_home()) {}

  int run() {
    const std::string word = words_.empty() ? "list" : words_.front();
    if (word == "list") return list();
    if (word == "add") return add();
    if (word == "use") return use();
    if (word == "remove") return remove();
    if (word == measure::kSelfTestWord) return self_test();
    throw_unknown_word(values_.command(), word);
  }

 private:
  const std::string& argument(const char* what) const {
    if (words_.size() != 2)
      throw Error(ErrorCode::usage, "runtimes " + words_.front() + " takes " + what, "pixmill runtimes --help");
    return words_[1];
  }

  int list() const {
    const std::vector<runtime::BackendStatus> backends = runtime::backends();
    const std::vector<measure::AddedRuntime> added = store_.list();
    if (values_.on("json")) {
      Json json = {{"loaded", Json::array()}, {"added", Json::array()}, {"fetchable", measure::fetchable_runtimes()}};
      for (const runtime::BackendStatus& backend : backends) json["loaded"].push_back(cli::to_json(backend));
      for (const measure::AddedRuntime& runtime : added) json["added"].push_back(to_json(runtime));
      std::puts(dump(json).c_str());
      return kAllGood;
    }
    for (const runtime::BackendStatus& backend : backends) print(backend);
    std::printf("\nto choose from (* is chosen, `pixmill runtimes use NAME` chooses another):");
    const bool any_in_use = std::any_of(added.begin(), added.end(), [](const auto& one) { return one.in_use; });
    std::printf("\n%s built-in\n", any_in_use ? " " : "*");
    for (const measure::AddedRuntime& runtime : added) {
      const char* what = !is_there(runtime.library) ? "missing" : runtime.libraries ? "with its libraries" : "";
      std::printf("%s %-16s %s  %s  %s\n", runtime.in_use ? "*" : " ", runtime.name.c_str(),
                  printable(short_names(runtime.providers)).c_str(), what,
                  runtime.fetched ? "" : printable(runtime.library.string()).c_str());
    }
    return kAllGood;
  }

  int add() {
    const std::string& what = argument("cuda, or the path of a libonnxruntime.so");
    const std::vector<std::string> known = measure::fetchable_runtimes();
    const bool by_name = std::find(known.begin(), known.end(), what) != known.end();
    const bool path = what.find('/') != std::string::npos || is_there(what);
    return by_name || !path ? fetch(what) : add_file(what);
  }

  int fetch(const std::string& what) {
    const bool with_libraries = values_.on("with-libraries");
    const measure::FetchPlan plan = store_.plan_fetch(what, with_libraries);
    if (plan.on_disk > 0) {
      std::fprintf(stderr, "%s%s: %s to fetch, %s on disk\n", plan.title.c_str(),
                   with_libraries ? ", with CUDA 13 and cuDNN 9 (under NVIDIA's licences)" : "",
                   bytes_text(plan.to_fetch).c_str(), bytes_text(plan.on_disk).c_str());
      confirm(values_, "fetch it?");
    }
    LiveLine line;
    const auto progress = [&](std::int64_t done, std::int64_t total) {
      line.show(bytes_text(done) + " of " + bytes_text(total) + (done == total ? ", unpacking" : ""));
    };
    (void)store_.fetch(what, with_libraries, progress, interrupted());
    line.clear();
    return take(plan.name);
  }

  int add_file(const std::string& path) {
    return take(store_.add_file(path, values_.text("name"), interrupted()).name);
  }

  // Uses one that was added, and says what is still missing for a GPU.
  int take(const std::string& name) {
    store_.use(name);
    const measure::AddedRuntime added = store_.find(name);
    const measure::RuntimeSelfTest tested = measure::self_test_runtime(added.library, interrupted());
    if (values_.on("json")) {
      Json json = to_json(added);
      json["cuda_reason"] = tested.cuda_reason;
      json["cuda_remedy"] = tested.cuda_remedy;
      std::puts(dump(json).c_str());
      return kAllGood;
    }
    std::fprintf(stderr, "%s: ONNX Runtime %s passed its self-test and is used from now on\n", name.c_str(),
                 printable(tested.version).c_str());
    std::fprintf(stderr, "  brings %s\n", printable(short_names(tested.providers)).c_str());
    if (!tested.cuda_reason.empty())
      std::fprintf(stderr, "  CUDA cannot run here: %s\n", printable(tested.cuda_reason).c_str());
    if (!tested.cuda_remedy.empty()) std::fprintf(stderr, "  hint: %s\n", printable(tested.cuda_remedy).c_str());
    return kAllGood;
  }

  int use() {
    const std::string& name = argument("the name of one that was added, or built-in");
    store_.use(name);
    std::fprintf(stderr, "%s is used from now on\n", name.c_str());
    return kAllGood;
  }

  int remove() {
    const std::string& name = argument("the name of one that was added");
    if (name == "built-in")
      throw Error(ErrorCode::usage, "the built-in runtime cannot be removed",
                  "pixmill runtimes use NAME chooses another");
    const measure::AddedRuntime added = store_.find(name);
    confirm(values_, added.fetched ? "remove " + added.name + "?" : "forget " + added.name + "? its file stays");
    store_.remove(added.name);
    return kAllGood;
  }

  static int self_test() {
    std::puts(measure::self_test_loaded_runtime().c_str());
    return kAllGood;
  }

  const Values& values_;
  const std::vector<std::string>& words_;
  measure::RuntimeStore store_;
};

}  // namespace

int run_runtimes(const Invocation& invocation) {
  return RuntimesCommand(invocation).run();
}

}  // namespace pixmill::cli
