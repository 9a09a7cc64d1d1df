#include "pipeline/graphs.h"

#include <algorithm>
#include <set>
#include <utility>

#include "pipeline/engines.h"
#include "pipeline/fingerprint.h"
#include "pixmill/core/error.h"
#include "pixmill/pipeline/tile_costs.h"
#include "pixmill/runtime/model_file.h"

namespace pixmill::pipeline {
namespace {

// One inference of a tile may take this part of a job's memory, and no more than that.
constexpr std::size_t kTilePart = 4, kMostTileMemory = std::size_t{448} << 20;

// Inputs of a model in a job, which say whether a backend that takes long to load is worth it: a picture in tiles is
// many of them.
std::int64_t inputs_of(const models::ModelCard& card, std::int64_t pictures) {
  constexpr std::int64_t kTilesOfPicture = 32;  // of a megapixel, in tiles of 200 pixels
  return card.input.fit == models::Fit::tile ? pictures * kTilesOfPicture : pictures;
}

// A model of one of `tasks`; without any, of the job alone where it runs one model.
models::ResolvedModel resolve_for_job(const JobSpec& spec, const std::string& name,
                                      const std::vector<std::string>& tasks) {
  const models::ModelStore store(spec.home.models);
  if (tasks.empty()) return store.resolve(name, spec.further_models.empty() ? spec.job : "", runtime::signature_of);
  models::ResolvedModel model = store.resolve(name, "", runtime::signature_of);
  if (std::find(tasks.begin(), tasks.end(), model.card.task) != tasks.end()) return model;
  return store.resolve(name, tasks.front(), runtime::signature_of);  // says why not
}

models::ResolvedModel resolve_model(const JobSpec& spec, const FurtherModel& named) {
  models::ResolvedModel model = resolve_for_job(spec, named.name, named.tasks);
  if (spec.session.precision != runtime::Precision::int8) return model;
  const bool quantised =
      runtime::read_model_file({model.name, model.data.bytes(), {}}).precision == runtime::Precision::int8;
  return quantised ? std::move(model) : models::ModelStore(spec.home.models).variant(model, "int8");
}

// The model with an input of `size` x `size` pixels; 0: as its card has it.
models::ResolvedModel with_size(models::ResolvedModel model, int size) {
  if (size == 0) return model;
  models::InputSpec& input = model.card.input;
  const ModelSignature signature = runtime::read_signature({model.name, model.data.bytes(), {}});
  const std::size_t first = input.planar ? 2 : 1;  // of the dimensions: height, then width
  const std::vector<std::int64_t> shape =
      signature.inputs.empty() ? std::vector<std::int64_t>() : signature.inputs.front().shape;
  if (shape.size() == 4 && (shape[first] > 0 || shape[first + 1] > 0) &&
      (shape[first] != size || shape[first + 1] != size)) {
    const auto text = [](std::int64_t extent) { return extent > 0 ? std::to_string(extent) : std::string("any"); };
    throw Error(ErrorCode::usage,
                model.name + " takes " + text(shape[first + 1]) + " x " + text(shape[first]) +
                    " pixels and nothing else: --imgsz " + std::to_string(size) + " does not fit",
                "leave --imgsz out, or use a model whose file leaves the size open (pixmill models inspect)");
  }
  if (size % input.multiple != 0) {
    throw Error(ErrorCode::usage,
                model.name + " takes multiples of " + std::to_string(input.multiple) + " pixels, not --imgsz " +
                    std::to_string(size),
                "--imgsz " + std::to_string(size + input.multiple - size % input.multiple) + " fits");
  }
  input.size = {size, size};
  return model;
}

// What runs: the model, or its variant in int8 where "auto" chose that. It keeps the name that the user knows.
models::ResolvedModel model_to_run(const JobSpec& spec, models::ResolvedModel model, const Choice& choice) {
  const bool chosen =
      spec.session.precision == runtime::Precision::automatic && choice.session.precision == runtime::Precision::int8;
  if (!chosen) return model;
  models::ResolvedModel variant = models::ModelStore(spec.home.models).variant(model, "int8");
  variant.name = std::move(model.name);
  variant.note = std::move(model.note);
  return variant;
}

std::vector<ModelSignature> signatures_of(const models::ResolvedModel& first,
                                          const std::vector<models::ResolvedModel>& others) {
  const auto signature = [](const models::ResolvedModel& model) {
    return runtime::read_signature({model.name, model.data.bytes(), model.content_hash});
  };
  std::vector<ModelSignature> signatures = {signature(first)};
  for (const models::ResolvedModel& other : others) signatures.push_back(signature(other));
  return signatures;
}

// The model that is named, then the other files of its card.
void add_graphs(const JobSpec& spec, const FurtherModel& wanted, std::int64_t pictures, std::vector<JobGraph>& graphs,
                std::vector<models::ModelCard>& cards) {
  models::ResolvedModel named = resolve_model(spec, wanted);
  std::vector<models::ResolvedModel> others = models::ModelStore(spec.home.models).further_graphs(named);
  if (!others.empty()) named.card.signatures = signatures_of(named, others);
  std::vector<Choice> choices = choose_devices(spec, named, inputs_of(named.card, pictures));
  std::string hash = named.content_hash;
  models::ResolvedModel model = with_size(model_to_run(spec, std::move(named), choices.front()), wanted.input_size);
  cards.push_back(model.card);
  graphs.push_back({std::move(model), std::move(hash), std::move(choices)});
  std::size_t of_card = 0;
  for (models::ResolvedModel& other : others) {
    other.card.input = cards.back().input;
    std::vector<Choice> places = choose_devices(spec, other, inputs_of(other.card, pictures));
    std::string content = other.content_hash;
    graphs.push_back({std::move(other), std::move(content), std::move(places), ++of_card});
  }
}

// What the task says of its graphs goes to their files.
void match(const tasks::Task& task, std::vector<JobGraph>& graphs) {
  std::vector<tasks::Graph> wanted = task.graphs();
  const std::string first = graphs.empty() ? "no model" : graphs.front().model.name;
  if (wanted.size() != graphs.size()) {
    throw Error(ErrorCode::bad_model,
                first + ": " + std::string(task.name()) + " runs " + std::to_string(wanted.size()) +
                    " files, the card names " + std::to_string(graphs.size()),
                "correct `graphs` in the card");
  }
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    const auto& roles = graphs[i].model.card.graphs;
    const std::size_t at = graphs[i].of_card;
    if (!roles.empty() && roles[at].role != wanted[i].role) {
      throw Error(ErrorCode::bad_model,
                  first + ": the card's graph " + std::to_string(at + 1) + " is the '" + roles[at].role + "', " +
                      std::string(task.name()) + " runs the '" + wanted[i].role + "' there",
                  "correct `graphs` in the card");
    }
    graphs[i].graph = std::move(wanted[i]);
  }
}

// What tiles cost the model where it runs; on the first device, where there are several.
std::vector<models::TileCost> tile_costs(const JobSpec& spec, const JobGraphs& graphs, std::size_t at,
                                         std::int64_t pictures, const std::vector<runtime::SessionInfo>& planned) {
  const JobGraph& graph = graphs.all[at];
  const models::InputSpec& input = graph.model.card.input;
  std::string engine = graphs.engine_text(spec, at, planned);
  engine += "\n" + std::to_string(planned.front().streams) + " x " + std::to_string(planned.front().threads);
  return known_tile_costs(spec.home, engine, [&]() -> std::vector<models::TileCost> {
    const Choice& choice = graph.choices.front();
    const int batch = first_batch(choice, graph.model.card, pictures);
    try {
      // Not the job's session: it would keep the memory of the largest tile.
      const models::ResolvedModel& model = graph.model;
      const auto session = runtime::load_session({model.name, model.data.bytes(), model.content_hash},
                                                 options_for_batch(choice, graph.graph, batch));
      return measure_tiles(*session, graph.graph.typical.front(), input.planar ? 2 : 1, input.multiple);
    } catch (const Error&) {
      return {};  // whoever loads the model for the job says what is wrong
    }
  });
}

}  // namespace

