// pixmill models: the store on the command line.
#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "cli/commands/commands.h"
#include "cli/commands/models_batch.h"
#include "cli/confirm.h"
#include "cli/output/event_json.h"
#include "cli/output/live_line.h"
#include "cli/output/ports.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/models/model_store.h"
#include "pixmill/platform/digest.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/session.h"

namespace pixmill::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(models::Presence presence) {
  switch (presence) {
    case models::Presence::built_in: return "built in";
    case models::Presence::present: return "here";
    case models::Presence::absent: return "not here";
    case models::Presence::damaged: return "damaged";
  }
  return "";
}

std::int64_t bytes_of(const models::ModelCard& card) {
  std::int64_t bytes = 0;
  for (const models::ModelFile& file : card.files) bytes += file.bytes;
  return bytes;
}

Json to_json(const models::StoreEntry& entry) {
  Json json = {{"id", entry.card.id},           {"task", entry.card.task},          {"title", entry.card.title},
               {"licence", entry.card.licence}, {"state", name_of(entry.presence)}, {"bytes", bytes_of(entry.card)},
               {"own", entry.users_own}};
  if (!entry.path.empty()) json["path"] = entry.path.string();
  return json;
}

class ModelsCommand {
 public:
  explicit ModelsCommand(const Invocation& invocation)
      : values_(invocation.values), words_(invocation.arguments), store_(platform::find_home().models) {}

  int run() {
    const std::string word = words_.empty() ? "list" : words_.front();
    if (word == "list") return list();
    if (word == "show") return show();
    if (word == "pull") return pull();
    if (word == "add") return add();
    if (word == "remove") return remove();
    if (word == "verify") return verify();
    if (word == "inspect") return inspect();
    if (word == "batchable") return models_batchable(values_, arguments("the model's file or id"));
    if (word == "rebatch") return models_rebatch(values_, only_argument("the model's file or id"));
    throw_unknown_word(values_.command(), word);
  }

 private:
  // The arguments of the subcommand: at least one, and all of them are used.
  std::vector<std::string> arguments(const char* what) const {
    if (words_.size() < 2)
      throw Error(ErrorCode::usage, "models " + words_.front() + ": " + what + " is missing", "pixmill models --help");
    return {words_.begin() + 1, words_.end()};
  }

  const std::string& only_argument(const char* what) const {
    if (words_.size() > 2) throw_superfluous(2);
    (void)arguments(what);
    return words_[1];
  }

  [[noreturn]] void throw_superfluous(std::size_t first) const {
    throw Error(ErrorCode::usage, "models " + words_.front() + ": '" + words_[first] + "' is one argument too many",
                "pixmill models --help");
  }

  // All of them, before the first is touched: a slip in the last id changes nothing. Throws Error{usage}.
  std::vector<models::StoreEntry> entries_named() const {
    std::vector<models::StoreEntry> entries;
    for (const std::string& id : arguments("the model's id")) entries.push_back(store_.find(id));
    return entries;
  }

  // For each of several: one that fails does not keep the others from it. What the only one throws goes on.
  template <typename Work>
  int for_all(const std::vector<models::StoreEntry>& entries, Work work) {
    if (entries.size() == 1) {
      work(entries.front());
      return kAllGood;
    }
    int code = kAllGood;
    for (const models::StoreEntry& entry : entries) {
      try {
        work(entry);
      } catch (const Error& error) {
        if (error.code() == ErrorCode::interrupted) throw;
        complain(error);
        code = kSomeFailed;
      }
    }
    return code;
  }

  // One object for one, a list for several.
  static void print_json(const Json& all) { std::puts(dump(all.size() == 1 ? all.front() : all).c_str()); }

  static bool runs_here(const models::StoreEntry& entry) {
    const Command* command = find_command(entry.card.task);
    return command != nullptr && command->is_job;
  }

