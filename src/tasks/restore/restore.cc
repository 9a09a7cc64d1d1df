#include "pixmill/tasks/restore.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "pixmill/core/error.h"
#include "tasks/restore/mosaic.h"
#include "tasks/restore/result_rows.h"
#include "tasks/restore/seams.h"
#include "tasks/restore/tile_choice.h"
#include "tasks/restore/tiles.h"

namespace pixmill::tasks {
namespace {

constexpr int kRowsAtOnce = 64;  // of the result, between the floats of a row of tiles and its encoder

void require(bool condition, const std::string& message, const std::string& hint) {
  if (!condition) throw Error(ErrorCode::usage, message, hint);
}

void validate(const models::ModelCard& card, const RestoreOptions& options) {
  require(card.output.decoder == "picture", card.id + " makes no pictures (its decoder is " + card.output.decoder + ")",
          "name another --model");
  require(card.input.scale != models::Scale::image_max, card.id + ": a picture in tiles has no one brightest sample",
          "its card wants `scale: unit`");
  require(options.strength >= 0.0F && options.strength <= 1.0F, "the strength must be from 0 to 1", "");
  require(options.tile >= 0 && (!options.overlap || *options.overlap >= 0), "tiles and their overlap are positive", "");
  require(options.scale >= 0.0 && options.scale <= 16.0, "the scale must be from 0 to 16", "");
}

// Width and height of the model's input in its file; -1 where any will do.
Size fixed_size(const models::ModelCard& card) {
  if (card.signatures.empty() || card.signatures.front().inputs.empty()) return {-1, -1};
  const std::vector<std::int64_t>& shape = card.signatures.front().inputs.front().shape;
  if (shape.size() != 4) return {-1, -1};
  const std::size_t row = card.input.planar ? 2 : 1;
  return {static_cast<int>(shape[row + 1]), static_cast<int>(shape[row])};
}

class Restore final : public Task {
 public:
  Restore(models::ModelCard card, RestoreOptions options) : card_(std::move(card)), options_(options) {
    validate(card_, options_);
    const Size fixed = fixed_size(card_);
    rules_.fixed = fixed.width > 0 && fixed.height > 0;
    const int side = options_.tile;
    rules_.tile = rules_.fixed ? fixed : side > 0 ? Size{side, side} : card_.input.size;
    rules_.multiple = card_.input.multiple;
    rules_.overlap = options_.overlap.value_or(card_.input.overlap);
    rules_.margin = card_.output.margin;
    require(!rules_.fixed || side == 0 || (fixed == Size{side, side}),
            card_.id + " takes tiles of " + std::to_string(fixed.width) + "x" + std::to_string(fixed.height) +
                " pixels and no others",
            "leave --tile out");
    (void)plan_tiles({rules_.tile.width, rules_.tile.height}, rules_);
  }

  std::string_view name() const override { return card_.task == "denoise" ? "denoise" : "upscale"; }
  std::string key() const override { return models::result_text(card_) + "arithmetic: 1\n"; }

  std::vector<Graph> graphs() const override {
    return {{.role = "model",
             .outputs = {card_.output.index},
             .typical = {tile_shape(rules_.tile, card_.input)},
             .fixed = rules_.fixed,
             .tiles = !rules_.fixed,
             .keep = Keep::never}};  // tiles of floats are larger than what they are made of
  }

  std::vector<Product> products() const override { return {{.role = "picture"}}; }

  Cost cost(Size picture) const override {
    const TilePlan plan = plan_for(picture).plan;
    const Size wanted = result_size(picture);
    const std::int64_t kept = wanted.area() <= kWholePixels ? wanted.area() * 4 : 0;
    const std::int64_t bytes = picture.area() * 8 + kept + bytes_held(plan, factor(), options_.turned) +
                               tile_bytes(card_.tile_costs, plan.tile());
    return {.bytes = static_cast<std::size_t>(bytes),
            .inferences = static_cast<std::int64_t>(plan.tiles()) * (options_.turned ? kTurns : 1) * (apart() ? 3 : 1)};
  }

  Size result_size(Size picture) const override {
    const auto scaled = [scale = scale()](int side) {
      return std::max(1, static_cast<int>(std::lround(side * scale)));
    };
    return {scaled(picture.width), scaled(picture.height)};
  }

  std::map<std::string, std::string> name_fields() const override {
    std::string text = std::to_string(scale());
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return {{"scale", text}};
  }

  void run(Image picture, Context& context) const override {
    const RestoreSource source = take_apart_for_restore(std::move(picture));
    const auto [plan, rules] = plan_for(source.size());
    const TileModel model{card_, rules, apart(), options_.turned};
    Tiles tiles(context, model, source.colours, plan);
    Mosaic mosaic(plan, factor(), model.planes());
    ResultRows rows(source, factor(), model.planes(), options_.strength);
    ResultSink sink(context, enlarged(source.size(), factor()), result_size(source.size()), rows.channels(),
                    source.colours.type());
    for (std::size_t row = 0; row < plan.rows.tiles(); ++row) {
      for (std::size_t column = 0; column < plan.columns.tiles(); ++column) mosaic.add(tiles.next(), column, row);
      const Mosaic::Rows ready = mosaic.finished(row);
      for (int y = 0; y < ready.count; y += kRowsAtOnce)
        sink.write(rows.make(mosaic, {ready.first + y, std::min(kRowsAtOnce, ready.count - y)}));
      mosaic.next(row);
    }
    sink.finish();
    context.tally("pixels enhanced", source.size().area());
    if (options_.check_seams) context.note(seams_of(context, model, source.colours));
  }

 private:
  static Size enlarged(Size size, int factor) { return {size.width * factor, size.height * factor}; }
  int factor() const { return card_.output.factor; }
  double scale() const { return options_.scale > 0.0 ? options_.scale : factor(); }
  // Noise is in every channel, so a model of one gets each of them; detail is in the brightness alone.
  bool apart() const { return card_.input.color == models::Color::luma && card_.task == "denoise"; }

  struct Planned {
    TilePlan plan;
    TileRules rules;
  };
  Planned plan_for(Size picture) const {
    TileRules rules = rules_;
    if (options_.tile == 0) rules.tile = choose_tile(picture, rules_, card_.tile_costs, factor(), options_.turned);
    return {plan_tiles(picture, rules), rules};
  }

  const models::ModelCard card_;
  const RestoreOptions options_;
  TileRules rules_;
};

}  // namespace

std::unique_ptr<Task> make_restore(models::ModelCard card, RestoreOptions options) {
  return std::make_unique<Restore>(std::move(card), options);
}

}  // namespace pixmill::tasks
