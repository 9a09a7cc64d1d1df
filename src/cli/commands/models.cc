// pixmill models: the store on the command line.
#include <cstdio>
#include <cstring>
#include <set>

#include "cli/commands/commands.h"
#include "cli/confirm.h"
#include "cli/output/event_json.h"
#include "cli/output/live_line.h"
#include "cli/output/terminal.h"
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

Json to_json(const Port& port) {
  Json shape = Json::array();
  for (std::size_t i = 0; i < port.shape.size(); ++i) {
    const bool named = port.shape[i] < 0 && i < port.dimension_names.size() && !port.dimension_names[i].empty();
    shape.push_back(named ? Json(port.dimension_names[i]) : Json(port.shape[i]));
  }
  return {{"name", port.name}, {"type", pixmill::name_of(port.type)}, {"shape", shape}};
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
    throw_unknown_word(values_.command(), word);
  }

 private:
  const std::string& argument(const char* what) const {
    if (words_.size() < 2)
      throw Error(ErrorCode::usage, "models " + words_.front() + ": " + what + " is missing", "pixmill models --help");
    return words_[1];
  }

  int list() const {
    const std::vector<models::StoreEntry> entries = store_.list();
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
    std::set<std::string> others;
    for (const models::StoreEntry& entry : entries) {
      if (!entry.card.task.empty() && find_command(entry.card.task) == nullptr) others.insert(entry.card.task);
    }
    std::string names;
    for (const std::string& task : others) names += (names.empty() ? "" : ", ") + task;
    if (!names.empty())
      std::printf("\n%s: there is no such job here; `pixmill verify -m ID` tries their models.\n", names.c_str());
    return kAllGood;
  }

  int show() const {
    const models::StoreEntry entry = store_.find(argument("the model's id"));
    if (values_.on("json")) {
      Json json = to_json(entry);
      json["card"] = models::to_yaml(entry.card);
      std::puts(dump(json).c_str());
      return kAllGood;
    }
    std::printf("# %s%s%s\n%s", std::string(name_of(entry.presence)).c_str(), entry.path.empty() ? "" : ": ",
                entry.path.c_str(), models::to_yaml(entry.card).c_str());
    return kAllGood;
  }

  int pull() {
    const models::StoreEntry entry = store_.find(argument("the model's id"));
    const std::string size = bytes_of(entry.card) > 0 ? bytes_text(bytes_of(entry.card)) : "size not known";
    std::fprintf(stderr, "%s: %s, licence %s\n", printable(entry.card.id).c_str(), size.c_str(),
                 printable(entry.card.licence).c_str());
    if (entry.presence == models::Presence::built_in) {
      std::fprintf(stderr, "built in: nothing to fetch\n");
      return kAllGood;
    }
    const bool to_fetch = entry.presence != models::Presence::present && !entry.card.files.empty() &&
                          !entry.card.files.front().url.empty();
    if (to_fetch) confirm(values_, "fetch it?");  // what is here is only hashed again, and mended where it is damaged
    LiveLine line;
    store_.pull(entry.card.id, [&](std::int64_t done, std::int64_t total) {
      line.show(bytes_text(done) + " of " + (total > 0 ? bytes_text(total) : "?"));
      return !interrupted();
    });
    line.clear();
    std::fprintf(stderr, "%s is here and its hash is right\n", printable(entry.card.id).c_str());
    return kAllGood;
  }

  int add() {
    const models::StoreEntry entry =
        store_.add(argument("the .onnx file"), values_.text("card"), values_.text("id"), runtime::signature_of);
    const std::string use = find_command(entry.card.task) == nullptr ? "verify" : entry.card.task + " INPUT";
    std::fprintf(stderr, "%s is in the store: pixmill %s -m %s\n", entry.card.id.c_str(), use.c_str(),
                 entry.card.id.c_str());
    return kAllGood;
  }

  int remove() {
    const std::string& id = argument("the model's id");
    (void)store_.find(id);
    confirm(values_, "remove " + id + "?");
    store_.remove(id);
    return kAllGood;
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
    const std::string& path = argument("the .onnx file");
    const models::ModelData data = models::ModelData::map(path);
    const ModelSignature signature = runtime::signature_of(path, data.bytes());
    const Recognised card = recognise(path, signature);
    const bool dynamic = !signature.inputs.empty() && !signature.inputs.front().shape.empty() &&
                         signature.inputs.front().shape.front() < 0;
    Json json = {{"file", path},
                 {"bytes", data.bytes().size()},
                 {"sha256", platform::sha256(data.bytes())},
                 {"dynamic_batch", dynamic}};
    for (const Port& port : signature.inputs) json["inputs"].push_back(to_json(port));
    for (const Port& port : signature.outputs) json["outputs"].push_back(to_json(port));
    for (const auto& [key, value] : signature.metadata) json["metadata"][key] = value;
    json["recognised"] = card.yaml.empty() ? Json(nullptr) : Json(card.why);
    if (!card.yaml.empty()) json["card"] = card.yaml;
    if (values_.on("json")) {
      std::puts(dump(json).c_str());
      return kAllGood;
    }
    std::printf("%s\n  %s, sha256 %s\n", printable(path).c_str(),
                bytes_text(static_cast<std::int64_t>(data.bytes().size())).c_str(),
                json["sha256"].get<std::string>().c_str());
    for (const char* side : {"inputs", "outputs"}) {
      for (const Json& port : json[side]) {
        std::printf("  %-7s %s %s %s\n", std::string(side, std::strlen(side) - 1).c_str(),
                    printable(port["name"].get<std::string>()).c_str(), port["type"].get<std::string>().c_str(),
                    dump(port["shape"]).c_str());
      }
    }
    std::printf("  batch   %s\n", dynamic ? "any size" : "fixed by the file");
    if (card.yaml.empty()) {
      std::printf("of no family that pixmill knows; a card beside it (%s) would say how to run it\n",
                  std::filesystem::path(path).replace_extension(".yaml").filename().c_str());
    } else {
      std::printf("%s\n\n%s", printable(card.why).c_str(), card.yaml.c_str());
    }
    return kAllGood;
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