  // What a job of this program runs, by job; with --all the others after them.
  std::vector<models::StoreEntry> listed() const {
    std::vector<models::StoreEntry> entries = store_.list();
    if (!values_.on("all")) std::erase_if(entries, [](const auto& entry) { return !runs_here(entry); });
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return std::pair(!runs_here(a), a.card.task) < std::pair(!runs_here(b), b.card.task);
    });
    return entries;
  }

  int list() const {
    if (words_.size() > 1) throw_superfluous(1);
    const std::vector<models::StoreEntry> entries = listed();
    if (values_.on("json")) {
      Json all = Json::array();
      for (const models::StoreEntry& entry : entries) all.push_back(to_json(entry));
      std::puts(dump(all).c_str());
      return kAllGood;
    }
    std::printf("%-25s %-9s %-9s %10s  %s\n", "ID", "JOB", "STATE", "SIZE", "LICENCE");
    for (const models::StoreEntry& entry : entries) {
      const std::int64_t bytes = bytes_of(entry.card);
      std::printf("%-25s %-9s %-9s %10s  %s\n", printable(entry.card.id).c_str(), printable(entry.card.task).c_str(),
                  std::string(name_of(entry.presence)).c_str(), bytes > 0 ? bytes_text(bytes).c_str() : "-",
                  printable(entry.card.licence).c_str());
    }
    print_others();
    return kAllGood;
  }

  // Of which jobs there are models that nothing here runs.
  void print_others() const {
    std::set<std::string> tasks;
    std::int64_t count = 0;
    for (const models::StoreEntry& entry : store_.list()) {
      if (runs_here(entry)) continue;
      ++count;
      tasks.insert(entry.card.task);
    }
    if (count == 0) return;
    std::string names;
    for (const std::string& task : tasks) names += (names.empty() ? "" : ", ") + task;
    const std::string what = std::to_string(count) + (values_.on("all") ? " are" : " more are") +
                             " of jobs that pixmill does not have (" + printable(names) + "): ";
    std::printf("\n%s%s\n", what.c_str(),
                values_.on("all") ? "`pixmill verify -m ID` tries them." : "--all lists them.");
  }

  int show() {
    Json all = Json::array();
    const std::vector<models::StoreEntry> entries = entries_named();
    for (const models::StoreEntry& entry : entries) {
      all.push_back(to_json(entry));
      all.back()["card"] = models::to_yaml(entry.card);
      if (values_.on("json")) continue;
      std::printf("%s# %s%s%s\n%s", all.size() > 1 ? "\n" : "", std::string(name_of(entry.presence)).c_str(),
                  entry.path.empty() ? "" : ": ", entry.path.c_str(), models::to_yaml(entry.card).c_str());
    }
    if (values_.on("json")) print_json(all);
    return kAllGood;
  }

  int pull() {
    return for_all(entries_named(), [&](const models::StoreEntry& entry) { pull_one(entry); });
  }

  void pull_one(const models::StoreEntry& entry) {
    const std::string size = bytes_of(entry.card) > 0 ? bytes_text(bytes_of(entry.card)) : "size not known";
    std::fprintf(stderr, "%s: %s, licence %s\n", printable(entry.card.id).c_str(), size.c_str(),
                 printable(entry.card.licence).c_str());
    if (entry.presence == models::Presence::built_in) {
      std::fprintf(stderr, "built in: nothing to fetch\n");
      return;
    }
    const bool to_fetch = entry.presence != models::Presence::present && !entry.card.files.empty() &&
                          !entry.card.files.front().url.empty();
    if (to_fetch) confirm(values_, "fetch it?");  // present files are only hashed again, and fetched if damaged
    LiveLine line;
    store_.pull(entry.card.id, [&](std::int64_t done, std::int64_t total) {
      line.show(bytes_text(done) + " of " + (total > 0 ? bytes_text(total) : "?"));
      return !interrupted();
    });
    line.clear();
    std::fprintf(stderr, "%s is present and its hash is correct\n", printable(entry.card.id).c_str());
  }

  int add() {
    const models::StoreEntry entry =
        store_.add(only_argument("the .onnx file"), values_.text("card"), values_.text("id"), runtime::signature_of);
    const std::string use = find_command(entry.card.task) == nullptr ? "verify" : entry.card.task + " INPUT";
    std::fprintf(stderr, "%s is in the store: pixmill %s -m %s\n", entry.card.id.c_str(), use.c_str(),
                 entry.card.id.c_str());
    return kAllGood;
  }

  int remove() {
    const std::vector<models::StoreEntry> entries = entries_named();
    std::string ids;
    for (const models::StoreEntry& entry : entries) ids += (ids.empty() ? "" : ", ") + entry.card.id;
    confirm(values_, "remove " + ids + "?");
    return for_all(entries, [&](const models::StoreEntry& entry) { store_.remove(entry.card.id); });
  }

  int verify() const {
    std::vector<std::string> ids(words_.begin() + 1, words_.end());
    if (ids.empty()) {
      for (const models::StoreEntry& entry : store_.list()) {
        if (entry.presence != models::Presence::absent) ids.push_back(entry.card.id);
      }
    }
    bool good = true;
    for (const std::string& id : ids) {
      const models::Presence presence = store_.verify(id);
      good &= presence == models::Presence::built_in || presence == models::Presence::present;
      std::printf("%-24s %s\n", id.c_str(),
                  presence == models::Presence::present ? "right" : std::string(name_of(presence)).c_str());
    }
    return good ? kAllGood : kSomeFailed;
  }

  struct Recognised {
    std::string why;
    std::string yaml;  // empty: not recognised
  };

  // The card that a run would take: by content, beside the file, or guessed.
  Recognised recognise(const std::string& path, const ModelSignature& signature) const {
    try {
      const models::ResolvedModel model = store_.resolve(path, "", runtime::signature_of);
      return {model.note, models::to_yaml(model.card)};
    } catch (const Error&) {  // a card that does not fit; the guess may know a family all the same
    }
    const auto guess = models::guess_card(signature, std::filesystem::path(path).filename().string());
    return guess ? Recognised{guess->why, models::to_yaml(guess->card)} : Recognised{};
  }

  int inspect() const {
    Json all = Json::array();
    for (const std::string& path : arguments("the .onnx file")) {
      const Json file = inspected(path);
      if (!values_.on("json")) print_inspected(file, !all.empty());
      all.push_back(file);
    }
    if (values_.on("json")) print_json(all);
    return kAllGood;
  }

  Json inspected(const std::string& path) const {
    const models::ModelData data = models::ModelData::map(path);
    const ModelSignature signature = runtime::signature_of(path, data.bytes());
    const Recognised card = recognise(path, signature);
    const bool dynamic = !signature.inputs.empty() && !signature.inputs.front().shape.empty() &&
                         signature.inputs.front().shape.front() < 0;
    Json json = {{"file", path},
                 {"bytes", data.bytes().size()},
                 {"sha256", platform::sha256(data.bytes())},
                 {"dynamic_batch", dynamic}};
    for (const Port& port : signature.inputs) json["inputs"].push_back(cli::to_json(port));
    for (const Port& port : signature.outputs) json["outputs"].push_back(cli::to_json(port));
    for (const auto& [key, value] : signature.metadata) json["metadata"][key] = value;
    json["recognised"] = card.yaml.empty() ? Json(nullptr) : Json(card.why);
    if (!card.yaml.empty()) json["card"] = card.yaml;
    return json;
  }

  static std::string batching_text(const Json& json) {
    if (json["dynamic_batch"].get<bool>()) return "works: dimension 0 of the input is dynamic";
    const Json& inputs = json["inputs"];
    if (inputs.empty() || inputs.front()["shape"].empty()) return "does not work: the input has no dimensions";
    const auto extent = inputs.front()["shape"].front().get<std::int64_t>();
    return "does not work: dimension 0 of the input is fixed, the file takes " + count_text(extent, "picture") +
           " at a time";
  }

  static void print_inspected(const Json& json, bool further) {
    const std::string path = json["file"].get<std::string>();
    std::printf("%s%s\n  %s, sha256 %s\n", further ? "\n" : "", printable(path).c_str(),
                bytes_text(json["bytes"].get<std::int64_t>()).c_str(), json["sha256"].get<std::string>().c_str());
    print_ports(json);
    std::printf("  batching %s\n", batching_text(json).c_str());
    if (json["recognised"].is_null()) {
      std::printf("unknown model family; a card beside it (%s) can describe how to run it\n",
                  std::filesystem::path(path).replace_extension(".yaml").filename().c_str());
    } else {
      std::printf("%s\n\n%s", printable(json["recognised"].get<std::string>()).c_str(),
                  json["card"].get<std::string>().c_str());
    }
  }

  const Values& values_;
  const std::vector<std::string>& words_;
  models::ModelStore store_;
};

}  // namespace

int run_models(const Invocation& invocation) {
  return ModelsCommand(invocation).run();
}

}  // namespace pixmill::cli
