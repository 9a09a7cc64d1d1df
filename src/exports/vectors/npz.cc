// NumPy's .npz: a zip file of `vectors`, `paths` and `errors`, a row of each for every picture.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "exports/formats.h"
#include "exports/vectors/matrix_rows.h"
#include "pixmill/core/unicode.h"
#include "pixmill/exports/zip_stream.h"

namespace pixmill::exports {
namespace {

std::u32string code_points(std::string_view text) {
  std::u32string points;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    points += character.code;
    at += character.bytes;
  }
  return points;
}

// An array of texts as NumPy has them: each as long as the longest, in code points of 4 bytes.
void add_texts(ZipStream& zip, const std::string& name, const std::vector<std::string>& texts) {
  std::size_t longest = 1;
  for (const std::string& text : texts) longest = std::max(longest, code_points(text).size());
  const std::string head = vectors::npy_text_head(texts.size(), longest);
  zip.begin(name, static_cast<std::int64_t>(head.size() + texts.size() * longest * sizeof(char32_t)), true);
  zip.add(std::as_bytes(std::span(head)));
  for (const std::string& text : texts) {
    std::u32string points = code_points(text);
    points.resize(longest, U'\0');
    zip.add(std::as_bytes(std::span(points)));
  }
}

class Npz final : public Exporter {
 public:
  explicit Npz(const config::Values& values)
      : rows_(tasks::read_vector_options(values),
              [this](const vectors::NpyShape& shape) { return begin_rows(shape); }) {}

  bool lists_all() const override { return true; }
  void expect(std::size_t pictures) override { rows_.expect(pictures); }
  void begin(const Sink& sink) override { zip_.emplace(sink); }

  void add(const Entry& entry, const Sink&) override {
    rows_.add(entry, to_zip());
    paths_.emplace_back(entry.picture);
    errors_.emplace_back();
  }

  void add_missing(const Entry& entry, const std::string& why, const Sink&) override {
    rows_.add_missing(to_zip());
    paths_.emplace_back(entry.picture);
    errors_.push_back(why);
  }

  void end(const Sink&) override {
    rows_.end(to_zip());
    add_texts(*zip_, "paths.npy", paths_);
    add_texts(*zip_, "errors.npy", errors_);
    zip_->finish();
  }

 private:
  std::string begin_rows(const vectors::NpyShape& shape) {
    const std::size_t number = shape.halves ? 2 : 4;
    zip_->begin("vectors.npy", static_cast<std::int64_t>(vectors::kNpyHead + shape.rows * shape.columns * number),
                false);
    return vectors::npy_head(shape);
  }

  Sink to_zip() {
    return [this](std::string_view bytes) { zip_->add(std::as_bytes(std::span(bytes))); };
  }

  std::optional<ZipStream> zip_;
  MatrixRows rows_;
  std::vector<std::string> paths_, errors_;
};

}  // namespace

std::unique_ptr<Exporter> make_npz(const config::Values& values) {
  return std::make_unique<Npz>(values);
}

}  // namespace pixmill::exports
