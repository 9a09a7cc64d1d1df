#include "pixmill/pipeline/vector_index.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "pipeline/index/index_folder.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::pair<std::string_view, IndexKind>, 3> kKinds = {
    {{"auto", IndexKind::automatic}, {"flat", IndexKind::flat}, {"ivf", IndexKind::ivf}}};

// The part of two keys that differs, for people.
std::string difference(const VectorOrigin& there, const VectorOrigin& here) {
  if (there.key.task != here.key.task) return "by another task";
  if (there.key.model != here.key.model) return "by the model " + there.model;
  return "by " + there.model + " with other options" + (there.options.empty() ? "" : ": " + there.options);
}

std::int64_t bytes_of_files(const fs::path& folder) {
  std::int64_t bytes = 0;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(folder, gone)) {
    const std::uintmax_t size = entry.is_regular_file(gone) ? entry.file_size(gone) : 0;
    if (!gone) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

// One moment of the tables, whatever others write meanwhile.
class Moment {
 public:
  explicit Moment(Database& database) : database_(database) { database_.run("BEGIN"); }
  ~Moment() { sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr); }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

 private:
  Database& database_;
};

}  // namespace

std::string_view name_of(IndexKind kind) {
  return std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& one) { return one.second == kind; })->first;
}

std::optional<IndexKind> index_kind_from(std::string_view name) {
  const auto* found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& one) { return one.first == name; });
  return found == kKinds.end() ? std::nullopt : std::optional(found->second);
}

bool VectorIndex::is_there(const fs::path& folder) {
  std::error_code error;
  return fs::status(index_file(folder), error).type() != fs::file_type::not_found;
}

template <typename Access>
VectorIndex VectorIndex::open_that_is_there(const fs::path& folder) {
  if (!is_there(folder))
    throw Error(ErrorCode::not_found, folder.string() + ": there is no index",
                "make one: pixmill embed PICTURES --index " + folder.string());
  std::unique_ptr<State> state;
  about_index(folder, [&] {
    state = std::make_unique<State>(folder, Access());
    state->current();
  });
  return VectorIndex(std::move(state));
}

VectorIndex VectorIndex::open(const fs::path& folder) {
  return open_that_is_there<IndexTables::Reading>(folder);
}

VectorIndex VectorIndex::open_to_write(const fs::path& folder) {
  return open_that_is_there<IndexTables::Writing>(folder);
}

VectorIndex VectorIndex::make_or_open(const fs::path& folder, const VectorOrigin& origin, std::size_t columns) {
  std::error_code error;
  if (!is_there(folder) && fs::exists(folder, error) && (!fs::is_directory(folder) || !fs::is_empty(folder)))
    throw Error(ErrorCode::usage, folder.string() + " is there, and no index", "name a new folder, or an empty one");
  platform::make_folder(folder);
  std::unique_ptr<State> state;
  about_index(folder, [&] {
    IndexTables::make(folder);
    state = std::make_unique<State>(folder, IndexTables::Writing());
    Transaction transaction(state->tables.database());
    const auto found = state->tables.state();
    if (!found) {
      vectors::VectorFile::make(vectors_file(folder, 1), columns);
      state->tables.put_state({.origin = origin, .columns = columns, .generation = 1});
      return transaction.commit();
    }
    if (!(found->origin.key == origin.key) || found->columns != columns)
      throw Error(ErrorCode::usage,
                  folder.string() + ": its vectors were made " + difference(found->origin, origin) +
                      "; others cannot be compared with them",
                  "name another folder for these, or the same model and options");
  });
  return VectorIndex(std::move(state));
}

VectorIndex::VectorIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
VectorIndex::~VectorIndex() = default;
VectorIndex::VectorIndex(VectorIndex&&) noexcept = default;

VectorOrigin VectorIndex::origin() const {
  VectorOrigin origin;
  about_index(state_->folder, [&] { origin = state_->current().origin; });
  return origin;
}

IndexFacts VectorIndex::facts() const {
  IndexFacts facts;
  about_index(state_->folder, [&] {
    const Moment moment(state_->tables.database());
    const IndexState now = state_->current();
    facts = {now.origin,
             now.columns,
             state_->tables.pictures(),
             now.sorted,
             state_->tables.forgotten(),
             now.wanted,
             now.begins.empty() ? 0 : now.begins.size() - 1,
             now.probes,
             bytes_of_files(state_->folder)};
  });
  return facts;
}

std::optional<std::string> VectorIndex::content_of(const fs::path& picture) const {
  std::optional<std::string> content;
  about_index(state_->folder, [&] {
    if (const auto place = state_->tables.find(picture)) content = place->content;
  });
  return content;
}

