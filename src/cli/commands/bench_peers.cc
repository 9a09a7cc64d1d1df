// Other programs as contenders: a script that follows the protocol of bench, in the peer's own Python.
#include <algorithm>

#include "cli/commands/bench_contenders.h"
#include "cli/commands/commands.h"
#include "cli/output/bench_page.h"
#include "pixmill/core/nearest.h"
#include "pixmill/models/model_store.h"
#include "pixmill/platform/python.h"

namespace pixmill::cli {
namespace fs = std::filesystem;
namespace {

struct Peer {
  std::string_view name;
  std::string_view job;
  std::string_view install;              // what pip is told
  std::vector<std::string_view> models;  // that it knows under the same name
};

const std::vector<Peer>& known_peers() {
  static const std::vector<Peer> peers = {
      {.name = "rembg",
       .job = "cutout",
       .install = "'rembg[cpu,cli]'",
       .models = {"u2netp", "u2net", "u2net_human_seg", "silueta", "isnet-general-use", "isnet-anime",
                  "birefnet-general", "birefnet-general-lite", "birefnet-portrait"}},
  };
  return peers;
}

const Peer& peer_for(const std::string& name, const std::string& job) {
  const auto& all = known_peers();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Peer& peer) { return peer.name == name; });
  if (found->job == job) return *found;
  std::string others;
  for (const Peer& peer : all) {
    if (peer.job == job) others += (others.empty() ? "" : ", ") + std::string(peer.name);
  }
  throw Error(ErrorCode::usage, name + " is compared with " + std::string(found->job) + ", not with " + job,
              others.empty() ? "" : job + " is compared with " + others);
}

// The weights as a file, under the name that both know.
struct SharedModel {
  std::string id;
  fs::path file;
};

SharedModel model_for(const Peer& peer, const pipeline::JobSpec& spec) {
  const models::ModelStore store(spec.home.models);
  const models::ResolvedModel model = store.resolve(spec.model, spec.job, runtime::signature_of);
  const std::string& id = model.card.id;
  if (std::find(peer.models.begin(), peer.models.end(), id) == peer.models.end()) {
    throw Error(ErrorCode::usage, std::string(peer.name) + " has no model '" + id + "'",
                "-m " + std::string(peer.models.front()) + " is one that both have");
  }
  return {id, fs::absolute(fs::exists(spec.model) ? fs::path(spec.model) : store.find(id).path)};
}

void require_installed(const Peer& peer, const std::string& python, const fs::path& folder) {
  const std::string name(peer.name);
  const std::string hint = "python3 -m venv peers && peers/bin/pip install " + std::string(peer.install) +
                           ", then --peer-python peers/bin/python";
  bool there = false;
  try {
    there = platform::run_python(python, {"-c", "from importlib.metadata import version; version('" + name + "')"},
                                 folder, {.stop = &interrupted()})
                .good();
  } catch (const Error&) {
    throw Error(ErrorCode::not_found, "--against " + name + ": there is no program '" + python + "'", hint);
  }
  if (interrupted()) throw Error(ErrorCode::interrupted, "interrupted");
  if (!there) throw Error(ErrorCode::not_found, "--against " + name + ": it is not installed for " + python, hint);
}

}  // namespace

std::vector<measure::Contender> peers(const Invocation& invocation, const pipeline::JobSpec& spec,
                                      const std::vector<fs::path>& pictures, const fs::path& folder) {
  std::vector<measure::Contender> all;
  const std::string& python = invocation.values.text("peer-python");
  for (const std::string& name : invocation.values.texts("against")) {
    const Peer& peer = peer_for(name, spec.job);
    require_installed(peer, python, folder);
    const SharedModel model = model_for(peer, spec);
    const fs::path home = folder / name;
    fs::create_directories(home / "models");
    fs::create_directories(home / "pictures");
    fs::create_symlink(model.file, home / "models" / (model.id + ".onnx"));
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      fs::create_symlink(fs::absolute(pictures[i]),
                         home / "pictures" / (std::to_string(i) + pictures[i].extension().string()));
    }
    all.push_back(
        {.name = name,
         .options = {{"peer", name}, {"model", model.id}},
         .command = platform::python_command(python, {"-c", std::string(bench_page().rembg), model.id,
                                                      (home / "models").string(), (home / "pictures").string()}),
         .folder = home});
  }
  return all;
}

}  // namespace pixmill::cli
