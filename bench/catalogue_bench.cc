// The catalogue, the plan and the feeder with made-up files, on the disk of the temporary folder (TMPDIR):
//   catalogue_bench plan [PICTURES] [FOLDERS]    finds and plans pictures that are empty files
//   catalogue_bench resume [PICTURES]            skips finished ones
//   catalogue_bench commit [RESULTS] [BYTES]     results a second, durable
//   catalogue_bench records [PICTURES] [BYTES]   records a second without a file, and reading them back
//   catalogue_bench choose [PICTURES] [RULE]     asks a rule of pictures with made-up records
//   catalogue_bench late [PICTURES] [MS]         reads from a disk that answers late
// Prints what it took; nothing is asserted.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/commit.h"
#include "pipeline/feeder.h"
#include "pipeline/fingerprint.h"
#include "pipeline/naming.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/models/class_names.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/pipeline/sources.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/memory.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;

const std::vector<tasks::Product> kProducts = {{.role = "picture"}};

class Clock {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string png_bytes() {
  Image image({32, 32}, 3);
  std::fill_n(image.data(), image.bytes(), std::byte{7});
  const std::vector<std::byte> file = codecs::encode(image, {.format = codecs::Format::png});
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

fs::path folder_of(const fs::path& top, int index) {
  return top / ("shoot_" + std::to_string(index));
}

// `count` files of this text, spread over `folders` folders, a day old.
void make_files(const fs::path& top, int count, int folders, const std::string& text) {
  const timespec yesterday[2] = {{std::time(nullptr) - 86400, 0}, {std::time(nullptr) - 86400, 0}};
  for (int f = 0; f < folders; ++f) fs::create_directories(folder_of(top, f));
  for (int i = 0; i < count; ++i) {
    const fs::path file = folder_of(top, i % folders) / ("IMG_" + std::to_string(i) + ".png");
    const int handle = ::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
    if (handle < 0 || ::write(handle, text.data(), text.size()) < 0) std::exit(1);
    ::futimens(handle, yesterday);
    ::close(handle);
  }
}

JobSpec spec_for(const fs::path& in, const fs::path& out, int folders) {
  JobSpec spec;
  spec.job = "job";
  for (int f = 0; f < folders; ++f) spec.inputs.inputs.push_back(folder_of(in, f).string());
  spec.outputs.output = out.string();
  spec.outputs.name_template = "{dir}/{stem}_out.{ext}";
  return spec;
}

void plan(int count, int folders) {
  const platform::TemporaryFolder top("pixmill_bench");
  make_files(top / "in", count, folders, "");
  const JobSpec spec = spec_for(top / "in", top / "out", folders);
  const auto before = platform::memory_bytes();
  const Clock clock;
  const Sources sources = find_sources(spec.inputs);
  const double found = clock.seconds();
  const Plan planned = plan_outputs(spec, sources, "model", kProducts);
  std::printf("plan: %zu pictures of %d folders: found in %.2f s, planned after %.2f s; %lld MB, at most %lld MB\n",
              planned.outputs.size(), folders, found, clock.seconds(),
              static_cast<long long>(platform::memory_bytes() - before) / 1'000'000,
              static_cast<long long>(platform::peak_memory_bytes()) / 1'000'000);
}

// Rows as the committer writes them, for outputs that are there.
void fill(Catalogue& catalogue, const Sources& sources, const Plan& plan, const ResultKey& key,
          const std::string& text) {
  const Fingerprint made = fingerprint_of(std::as_bytes(std::span(text)));
  FileLayer& files = FileLayer::of_the_system();
  std::vector<Catalogue::Entry> entries;
  std::vector<Catalogue::Coming> finished;
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    const fs::path output = plan.outputs[i].front();
    fs::create_directories(output.parent_path());
    std::ofstream(output, std::ios::binary) << text;
    const std::string identity = sources.items.identity(i);
    entries.push_back({identity, *files.stamp(identity), key, {}, {}});
    entries.back().key.content = made.digest;
    entries.back().outputs.push_back({.path = output, .stamp = *files.stamp(output), .made = made, .stands = true});
    if (entries.size() < 5000 && i + 1 < plan.outputs.size()) continue;
    catalogue.begin(entries, finished);
    entries.clear();
  }
}

void resume(int count) {
  const platform::TemporaryFolder top("pixmill_bench");
  const std::string text = png_bytes();
  constexpr int kFolders = 500;
  make_files(top / "in", count, kFolders, text);
  const JobSpec spec = spec_for(top / "in", top / "out", kFolders);
  const ResultKey key = {"", "model", "settings", "job"};
  {
    Catalogue catalogue(top / "state/catalogue.db");
    const Sources sources = find_sources(spec.inputs);
    fill(catalogue, sources, plan_outputs(spec, sources, "model", kProducts), key, text);
  }
  std::atomic<std::int64_t> skipped = 0;
  const EventSink sink = [&](const Event& event) { skipped += std::holds_alternative<Skipped>(event) ? 1 : 0; };
  Reporter reporter(sink);
  const Clock clock;
  Catalogue catalogue(top / "state/catalogue.db");
  const Sources sources = find_sources(spec.inputs);
  const Plan planned = plan_outputs(spec, sources, "model", kProducts);
  const double found = clock.seconds();
  Budget budget(1 << 30, 100);
  Feeder feeder({spec, sources, planned, key, catalogue, reporter, budget, 1 << 27,
                 [](const codecs::Header&) { return std::size_t{1}; }});
  int made = 0;
  feeder.feed([&](const ItemPtr&) { ++made; }, [] { return false; });
  std::printf("resume: %d pictures, %lld skipped, %d to be made: planned in %.2f s, all looked at after %.2f s\n",
              count, static_cast<long long>(skipped), made, found, clock.seconds());
}

void commit(int count, int size) {
  const platform::TemporaryFolder top("pixmill_bench");
  Catalogue catalogue(top / "state/catalogue.db");
  Writer writer(top / "state");
  std::atomic<bool> disk_full = false;
  std::atomic<int> failed = 0;
  const std::vector<std::byte> bytes(static_cast<std::size_t>(size), std::byte{7});
  const Clock clock;
  {
    Committer committer({writer, catalogue, disk_full, [&](Item& item) { failed += item.failure ? 1 : 0; }});
    constexpr int kThreads = 4;
    std::vector<std::jthread> workers;
    for (int t = 0; t < kThreads; ++t) {
      workers.emplace_back([&, t] {
        for (int i = t; i < count; i += kThreads) {
          auto item = std::make_shared<Item>();
          item->input = "/in/" + std::to_string(i);
          item->outputs = {top / ("out/" + std::to_string(i) + ".png")};
          item->key = {std::to_string(i), "model", "settings", "job"};
          Made made;
          made.files.push_back({bytes, {}});
          committer.commit(item, std::move(made));
        }
      });
    }
    workers.clear();
    committer.drain();
  }
  std::printf("commit: %d results of %d bytes, %d failed: %.2f s, %.0f a second\n", count, size, failed.load(),
              clock.seconds(), count / clock.seconds());
}

void records(int count, int size) {
  const platform::TemporaryFolder top("pixmill_bench");
  const std::vector<std::byte> bytes(static_cast<std::size_t>(size), std::byte{7});
  std::vector<fs::path> inputs;
  for (int i = 0; i < count; ++i)
    inputs.push_back(folder_of("/photos", i % 500) / ("IMG_" + std::to_string(i) + ".jpg"));
  const Clock clock;
  {
    Catalogue catalogue(top / "state/catalogue.db");
    Writer writer(top / "state");
    std::atomic<bool> disk_full = false;
    Committer committer({writer, catalogue, disk_full, [](Item&) {}});
    constexpr int kThreads = 2;
    std::vector<std::jthread> workers;
    for (int t = 0; t < kThreads; ++t) {
      workers.emplace_back([&, t] {
        for (int i = t; i < count; i += kThreads) {
          auto item = std::make_shared<Item>();
          item->input = item->identity = inputs[static_cast<std::size_t>(i)].string();
          item->key = {hash_of(std::as_bytes(std::span(&i, 1))), "model", "settings", "job"};
          Made made;
          made.records.push_back({"record/1", bytes});
          committer.commit(item, std::move(made));
        }
      });
    }
    workers.clear();
    committer.drain();
  }
  const double written = clock.seconds();
  const Catalogue catalogue(top / "state/catalogue.db");
  const Clock reading;
  std::int64_t read = 0;
  catalogue.records_of(inputs, "record/1", [&](const fs::path&, const StoredRecord& record) {
    read += static_cast<std::int64_t>(record.body.size());
  });
  std::printf(
      "records: %d of %d bytes: %.1f s, %.0f a second; %.2f times their size on disk; read in %.1f s (%lld MB)\n",
      count, size, written, count / written,
      static_cast<double>(fs::file_size(top / "state/catalogue.db")) / (1.0 * count * size), reading.seconds(),
      static_cast<long long>(read / 1'000'000));
}

// Ten made-up things a picture, two of them persons on average.
tasks::Record made_up_record(std::mt19937& random, const tasks::ClassNames& names) {
  constexpr int kThings = 10, kWidth = 6000, kHeight = 4000;
  std::uniform_real_distribution<float> share(0, 1);
  tasks::Detections all{{kWidth, kHeight}, 0.05F, names, {}, {1000 * share(random), 255 * share(random)}};
  for (int i = 0; i < kThings; ++i) {
    const float left = share(random) * kWidth / 2, top = share(random) * kHeight / 2;
    const int label = share(random) < 0.2F ? 0 : static_cast<int>(share(random) * 79);
    all.found.push_back({.box = {left, top, left + share(random) * kWidth / 2, top + share(random) * kHeight / 2,
                                 0.05F + 0.9F * share(random), label}});
  }
  std::sort(all.found.begin(), all.found.end(), [](const auto& a, const auto& b) { return a.box.score > b.box.score; });
  return {std::string(tasks::kDetections), pack(all)};
}

void choose(int count, const char* rule) {
  const platform::TemporaryFolder top("pixmill_bench");
  constexpr int kFolders = 500;
  make_files(top / "in", count, kFolders, "");
  JobSpec spec;
  spec.job = "job";
  spec.inputs.inputs = {(top / "in").string()};
  spec.home = {.state = top / "state"};
  const Clock filling;
  {
    Catalogue catalogue(top / "state/catalogue.db");
    std::mt19937 random(1);
    const tasks::ClassNames names = tasks::shared_names(models::coco_80());
    const Sources sources = find_sources(spec.inputs);
    std::vector<Catalogue::Entry> entries;
    for (std::size_t i = 0; i < sources.items.size(); ++i) {
      const std::string identity = sources.items.identity(i);
      entries.push_back({identity,
                         *FileLayer::of_the_system().stamp(identity),
                         {"empty", "model", "settings", "task"},
                         {},
                         {made_up_record(random, names)}});
      if (entries.size() < 5000 && i + 1 < sources.items.size()) continue;
      catalogue.begin(entries);
      entries.clear();
    }
  }
  std::printf("choose: %d pictures with 10 things each recorded in %.1f s, catalogue of %lld MB\n", count,
              filling.seconds(), static_cast<long long>(fs::file_size(top / "state/catalogue.db")) / 1'000'000);
  spec.pick = Pick{std::make_shared<tasks::Rule>(tasks::Rule::parse(rule, 0.25F)), true, {}};
  for (int run = 0; run < 3; ++run) {
    const Clock clock;
    const Ended ended = pipeline::run(
        spec, [](const Event&) {}, false);
    std::printf("choose: %lld of %lld pictures meet '%s': %.2f s, peak %lld MB\n",
                static_cast<long long>(ended.chosen->hits), static_cast<long long>(ended.chosen->asked), rule,
                clock.seconds(), static_cast<long long>(platform::peak_memory_bytes()) / 1'000'000);
  }
}

class LateFiles : public FileLayer {
 public:
  explicit LateFiles(std::chrono::milliseconds late) : late_(late) {}
  std::vector<std::byte> read(const fs::path& file) override {
    std::this_thread::sleep_for(late_);
    return FileLayer::read(file);
  }

