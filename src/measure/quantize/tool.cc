#include "measure/quantize/tool.h"

#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "measure/quantize/environment.h"
#include "measure/verify/npy.h"
#include "pixmill/core/error.h"
#include "pixmill/core/text.h"
#include "pixmill/platform/child.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/python.h"

namespace pixmill::measure {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestReport = std::size_t{16} << 20;

// "calibrate 3 40"; nothing for any other line.
void pass_on(std::string_view line, const QuantizeTool::Progress& progress) {
  const std::size_t first = line.find(' '), second = line.rfind(' ');
  if (first == second || first == std::string_view::npos) return;
  int done = 0, of = 0;
  const auto number = [&](std::size_t from, std::size_t to, int& value) {
    const auto [end, error] = std::from_chars(line.data() + from, line.data() + to, value);
    return error == std::errc() && end == line.data() + to;
  };
  if (number(first + 1, second, done) && number(second + 1, line.size(), of)) progress(line.substr(0, first), done, of);
}

}  // namespace

QuantizeTool::QuantizeTool(fs::path python, std::span<const std::byte> model, const std::atomic<bool>& stop)
    : python_(std::move(python)), folder_("pixmill-quantize"), stop_(stop) {
  platform::write_whole(folder_ / "program.py", quantize_program());
  platform::write_whole(folder_ / "model.onnx", {reinterpret_cast<const char*>(model.data()), model.size()});
  platform::make_folder(folder_ / "inputs");
}

void QuantizeTool::add(const Tensor& input) {
  char name[16];
  std::snprintf(name, sizeof name, "%06d.npy", inputs_++);
  write_npy(folder_ / "inputs" / name, input);
}

std::vector<QuantizeLayer> QuantizeTool::prepare(const Progress& progress) {
  run({"prepare", folder_ / "model.onnx", folder_.path()}, progress);
  std::vector<QuantizeLayer> layers;
  try {
    for (const auto& layer : nlohmann::json::parse(platform::read_text(folder_ / "layers.json", kLargestReport))) {
      layers.push_back({layer.at("name").get<std::string>(), layer.at("error").get<double>()});
    }
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::internal, std::string("the report of the layers cannot be read: ") + error.what());
  }
  return layers;
}

fs::path QuantizeTool::build(int in_float) {
  fs::path target = folder_ / "int8.onnx";
  run({"build", folder_.path(), std::to_string(in_float), target}, {});
  return target;
}

void QuantizeTool::run(const std::vector<std::string>& words, const Progress& progress) {
  std::vector<std::string> all = {"-B", folder_ / "program.py"};
  all.insert(all.end(), words.begin(), words.end());
  platform::ChildOptions options = {.stop = &stop_,
                                    .environment = {{"TMPDIR", folder_.path()}, {"ORT_DISABLE_TELEMETRY", "1"}}};
  if (progress) options.on_line = [&](std::string_view line) { pass_on(line, progress); };
  const platform::ChildResult child = platform::run_python(python_, all, folder_.path(), options);
  if (child.stopped || stop_) throw Error(ErrorCode::interrupted, "stopped; nothing was saved");
  if (child.good()) return;
  const std::string words_of_it = last_line(child.errors);
  if (words_of_it.starts_with("ModuleNotFoundError")) {
    throw Error(ErrorCode::not_found, python_.string() + ": " + words_of_it,
                "it needs onnx, onnxruntime and numpy (not those of pip install --user); without --python pixmill "
                "makes an environment of its own");
  }
  throw Error(ErrorCode::bad_model, "the model cannot be quantised: " +
                                        (words_of_it.empty() ? platform::ending_of(child, options) : words_of_it));
}

}  // namespace pixmill::measure
