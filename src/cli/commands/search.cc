// `pixmill search`: which pictures of an index are most like the queries.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/commands/indexing.h"
#include "cli/commands/job.h"
#include "cli/commands/list_output.h"
#include "cli/output/live_line.h"
#include "cli/output/similar_list.h"
#include "pixmill/core/error.h"
#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/pipeline/vector_index.h"
#include "pixmill/runtime/model_file.h"
#include "pixmill/tasks/embed.h"
#include "pixmill/tasks/text_tower.h"

namespace pixmill::cli {
namespace fs = std::filesystem;
namespace {

using pipeline::VectorIndex;

// The job that makes vectors, as it was told when it made those of the index.
Invocation embed_like(const pipeline::VectorOrigin& origin, const Invocation& search) {
  const auto jobs = tasks::jobs();
  const auto* job = std::find_if(jobs.data(), jobs.data() + jobs.size(),
                                 [](const tasks::Job& one) { return one.record_kind == tasks::kEmbedding; });
  if (job == jobs.data() + jobs.size()) throw Error(ErrorCode::internal, "no job makes vectors");
  Invocation embed{Values(*find_command(job->name)), search.arguments};
  for (const Flag* flag : search.values.command().flags) {
    if (find_flag(embed.values.command(), flag->name) != flag) continue;  // one of all jobs
    const auto value = search.values.all().find(flag->name);
    if (value == search.values.all().end() || value->second.origin == Origin::fallback) continue;
    embed.values.set(*flag, value->second.texts, value->second.origin, value->second.where);
  }
  embed.values.set(*job_flag("output"), {}, Origin::fallback, {});
  embed.values.set(*find_flag(embed.values.command(), "index"), {search.values.text("index")}, Origin::fallback, {});
  take_vector_options(origin.options, search.values.text("index"), embed.values);
  return embed;
}

SimilarList list_of(const Values& values) {
  SimilarList list{list_format_of(values), values.on("paths"), values.on("print0") ? '\0' : '\n'};
  if (list.paths_alone && list.format != ListFormat::text)
    throw Error(ErrorCode::usage, "--paths is for paths alone, and the format is another one", "leave one of them out");
  if (values.on("print0") && !list.paths_alone) throw Error(ErrorCode::usage, "-0 is for paths alone", "add --paths");
  return list;
}

// A model's tower for texts, as it runs on its own. Throws Error{usage} where the model has none.
tasks::TextTower text_tower(const pipeline::JobSpec& spec) {
  const models::ModelStore store(spec.home.models);
  const models::ResolvedModel model = store.resolve(spec.model, "", runtime::signature_of);
  if (!model.card.text)
    throw Error(ErrorCode::usage, "--text: " + model.name + " makes vectors of pictures only",
                "make the index with a model of pictures and texts: clip-vit-b32");
  const models::ResolvedModel merges = store.further_file(model, model.card.text->merges, "tokenizer");
  const std::span<const std::byte> bytes = merges.data.bytes();
  tasks::Tokenizer tokenizer({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, merges.name);
  const models::ResolvedModel tower = store.further_file(model, model.card.text->file, "tower for texts");
  runtime::SessionOptions options = spec.session;
  if (options.precision == runtime::Precision::automatic) options.precision = runtime::Precision::fp32;
  return {model.card, std::move(tokenizer),
          runtime::load_session({tower.name, tower.data.bytes(), tower.content_hash}, options)};
}

// The queries with their vectors, and what the index says of them.
class Search {
 public:
  Search(const Invocation& invocation, const pipeline::JobSpec& spec, const VectorIndex& index)
      : invocation_(invocation), values_(invocation.values), spec_(spec), index_(index), list_(list_of(values_)) {
    if (values_.has("html")) check_picture_page(values_.text("html"), values_.on("overwrite"));
    if (to_standard_output(values_) && values_.on("json"))
      throw Error(ErrorCode::usage, "--json and the list both want standard output",
                  "write the list to a file: -o FILE; or --format json");
  }

  void operator()(const pipeline::Recorded& recorded) {
    if (spec_.dry_run) return;
    if (::isatty(STDERR_FILENO) != 0) std::fputs(kEraseLine, stderr);  // the live line of the job
    const pipeline::VectorOrigin origin = index_.origin();
    if (!(recorded.key() == origin.key))
      throw Error(
          ErrorCode::usage,
          values_.text("index") + ": the model " + origin.model +
              " or its card is another one than when the index was made; its vectors cannot be compared",
          "make the index again, in another folder: pixmill embed PICTURES -m " + origin.model + " --index DIR");
    recorded.each(tasks::kEmbedding, [&](std::size_t at, const pipeline::StoredRecord& record) {
      const std::string path = recorded.at(at).path.string();
      add(path, true, tasks::unpack_embedding(record.kind, record.body, path));
    });
    answer(recorded.catalogue(), recorded.roots());
  }

  void add_texts() {
    if (!values_.has("text")) return;
    const tasks::TextTower tower = text_tower(spec_);
    for (const std::string& text : values_.texts("text")) add(text, false, tower.vector_of(text));
  }

  // Without any picture.
  void answer_texts() {
    pipeline::Catalogue catalogue(pipeline::catalogue_file(spec_.home));
    answer(catalogue, {});
  }

 private:
  void answer(pipeline::Catalogue& catalogue, const std::vector<fs::path>& roots) {
    if (answers_.empty()) return;
    if (values_.on("together")) put_together();
    ask();
    write_list(invocation_, spec_, catalogue, roots,
               [&](const std::function<void(std::string_view)>& sink) { write_answers(list_, answers_, sink); });
    if (values_.has("html"))
      write_picture_page(values_.text("html"), values_.on("overwrite"), page_of(answers_), values_.on("quiet"),
                         interrupted());
  }

  void add(const std::string& query, bool picture, const std::vector<float>& vector) {
    if (columns_ != 0 && vector.size() != columns_)
      throw Error(ErrorCode::bad_model,
                  spec_.model + " makes vectors of " + std::to_string(columns_) + " numbers and of " +
                      std::to_string(vector.size()),
                  "correct `text` or `output` in its card");
    answers_.push_back({query, picture, {}});
    columns_ = vector.size();
    vectors_.insert(vectors_.end(), vector.begin(), vector.end());
  }

  // Their mean direction.
  void put_together() {
    std::vector<float> sum(columns_, 0.0F);
    for (std::size_t start = 0; start < vectors_.size(); start += columns_) {
      const std::span<float> one = std::span(vectors_).subspan(start, columns_);
      vectors::normalise(one);
      for (std::size_t i = 0; i < columns_; ++i) sum[i] += one[i];
    }
    vectors_ = std::move(sum);
    answers_ = {{std::to_string(answers_.size()) + " queries together", false, {}}};
  }

  void ask() {
    const VectorIndex::Question question{static_cast<std::size_t>(values_.integer("top")), values_.on("exact")};
    const auto hits = index_.search({vectors_, columns_}, question);
    const auto least = static_cast<float>(values_.real("min", -2));
    for (std::size_t i = 0; i < answers_.size(); ++i) {
      for (const VectorIndex::Hit& hit : hits[i]) {
        if (hit.similarity >= least) answers_[i].hits.push_back(hit);
      }
    }
  }

  const Invocation& invocation_;
  const Values& values_;
  const pipeline::JobSpec& spec_;
  const VectorIndex& index_;
  const SimilarList list_;
  std::vector<Answer> answers_;
  std::vector<float> vectors_;
  std::size_t columns_ = 0;
};

// What texts need of a job: the model, and where it runs.
pipeline::JobSpec text_spec(const Invocation& embed) {
  Invocation with_input = embed;
  with_input.arguments = {"texts"};
  return job_spec(with_input);
}

}  // namespace

int run_search(const Invocation& invocation) {
  const Values& values = invocation.values;
  if (!values.has("index"))
    throw Error(ErrorCode::usage, "search: which index?",
                "name it: --index DIR; pixmill embed photos/ --index DIR makes one");
  const VectorIndex index = VectorIndex::open(values.text("index"));
  const Invocation embed = embed_like(index.origin(), invocation);
  const bool texts_alone = invocation.arguments.empty() && !values.has("files0-from") && values.has("text");
  pipeline::JobSpec spec = texts_alone ? text_spec(embed) : job_spec(embed);
  refuse_standard_input(spec);
  limit_search_threads(spec);
  Search search(invocation, spec, index);
  search.add_texts();
  if (texts_alone) {
    search.answer_texts();
    return kAllGood;
  }
  spec.then = [&](const pipeline::Recorded& recorded) { search(recorded); };
  const Outcome outcome = run_spec(spec, values);
  const int code = exit_code(outcome.ended);
  return code == kAllGood && !outcome.good ? kSomeFailed : code;
}

}  // namespace pixmill::cli