 private:
  std::chrono::milliseconds late_;
};

void late(int count, int milliseconds) {
  const platform::TemporaryFolder top("pixmill_bench");
  make_files(top / "in", count, 1, png_bytes());
  const JobSpec spec = spec_for(top / "in", top / "out", 1);
  const ResultKey key = {"", "model", "settings", "job"};
  const EventSink sink = [](const Event&) {};
  Reporter reporter(sink);
  Catalogue catalogue(top / "state/catalogue.db");
  const Sources sources = find_sources(spec.inputs);
  const Plan planned = plan_outputs(spec, sources, "model", kProducts);
  Budget budget(1 << 30, 1000);
  LateFiles files{std::chrono::milliseconds(milliseconds)};
  const Clock clock;
  Feeder feeder({spec, sources, planned, key, catalogue, reporter, budget, 1 << 27,
                 [](const codecs::Header&) { return std::size_t{1}; }, false, true, files});
  feeder.feed([](const ItemPtr&) {}, [] { return false; });
  std::printf("late: %d pictures, each %d ms late: %.2f s, %.0f a second; one after the other at most %.0f\n", count,
              milliseconds, clock.seconds(), count / clock.seconds(), 1000.0 / milliseconds);
}

}  // namespace
}  // namespace pixmill::pipeline

int main(int count, char** words) {
  using namespace pixmill::pipeline;
  const std::string what = count > 1 ? words[1] : "all";
  const auto number = [&](int at, int otherwise) { return count > at ? std::atoi(words[at]) : otherwise; };
  if (what == "plan" || what == "all") plan(number(2, 1'000'000), number(3, 5000));
  if (what == "resume" || what == "all") resume(number(2, 100'000));
  if (what == "commit" || what == "all") commit(number(2, 5000), number(3, 20'000));
  if (what == "records" || what == "all") records(number(2, 100'000), number(3, 2048));
  if (what == "choose" || what == "all")
    choose(number(2, 1'000'000), count > 3 ? words[3] : "person >= 2 and not car and area(person) > 5%");
  if (what == "late" || what == "all") late(number(2, 400), number(3, 20));
}
