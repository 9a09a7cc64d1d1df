#include "pixmill/pipeline/catalogue.h"

#include "pipeline/catalogue/state.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostCorrections = 4096;

}  // namespace

Catalogue::Catalogue(const fs::path& file, const Options& options) : state_(std::make_unique<State>(file, options)) {}

Catalogue::~Catalogue() {
  try {
    finish({});
    state_->write([](Tables& tables) { tables.end(); });
  } catch (...) {
    // Both only save time: what is lost is found out again.
  }
}

std::optional<Catalogue::Output> Catalogue::output(const fs::path& path) const {
  return state_->read([&](Tables& tables) { return tables.output(path.native()); });
}

std::optional<std::string> Catalogue::content_of(const fs::path& input, const FileStamp& stamp) const {
  return state_->read([&](Tables& tables) { return tables.content_of(input.native(), stamp); });
}

std::optional<Catalogue::Input> Catalogue::input(const fs::path& path) const {
  return state_->read([&](Tables& tables) { return tables.input(path.native()); });
}

bool Catalogue::has_result(const fs::path& input, const ResultKey& key) const {
  return state_->read([&](Tables& tables) { return tables.has_result(input.native(), key); });
}

bool Catalogue::has_result(const ResultKey& key) const {
  return state_->read([&](Tables& tables) { return tables.has_result(key); });
}

void Catalogue::begin(std::span<Entry> entries, std::span<const Coming> finished) {
  state_->write_all("PRAGMA synchronous = EXTRA", finished, entries);
}

void Catalogue::finish(std::span<const Coming> finished) {
  if (state_->waiting() == 0 && finished.empty()) return;
  state_->write_all("PRAGMA synchronous = NORMAL", finished, {});
}

void Catalogue::saw_input(const fs::path& input, const FileStamp& stamp, const std::string& content) {
  if (state_->add([&](Corrections& all) { all.inputs.push_back({input.native(), stamp, content}); }) > kMostCorrections)
    finish({});
}

void Catalogue::saw_output(const fs::path& output, const FileStamp& stamp, const Fingerprint& made) {
  if (state_->add([&](Corrections& all) {
        all.outputs.push_back({output.native(), stamp, made.digest});
      }) > kMostCorrections)
    finish({});
}

void Catalogue::adopt(const fs::path& output, const fs::path& input) {
  state_->add([&](Corrections& all) { all.adopted.push_back({output.native(), input.native()}); });
}

void Catalogue::moved(const fs::path& from, const fs::path& to) {
  state_->add([&](Corrections& all) { all.moved.push_back({from.native(), to.native()}); });
}

void Catalogue::share_result(const fs::path& input, const FileStamp& stamp, const ResultKey& key) {
  if (state_->add([&](Corrections& all) { all.shared.push_back({input.native(), stamp, key}); }) > kMostCorrections)
    finish({});
}

std::vector<std::string> Catalogue::take_warnings() {
  return state_->take_warnings();
}

}  // namespace pixmill::pipeline
