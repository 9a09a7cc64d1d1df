// Files of labels: the first byte is the format (in the order of the table; behind them: a list of names). Whatever is
// read makes records that are read back, or Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "pixmill/core/error.h"
#include "pixmill/imports/import.h"

namespace {

using namespace pixmill;

void check(const imports::LabelSet& set, const imports::Classes& classes, int picture) {
  if (set.failure_of(picture) != nullptr) return;
  const imports::LabelledPicture labels = set.picture(picture);
  const Size size = labels.size == Size{} ? Size{40, 20} : labels.size;
  imports::LeftOut left_out;
  try {
    const tasks::Detections found = imports::resolved(labels, set, classes, size, "p.png", left_out);
    if (tasks::unpack_detections(tasks::kDetections, tasks::pack(found), "p.png").found != found.found) std::abort();
  } catch (const Error& error) {
    if (!error.message().starts_with("f.")) std::abort();  // what labels say wrong is said with their file
  }
}

void read(const imports::ImportRow& row, std::string_view bytes) {
  imports::LabelSet set(row.numbers_classes ? std::vector<std::string>{"cat", "dog"} : std::vector<std::string>());
  imports::LabelFile file("f.txt", "f", bytes);
  try {
    imports::read_file(row, file, set);
  } catch (const Error& error) {
    if (!error.message().starts_with("f.")) std::abort();
    return;
  }
  const imports::Classes classes = set.classes();
  for (int i = 0; i < set.pictures(); ++i) check(set, classes, i);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto rows = imports::imports();
  try {
    if (data[0] < rows.size()) {
      read(rows[data[0]], bytes);
    } else {
      imports::names_of(bytes, data[0] % 2 == 0 ? "f.yaml" : "f.txt");
    }
    imports::recognised(bytes.substr(0, imports::kHead), "json");
    imports::recognised(bytes.substr(0, imports::kHead), "xml");
  } catch (const Error&) {
  }
  return 0;
}