std::size_t VectorIndex::add(std::span<const Picture> pictures, vectors::Matrix rows) {
  std::size_t added = 0;
  about_index(state_->folder, [&] {
    IndexTables& tables = state_->tables;
    Transaction transaction(tables.database());
    IndexState now = state_->current();
    vectors::VectorFile file = vectors::VectorFile::open(vectors_file(state_->folder, now.generation));
    std::vector<float> values;
    std::size_t next = now.rows;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const auto place = tables.find(pictures[i].path);
      if (place && place->content == pictures[i].content) continue;
      if (place) tables.remove(pictures[i].path, place->row);
      tables.insert(next++, pictures[i]);
      values.insert(values.end(), rows.row(i).begin(), rows.row(i).end());
      vectors::normalise(std::span(values).last(rows.columns));
    }
    added = next - now.rows;
    if (added == 0) return;
    file.write(now.rows, values);
    file.commit(next);
    now.rows = next;
    tables.put_state(now);
    transaction.commit();
  });
  if (added > 0) erase_forgotten();
  return added;
}

std::size_t VectorIndex::remove(std::span<const fs::path> pictures) {
  std::size_t removed = 0;
  about_index(state_->folder, [&] {
    Transaction transaction(state_->tables.database());
    for (const fs::path& picture : pictures) {
      const auto place = state_->tables.find(picture);
      if (!place) continue;
      state_->tables.remove(picture, place->row);
      ++removed;
    }
    transaction.commit();
  });
  if (removed > 0) erase_forgotten();
  return removed;
}

// Until this is done, or where a kill prevents it, search() leaves their rows out by the tables.
void VectorIndex::erase_forgotten() {
  about_index(state_->folder, [&] {
    Transaction transaction(state_->tables.database());
    const std::vector<std::uint64_t> rows = state_->tables.to_erase();
    if (rows.empty()) return;
    vectors::VectorFile file = vectors::VectorFile::open(vectors_file(state_->folder, state_->current().generation));
    for (const std::uint64_t row : rows) file.erase(static_cast<std::size_t>(row));
    state_->tables.erased();
    transaction.commit();
  });
}

void VectorIndex::each_picture(const std::function<void(const fs::path&)>& visit) const {
  about_index(state_->folder, [&] { state_->tables.each_picture(visit); });
}

std::vector<std::vector<VectorIndex::Hit>> VectorIndex::search(vectors::Matrix queries,
                                                               const Question& question) const {
  if (queries.values.empty()) return {};
  std::vector<float> values(queries.values.begin(), queries.values.end());
  for (std::size_t i = 0; i < queries.rows(); ++i)
    vectors::normalise(std::span(values).subspan(i * queries.columns, queries.columns));
  std::vector<std::vector<Hit>> hits;
  constexpr int kTries = 5;
  for (int attempt = 1; hits.empty(); ++attempt) {
    about_index(state_->folder, [&] {
      const Moment moment(state_->tables.database());
      const IndexState now = state_->current();
      if (now.columns != queries.columns)
        throw Error(ErrorCode::usage,
                    state_->folder.string() + ": its vectors have " + std::to_string(now.columns) +
                        " numbers, the query " + std::to_string(queries.columns),
                    "ask with the model that made them: " + now.origin.model);
      auto& open = state_->open;
      try {
        if (!open || !open->are_of(now)) open.emplace(state_->folder, now);
      } catch (const Error& error) {  // a compaction has just put others in their place
        if (error.code() != ErrorCode::not_found || attempt == kTries) throw;
        return;
      }
      // Rows that a kill kept from being erased take a place among the best.
      const std::size_t waiting = state_->tables.to_erase().size();
      for (const vectors::Neighbours& best :
           open->nearest({values, queries.columns}, {question.top + waiting, question.exact})) {
        hits.emplace_back();
        for (const vectors::Neighbour& one : best) {
          const std::string path = state_->tables.path_of(one.row);
          if (!path.empty() && hits.back().size() < question.top) hits.back().push_back({path, one.similarity});
        }
      }
    });
  }
  return hits;
}

bool VectorIndex::wants_compaction() const {
  bool wants = false;
  about_index(state_->folder, [&] {
    const Moment moment(state_->tables.database());
    const IndexState now = state_->current();
    const std::size_t in_use = state_->tables.pictures(), unsorted = now.rows - now.sorted;
    const bool sorts = now.sorts(in_use);
    wants = (sorts && unsorted > std::max(vectors::kSortFrom, now.sorted / 4)) || (sorts && now.sorted == 0) ||
            now.rows - in_use > std::max(vectors::kSortFrom, in_use);
  });
  return wants;
}

}  // namespace pixmill::pipeline