JobGraphs find_graphs(const JobSpec& spec, std::int64_t pictures, std::size_t memory) {
  JobGraphs graphs;
  std::vector<models::ModelCard> cards;
  if (!spec.model.empty())
    add_graphs(spec, {spec.model, spec.model_tasks, spec.input_size}, pictures, graphs.all, cards);
  for (const FurtherModel& model : spec.further_models) add_graphs(spec, model, pictures, graphs.all, cards);
  graphs.task = spec.make_task(cards);
  match(*graphs.task, graphs.all);
  bool measured = false;
  std::size_t card = 0;
  for (std::size_t at = 0; at < graphs.all.size() && !spec.dry_run; ++at) {
    if (graphs.all[at].of_card != 0) continue;
    models::ModelCard& own = cards[card++];
    if (!graphs.all[at].graph.tiles) continue;
    const std::vector<runtime::SessionInfo> planned = graphs.planned(at, pictures);
    own.tile_costs = {
        tile_costs(spec, graphs, at, pictures, planned),
        static_cast<std::int64_t>(std::min(memory / kTilePart, kMostTileMemory)),
        static_cast<int>(std::max<std::int64_t>(planned.front().streams / std::max<std::int64_t>(pictures, 1), 1))};
    measured = true;
  }
  if (measured) graphs.task = spec.make_task(std::move(cards));
  return graphs;
}

std::string JobGraphs::model_name() const {
  std::string names;
  for (const JobGraph& graph : all) {
    if (graph.of_card == 0) names += (names.empty() ? "" : "+") + graph.model.name;
  }
  return names;
}

std::string JobGraphs::models_key() const {
  if (all.size() == 1) return all.front().named_hash;
  std::string text;
  for (const JobGraph& graph : all) text += graph.named_hash + "\n";
  return hash_of(std::as_bytes(std::span(text)));
}

std::vector<runtime::SessionInfo> JobGraphs::planned(std::size_t graph, std::int64_t pictures) const {
  const JobGraph& one = all[graph];
  std::vector<runtime::SessionInfo> sessions;
  for (const Choice& choice : one.choices) {
    const int batch = first_batch(choice, one.model.card, pictures);
    sessions.push_back(runtime::plan_session(options_for_batch(choice, one.graph, batch)));
  }
  return sessions;
}

std::vector<runtime::SessionInfo> JobGraphs::planned(std::int64_t pictures) const {
  std::vector<runtime::SessionInfo> sessions;
  for (std::size_t graph = 0; graph < all.size(); ++graph) {
    for (runtime::SessionInfo& session : planned(graph, pictures)) sessions.push_back(std::move(session));
  }
  return sessions;
}

std::string JobGraphs::engine_text(const JobSpec& spec, std::size_t graph,
                                   const std::vector<runtime::SessionInfo>& sessions) const {
  std::set<std::string> devices;
  for (const runtime::SessionInfo& info : sessions) {
    devices.insert(info.backend + " " + info.backend_version + " " + info.device + " " +
                   std::string(runtime::name_of(info.precision)));
  }
  std::string text = all[graph].model.content_hash;
  for (const std::string& device : devices) text += "\n" + device;
  for (const auto& [name, value] : spec.session.provider_options)
    text.append("\n").append(name).append("=").append(value);
  for (const int output : all[graph].graph.outputs) text += "\n" + std::to_string(output);
  return text;
}

}  // namespace pixmill::pipeline
