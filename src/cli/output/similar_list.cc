#include "cli/output/similar_list.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/output/event_json.h"
#include "cli/output/report_page.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/format_text.h"
#include "pixmill/core/text.h"

namespace pixmill::cli {
namespace {

using nlohmann::ordered_json;
using pipeline::VectorIndex;
using Sink = std::function<void(std::string_view)>;

std::string similarity_text(float similarity) {
  return format_text("%.4f", static_cast<double>(similarity));
}

void write_text(const SimilarList& list, const std::vector<Answer>& answers, const Sink& sink) {
  for (const Answer& answer : answers) {
    if (!list.paths_alone && answers.size() > 1) sink((&answer == &answers.front() ? "" : "\n") + answer.query + "\n");
    for (const VectorIndex::Hit& hit : answer.hits)
      sink(list.paths_alone ? hit.picture.string() + list.end
                            : similarity_text(hit.similarity) + "  " + hit.picture.string() + "\n");
  }
}

void write_csv(const std::vector<Answer>& answers, const Sink& sink) {
  sink("query,rank,similarity,path\n");
  for (const Answer& answer : answers) {
    for (std::size_t i = 0; i < answer.hits.size(); ++i)
      sink(csv_field(answer.query) + "," + std::to_string(i + 1) + "," + similarity_text(answer.hits[i].similarity) +
           "," + csv_field(answer.hits[i].picture.string()) + "\n");
  }
}

void write_json(const std::vector<Answer>& answers, const Sink& sink) {
  sink("{\n  \"queries\": [");
  for (const Answer& answer : answers) {
    ordered_json hits = ordered_json::array();
    for (const VectorIndex::Hit& hit : answer.hits)
      hits.push_back({{"path", hit.picture.string()}, {"similarity", std::round(double{hit.similarity} * 1e4) / 1e4}});
    sink(std::string(&answer == &answers.front() ? "\n    " : ",\n    ") +
         dump({{"query", answer.query}, {"kind", answer.picture ? "picture" : "text"}, {"hits", hits}}));
  }
  sink(answers.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

PageSection section(const Answer& answer) {
  PageSection section{page_text(printable(answer.query)), {}};
  if (answer.picture) section.pictures.push_back({answer.query, "<span class=\"role\">the query</span>", true});
  for (const VectorIndex::Hit& hit : answer.hits) {
    const std::string path = hit.picture.string();
    section.pictures.push_back(
        {path, "<span class=\"role\">" + similarity_text(hit.similarity) + "</span> " + page_text(printable(path)),
         false});
  }
  return section;
}

}  // namespace

void write_answers(const SimilarList& list, const std::vector<Answer>& answers, const Sink& sink) {
  switch (list.format) {
    case ListFormat::text: return write_text(list, answers, sink);
    case ListFormat::csv: return write_csv(answers, sink);
    case ListFormat::json: return write_json(answers, sink);
  }
}

PicturePage page_of(const std::vector<Answer>& answers) {
  return {answers.size() == 1 ? "A query and the pictures most like it"
                              : std::to_string(answers.size()) + " queries and the pictures most like each",
          "query", answers.size(), [&answers](std::size_t i) { return section(answers[i]); }};
}

}  // namespace pixmill::cli
