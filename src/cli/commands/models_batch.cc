#include "cli/commands/models_batch.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/commands/commands.h"
#include "cli/output/live_line.h"
#include "cli/output/ports.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/measure/rebatch.h"

namespace pixmill::cli {
namespace {

using Json = nlohmann::ordered_json;
using measure::Batchable;

std::string name_of(const runtime::BatchObstacle& obstacle) {
  return obstacle.node.empty() ? obstacle.op : obstacle.op + " '" + obstacle.node + "'";
}

Json to_json(const Batchable& found) {
  Json json = {{"file", found.name},
               {"batches", found.works},
               {"dynamic_batch", found.dynamic},
               {"can_be_rewritten", found.can_be}};
  for (const Port& port : found.signature.inputs) json["inputs"].push_back(cli::to_json(port));
  for (const Port& port : found.signature.outputs) json["outputs"].push_back(cli::to_json(port));
  if (found.proof) {
    json["difference"] = found.proof->difference;
    json["tolerance"] = found.proof->tolerance;
    if (!found.proof->why_not.empty()) json["why_not"] = found.proof->why_not;
  }
  if (found.obstacle) {
    json["obstacle"] = {{"node", found.obstacle->node}, {"operator", found.obstacle->op}, {"why", found.obstacle->why}};
  }
  json["changes"] = found.changes;
  return json;
}

// The dimension of a picture's channels: 1 as planes, 3 as pixels.
std::size_t channels_of(const std::vector<std::int64_t>& shape) {
  const auto colour = [](std::int64_t extent) { return extent == 1 || extent == 3 || extent == 4; };
  return !colour(shape[1]) && colour(shape[3]) ? 3 : 1;
}

std::string good_or(bool good, const std::string& what) {
  return good ? "yes" : "no, it is " + what;
}

// What a picture's input needs for batches, and whether it is so.
void print_expected(const Json& input) {
  const Json& shape = input["shape"];
  const std::string first = shape.empty() ? "missing" : dimension_text(shape.front());
  std::printf("  expected for batches: dimension 0 dynamic: %s\n",
              good_or(first.starts_with("dynamic"), first).c_str());
  if (shape.size() != 4) return;
  std::vector<std::int64_t> extents;
  for (const Json& extent : shape) extents.push_back(extent.is_string() ? -1 : extent.get<std::int64_t>());
  const std::size_t channel = channels_of(extents);
  const std::string channels = dimension_text(shape[channel]);
  const bool known = extents[channel] == 3 || extents[channel] == 1;
  std::printf("    dimension %zu fixed 3 (colour) or 1 (gray): %s\n", channel, good_or(known, channels).c_str());
  std::printf("    dimensions %s dynamic or fixed: %s and %s\n", channel == 1 ? "2 and 3" : "1 and 2",
              dimension_text(shape[channel == 1 ? 2 : 1]).c_str(), dimension_text(shape[channel == 1 ? 3 : 2]).c_str());
}

std::string difference_text(const measure::BatchProof& proof) {
  char text[96];
  std::snprintf(text, sizeof text, proof.difference > 0 ? "off by at most %.1e of the largest value" : "equal",
                proof.difference);
  return text;
}

// What keeps the graph from taking a batch.
std::string obstacle_text(const Batchable& found) {
  return found.obstacle ? name_of(*found.obstacle) + ": " + found.obstacle->why : found.proof->why_not;
}

void print_verdict(const Batchable& found) {
  if (found.works) {
    std::printf("  batches work: four pictures at once gave what each gives alone (%s)\n",
                difference_text(*found.proof).c_str());
    return;
  }
  const std::string fixed = "dimension 0 of the input is fixed, the file takes " +
                            count_text(found.signature.inputs.front().shape.front(), "picture") + " at a time";
  std::string why = found.dynamic ? "the graph fixes the number of pictures, though its inputs do not" : fixed;
  if (found.dynamic && found.proof && !found.can_be) why = found.proof->why_not;
  std::printf("  batches do not work: %s\n", printable(why).c_str());
  if (found.can_be) {
    std::printf("  `pixmill models rebatch %s -o OUT.onnx` writes a file for which they do: %s to change (tried: %s)\n",
                printable(found.name).c_str(),
                count_text(static_cast<std::int64_t>(found.changes.size()), "node").c_str(),
                difference_text(*found.proof).c_str());
  } else if (found.obstacle || !found.dynamic) {
    std::printf("  and the graph forbids them: %s\n", printable(obstacle_text(found)).c_str());
  }
}

void print_made(const measure::Rebatched& made, const std::string& model, const std::string& out) {
  const std::string proof = difference_text(*made.findings.proof);
  if (!made.written) {
    std::fprintf(stderr, "%s takes batches as it is (tried: %s); nothing was written\n", printable(model).c_str(),
                 proof.c_str());
    return;
  }
  std::fprintf(stderr, "%s takes any batch: four pictures at once gave what the original gives for each (%s)\n",
               printable(out).c_str(), proof.c_str());
  if (!made.card.empty())
    std::fprintf(stderr, "%s says how to run it: keep it beside the file\n", printable(made.card.string()).c_str());
}

void print(const Batchable& found) {
  const Json json = to_json(found);
  std::printf("%s\n", printable(found.name).c_str());
  print_ports(json);
  print_expected(json["inputs"].front());
  print_verdict(found);
}

}  // namespace

int models_batchable(const Values& values, const std::vector<std::string>& models) {
  const platform::Home home = platform::find_home();
  Json all = Json::array();
  bool good = true;
  for (const std::string& model : models) {
    LiveLine line;
    line.show(model + ": four pictures at once, and one by one");
    const Batchable found = measure::find_batchable(model, home);
    line.clear();
    good = good && found.works;
    if (!values.on("json")) {
      if (!all.empty()) std::printf("\n");
      print(found);
    }
    all.push_back(to_json(found));
  }
  if (values.on("json")) std::puts(dump(all.size() == 1 ? all.front() : all).c_str());
  return good ? kAllGood : kSomeFailed;
}

int models_rebatch(const Values& values, const std::string& model) {
  const std::string& out = values.text("output");
  if (out.empty())
    throw Error(
        ErrorCode::usage, "models rebatch: -o is missing",
        "pixmill models rebatch " + model + " -o " + std::filesystem::path(model).stem().string() + "_batch.onnx");
  LiveLine line;
  line.show(model + ": following the batch through the graph");
  const measure::Rebatched made = measure::rebatch(model, out, values.on("yes"), platform::find_home());
  line.clear();
  if (values.on("json")) {
    Json json = to_json(made.findings);
    json["written"] = made.written ? Json(out) : Json(nullptr);
    json["card"] = made.card.empty() ? Json(nullptr) : Json(made.card.string());
    std::puts(dump(json).c_str());
  } else if (made.written) {
    for (const std::string& change : made.findings.changes) std::printf("%s\n", printable(change).c_str());
    std::fflush(stdout);
  }
  if (!made.written && !made.findings.works) {
    complain(Error(ErrorCode::bad_model,
                   model + " cannot take several pictures at once: " + obstacle_text(made.findings),
                   "nothing was written; export the model again with a dynamic batch"));
    return kSomeFailed;
  }
  if (!values.on("json")) print_made(made, model, out);
  return kAllGood;
}

}  // namespace pixmill::cli
