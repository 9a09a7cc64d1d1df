#include "cli/output/compare_page.h"

#include <algorithm>
#include <future>
#include <utility>

#include "cli/output/compare_pictures.h"
#include "cli/output/live_line.h"
#include "cli/output/page_template.h"
#include "cli/output/report_page.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "cli/output_file.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/pipeline/sources.h"
#include "pixmill/platform/cores.h"

// Made by cmake/ReportPages.cmake.
extern "C" const char pixmill_compare_html[], pixmill_compare_html_end[];
extern "C" const char pixmill_compare_css[], pixmill_compare_css_end[];
extern "C" const char pixmill_compare_script[], pixmill_compare_script_end[];

namespace pixmill::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostPairs = 500;
constexpr int kMostAtOnce = 4;
constexpr std::size_t kMostBytes = 40'000'000;  // of the page: browsers open that in a second or two

// Pixels of the longer side: the more pictures, the smaller.
int side_for(std::size_t pairs) {
  return pairs <= 10 ? 2048 : pairs <= 40 ? 1440 : 960;
}

bool is_picture(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  return extension.size() > 1 && codecs::format_from(extension.substr(1)).has_value();
}

// A pair as JSON for the page, or why there is none.
struct Shown {
  std::string json, why_not;
};

Shown shown(const std::filesystem::path& before, const std::filesystem::path& after, int side) {
  try {
    Json pair = compared_pair(before, after, side);
    pair["name"] = printable(before.string());
    pair["result"] = printable(after.string());
    return {for_script(dump(pair)), {}};
  } catch (const Error& error) {
    return {{}, error.message()};
  }
}

}  // namespace

ComparePage::ComparePage(std::filesystem::path file, bool overwrite) : file_(std::move(file)), overwrite_(overwrite) {
  check_output_page("--compare", file_, overwrite_);
}

void ComparePage::operator()(const pipeline::Event& event) {
  if (const auto* began = std::get_if<pipeline::Began>(&event)) {
    job_ = began->job;
    model_ = began->model;
  }
  if (const auto* done = std::get_if<pipeline::Done>(&event)) add(done->input, done->outputs);
  if (const auto* skipped = std::get_if<pipeline::Skipped>(&event)) add(skipped->input, skipped->outputs);
}

void ComparePage::add(const std::filesystem::path& input, const std::vector<std::filesystem::path>& outputs) {
  const auto result = std::find_if(outputs.begin(), outputs.end(), is_picture);
  if (result == outputs.end() || input == "-") return;
  pairs_.size() < kMostPairs ? pairs_.push_back({input, *result}) : void(++others_);
}

// All pairs as one list, until the page is full.
ComparePage::Gathered ComparePage::gather(const std::atomic<bool>& stop) {
  Gathered all;
  std::sort(pairs_.begin(), pairs_.end(),
            [](const Pair& a, const Pair& b) { return pipeline::natural_less(a.before.native(), b.before.native()); });
  const auto at_once = static_cast<std::size_t>(std::clamp(platform::usable_cores(), 1, kMostAtOnce));
  const int side = side_for(pairs_.size());
  std::size_t next = 0;
  LiveLine line;
  while (next < pairs_.size() && all.json.size() < kMostBytes && !stop) {
    line.show("--compare: picture " + std::to_string(next + 1) + " of " + std::to_string(pairs_.size()));
    std::vector<std::future<Shown>> group;
    for (; group.size() < at_once && next < pairs_.size(); ++next) {
      group.push_back(std::async(std::launch::async,
                                 [pair = &pairs_[next], side] { return shown(pair->before, pair->after, side); }));
    }
    for (std::future<Shown>& one : group) {
      Shown pair = one.get();
      if (pair.json.empty() && all.failed++ == 0) all.first_failure = std::move(pair.why_not);
      if (!pair.json.empty()) all.json += (all.shown++ > 0 ? ",\n" : "\n") + pair.json;
    }
  }
  line.clear();
  if (stop) throw Error(ErrorCode::interrupted, "--compare: " + file_.string() + " was not written");
  all.left_out = others_ + static_cast<std::int64_t>(pairs_.size() - next);
  return all;
}

void ComparePage::write(bool quiet, const std::atomic<bool>& stop) {
  const Gathered all = gather(stop);
  std::string rest;
  if (all.left_out > 0)
    rest = count_text(all.left_out, "more picture") + " of the run would have made the page too large.";
  if (all.failed > 0) {
    rest += (rest.empty() ? "" : " ") + count_text(all.failed, "picture") + " could not be shown: " + all.first_failure;
  }
  const std::string count = count_text(all.shown, "picture");
  const std::string title = count + " before and after: " + job_ + (model_.empty() ? "" : ", " + model_);
  const auto built_in = [](const char* begin, const char* end) { return std::string(begin, end); };
  const std::string page = filled({pixmill_compare_html, pixmill_compare_html_end},
                                  {{"mark", std::string(kHtmlMark)},
                                   {"title", page_text(title)},
                                   {"rest", page_text(rest)},
                                   {"style", built_in(pixmill_compare_css, pixmill_compare_css_end)},
                                   {"data", "[" + all.json + "]"},
                                   {"script", built_in(pixmill_compare_script, pixmill_compare_script_end)}});
  write_output_file("--compare", file_, page, overwrite_);
  if (!quiet) {
    std::fprintf(stderr, "%s: %s before and after, %s\n", printable(file_.string()).c_str(), count.c_str(),
                 bytes_text(static_cast<std::int64_t>(page.size())).c_str());
  }
  if (!rest.empty()) std::fprintf(stderr, "note: --compare: %s\n", printable(rest).c_str());
}

}  // namespace pixmill::cli
