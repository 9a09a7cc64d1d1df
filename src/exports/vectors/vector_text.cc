// Vectors as text: CSV, JSON lines, and the list of pictures that goes with a matrix. Each has a line for every
// picture, with the reason where it has no vector.
#include "exports/formats.h"
#include "exports/text.h"
#include "exports/vectors/vector_reader.h"

namespace pixmill::exports {
namespace {

// image,error,v0,v1,...
class VectorCsv final : public Exporter {
 public:
  explicit VectorCsv(const config::Values& values) : reader_(values) {}

  bool lists_all() const override { return true; }

  void add(const Entry& entry, const Sink& sink) override {
    const std::vector<float> vector = reader_.read(entry);
    write_head(sink);
    std::string line = csv_text(entry.picture) + ",";
    for (const float value : vector) line += "," + shortest(value);
    sink(line + "\n");
  }

  void add_missing(const Entry& entry, const std::string& why, const Sink& sink) override {
    std::string line = csv_text(entry.picture) + "," + csv_text(why);
    if (reader_.length() == 0) {
      early_.push_back(std::move(line));
    } else {
      sink(line + std::string(reader_.length(), ',') + "\n");
    }
  }

  void end(const Sink& sink) override { write_head(sink); }

 private:
  // The names of the columns wait for the length of the first vector.
  void write_head(const Sink& sink) {
    if (headed_) return;
    headed_ = true;
    std::string line = "image,error";
    for (std::size_t i = 0; i < reader_.length(); ++i) line += ",v" + std::to_string(i);
    sink(line + "\n");
    for (const std::string& early : early_) sink(early + std::string(reader_.length(), ',') + "\n");
    early_.clear();
  }

  VectorReader reader_;
  std::vector<std::string> early_;  // lines before the first vector
  bool headed_ = false;
};

class VectorJsonLines final : public Exporter {
 public:
  explicit VectorJsonLines(const config::Values& values) : reader_(values) {}

  bool lists_all() const override { return true; }

  void add(const Entry& entry, const Sink& sink) override {
    std::string line = "{\"image\":" + json_text(entry.picture) + ",\"vector\":";
    char before = '[';
    for (const float value : reader_.read(entry)) {
      line += before + shortest(value);
      before = ',';
    }
    sink(line + "]}\n");
  }

  void add_missing(const Entry& entry, const std::string& why, const Sink& sink) override {
    sink("{\"image\":" + json_text(entry.picture) + ",\"error\":" + json_text(why) + "}\n");
  }

 private:
  VectorReader reader_;
};

// Line i is the picture of row i of a matrix; of one without a vector, a tab and the reason behind it.
class VectorPaths final : public Exporter {
 public:
  explicit VectorPaths(const config::Values& values) : reader_(values) {}

  bool lists_all() const override { return true; }
  void add(const Entry& entry, const Sink& sink) override {
    (void)reader_.read(entry);  // a matrix has no row of one that cannot be read
    sink(one_line(entry.picture) + "\n");
  }
  void add_missing(const Entry& entry, const std::string& why, const Sink& sink) override {
    sink(one_line(entry.picture) + "\t" + one_line(why) + "\n");
  }

 private:
  VectorReader reader_;
};

}  // namespace

std::unique_ptr<Exporter> make_vector_csv(const config::Values& values) {
  return std::make_unique<VectorCsv>(values);
}

std::unique_ptr<Exporter> make_vector_jsonl(const config::Values& values) {
  return std::make_unique<VectorJsonLines>(values);
}

std::unique_ptr<Exporter> make_vector_paths(const config::Values& values) {
  return std::make_unique<VectorPaths>(values);
}

}  // namespace pixmill::exports
