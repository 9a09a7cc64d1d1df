// `pixmill import`: labels of other programs into the catalogue. No model is loaded.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/output/event_json.h"
#include "cli/output/live_line.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/text.h"
#include "pixmill/pipeline/importing.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace {

using nlohmann::ordered_json;
using pipeline::Imported;

constexpr std::size_t kFew = 20;  // classes, and labels without a picture, that are named where nobody wants all

pipeline::ImportSpec import_spec(const Invocation& invocation) {
  const Values& values = invocation.values;
  if (invocation.arguments.empty())
    throw Error(ErrorCode::usage, "no labels are named", "pixmill import labels/ --pictures photos/");
  pipeline::ImportSpec spec;
  spec.labels = invocation.arguments;
  spec.pictures = values.texts("pictures");
  spec.format = values.text("format");
  spec.names = values.text("names");
  spec.dry_run = values.on("dry-run");
  spec.home = platform::find_home();
  return spec;
}

void say(const std::string& text) {
  std::printf("%s\n", printable(text).c_str());
}

template <typename List, typename Text>
void say_list(const std::string& title, const List& list, bool all, Text text) {
  if (list.empty()) return;
  say(title + (all ? ":" : "; -v names them"));
  if (!all) return;
  for (const auto& one : list) say("  " + text(one));
}

std::string classes_text(const Imported& done, bool all) {
  std::vector<std::pair<std::string, std::int64_t>> classes = done.classes;
  std::stable_sort(classes.begin(), classes.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < classes.size() && (all || i < kFew); ++i)
    text += (i > 0 ? ", " : "") + std::to_string(classes[i].second) + " " + classes[i].first;
  return text + (!all && classes.size() > kFew ? ", ..." : "");
}

// "labels/: yolo, names of labels/data.yaml: 36 things in 50 pictures (2 of them empty), 3 classes"
void print_summary(const Imported& done, const Invocation& invocation) {
  const bool verbose = invocation.values.on("verbose"), dry = invocation.values.on("dry-run");
  say(joined(invocation.arguments, ", ") + ": " + done.format +
      (done.names_from.empty() ? "" : ", names of " + done.names_from) + ": " + count_text(done.labels, "label") +
      " on " + count_text(done.pictures, "picture") +
      (done.empty > 0 ? " (" + std::to_string(done.empty) + " without any)" : ""));
  if (!done.classes.empty()) say("classes: " + classes_text(done, verbose));
  say((dry ? "dry run: nothing was written; " : "") + std::to_string(done.written) +
      (dry ? " would be written, " : " written, ") + std::to_string(done.unchanged) + " unchanged" +
      (done.failed.empty() ? "" : ", " + std::to_string(done.failed.size()) + " failed"));
  const auto as_it_is = [](const std::string& text) { return text; };
  const auto as_path = [](const std::filesystem::path& path) { return path.string(); };
  const auto lonely = static_cast<std::int64_t>(done.without_picture.size());
  say_list("labels without a picture: " + std::to_string(lonely), done.without_picture, verbose, as_it_is);
  say_list("pictures without labels: " + std::to_string(done.without_labels.size()), done.without_labels, verbose,
           as_path);
}

void complain_about(const Imported& done) {
  for (const std::string& warning : done.warnings) complain(Error(ErrorCode::usage, warning, ""));
  for (const pipeline::Failed& failed : done.failed) complain(Error(failed.code, failed.message, failed.hint));
}

ordered_json to_json(const Imported& done, bool dry_run) {
  ordered_json json = {{"format", done.format},     {"names", done.names_from},    {"files", done.files},
                       {"pictures", done.pictures}, {"empty", done.empty},         {"labels", done.labels},
                       {"written", done.written},   {"unchanged", done.unchanged}, {"dry_run", dry_run}};
  json["classes"] = ordered_json::object();
  for (const auto& [name, count] : done.classes) {
    ordered_json& sum = json["classes"][name];  // two classes may be called the same
    sum = (sum.is_null() ? 0 : sum.get<std::int64_t>()) + count;
  }
  json["labels_without_picture"] = done.without_picture;
  json["pictures_without_labels"] = ordered_json::array();
  for (const std::filesystem::path& path : done.without_labels)
    json["pictures_without_labels"].push_back(path.string());
  json["failed"] = cli::to_json(done.failed);
  json["warnings"] = done.warnings;
  return json;
}

}  // namespace

int run_import(const Invocation& invocation) {
  const Values& values = invocation.values;
  const bool as_json = values.on("json"), quiet = values.on("quiet");
  const pipeline::ImportSpec spec = import_spec(invocation);
  LiveLine live(!as_json && !quiet);
  const auto progress = [&](std::int64_t done, std::int64_t total) {
    live.show(std::to_string(done) + " of " + count_text(total, "picture"));
  };
  Imported done;
  try {
    done = pipeline::import_labels(spec, progress, interrupted());
  } catch (const Error& error) {
    live.clear();
    if (error.code() != ErrorCode::not_found) throw;
    complain(error);
    return kNoPicture;
  }
  live.clear();
  if (as_json) {
    std::printf("%s\n", dump(to_json(done, spec.dry_run)).c_str());
  } else {
    if (!quiet) print_summary(done, invocation);
    complain_about(done);
  }
  return done.failed.empty() ? kAllGood : kSomeFailed;
}

}  // namespace pixmill::cli
