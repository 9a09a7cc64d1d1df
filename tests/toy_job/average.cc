#include "average.h"

#include <array>

#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"

namespace pixmill::toy {
namespace {

class Average final : public tasks::Task {
 public:
  std::string_view name() const override { return "average"; }
  std::string key() const override { return "arithmetic: 1\n"; }
  std::vector<tasks::Graph> graphs() const override { return {}; }
  std::vector<tasks::Product> products() const override { return {}; }
  tasks::Cost cost(Size picture) const override { return {static_cast<std::size_t>(picture.area()) * 8, 0}; }

  void run(Image picture, tasks::Context& context) const override {
    const Image rgb = to_rgb8(picture);
    std::array<std::uint64_t, 3> sums = {};
    for (int y = 0; y < rgb.height(); ++y) {
      for (int i = 0; i < 3 * rgb.width(); ++i) sums[static_cast<std::size_t>(i % 3)] += rgb.row<std::uint8_t>(y)[i];
    }
    tasks::Record record{std::string(kAverage), {}};
    for (const std::uint64_t sum : sums)
      record.body.push_back(static_cast<std::byte>(sum / static_cast<std::uint64_t>(rgb.size().area())));
    context.record(std::move(record));
  }
};

class Csv final : public exports::Exporter {
 public:
  void begin(const exports::Sink& sink) override { sink("picture,red,green,blue\n"); }
  void add(const exports::Entry& entry, const exports::Sink& sink) override {
    if (entry.body.size() != 3) throw Error(ErrorCode::corrupt, "a record of an average has not three bytes");
    std::string line = "\"" + std::string(entry.picture) + "\"";
    for (const std::byte level : entry.body) line += "," + std::to_string(std::to_integer<int>(level));
    sink(line + "\n");
  }
};

}  // namespace

const std::vector<config::Flag>& average_flags() {
  static const std::vector<config::Flag> flags = {{.name = "format",
                                                   .kind = config::Kind::choice,
                                                   .value = "F",
                                                   .fallback = "average-csv",
                                                   .help = "of the results",
                                                   .choices = {"average-csv"},
                                                   .section_only = true}};
  return flags;
}

tasks::JobOptions read_average(const config::Values& values, const std::string&, const codecs::DecodeOptions&) {
  tasks::JobOptions job;
  job.name_template = "{dir}/{stem}.{ext}";
  job.formats = {values.text("format")};
  job.make_task = [](const models::ModelCard&) { return std::make_unique<Average>(); };
  return job;
}

std::unique_ptr<exports::Exporter> make_average_csv(const config::Values&) {
  return std::make_unique<Csv>();
}

}  // namespace pixmill::toy
