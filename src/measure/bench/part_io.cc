// Listing, reading and decoding, by one thread and by several.
#include <thread>

#include "measure/bench/part_rows.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/pipeline/sources.h"
#include "pixmill/platform/cores.h"

namespace pixmill::measure {
namespace {

// Calls work(i) for each picture from so many threads. A picture that cannot be read is left out.
template <typename Work>
void in_parallel(std::size_t count, int threads, Work work) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> workers;
  for (int thread = 0; thread < threads; ++thread) {
    workers.emplace_back([&] {
      for (std::size_t i = next++; i < count; i = next++) {
        try {
          work(i);
        } catch (const Error&) {
          continue;
        }
      }
    });
  }
}

std::string with_threads(const std::string& name, int threads) {
  return name + (threads == 1 ? ", 1 thread" : ", " + std::to_string(threads) + " threads");
}

}  // namespace

std::vector<PartRow> measure_io(const PartInput& input) {
  const std::vector<std::filesystem::path>& pictures = input.pictures;
  const auto count = static_cast<double>(pictures.size());
  std::vector<PartRow> rows = {
      timed(input, "list the folders", count, "files", [&] { (void)pipeline::find_sources(input.inputs); })};
  const auto measured = [&](const std::string& name, int threads, auto work) {
    return timed(input, with_threads(name, threads), count, "pictures",
                 [&] { in_parallel(pictures.size(), threads, work); });
  };
  const auto read = [&](std::size_t i) { (void)codecs::read_file(pictures[i]); };
  const auto decode = [&](std::size_t i) {
    (void)codecs::decode(codecs::read_file(pictures[i]), pictures[i].string(), {.metadata = false});
  };
  const int cores = platform::usable_cores();
  rows.push_back(measured("read", 1, read));
  rows.push_back(beside(measured("read", 8, read), rows.back()));
  rows.push_back(measured("read and decode", 1, decode));
  if (cores > 1) rows.push_back(beside(measured("read and decode", cores, decode), rows.back()));
  return rows;
}

}  // namespace pixmill::measure
