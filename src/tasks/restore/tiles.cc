#include "tasks/restore/tiles.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/planes.h"
#include "tasks/restore/mosaic.h"
#include "tasks/restore/tile_choice.h"

namespace pixmill::tasks {
namespace {

constexpr int kSmallestTile = 32;  // a device without memory for it has none for any
constexpr float kBlack = 1.0F / 512.0F;
constexpr float kSeen = 16.0F / 255.0F;  // a picture that goes from black to this is not black

Size transposed(Size size) {
  return {size.height, size.width};
}

void add(Planes& sum, const Planes& other) {
  const std::span<float> to = sum.values();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += other.values()[i];
}

}  // namespace

Image turned(ImageView picture, int how) {
  const bool across = (how & 1) != 0, down = (how & 2) != 0, turn = (how & 4) != 0;
  Image made(turn ? transposed(picture.size()) : picture.size(), picture.channels(), picture.type());
  const std::size_t pixel = static_cast<std::size_t>(picture.channels()) * bytes_of(picture.type());
  for (int y = 0; y < made.height(); ++y) {
    std::byte* to = made.data() + static_cast<std::size_t>(y) * made.stride();
    for (int x = 0; x < made.width(); ++x, to += pixel) {
      const int column = turn ? y : x, row = turn ? x : y;
      const int from_x = across ? picture.width() - 1 - column : column;
      const int from_y = down ? picture.height() - 1 - row : row;
      std::memcpy(to, picture.row_bytes(from_y) + static_cast<std::size_t>(from_x) * pixel, pixel);
    }
  }
  return made;
}

Planes turned_back(const Planes& planes, int how) {
  const bool across = (how & 1) != 0, down = (how & 2) != 0, turn = (how & 4) != 0;
  Planes made(turn ? transposed(planes.size()) : planes.size(), planes.count());
  for (int plane = 0; plane < made.count(); ++plane) {
    for (int y = 0; y < made.size().height; ++y) {
      float* const to = made.row(plane, y);
      const int row = down ? made.size().height - 1 - y : y;
      for (int x = 0; x < made.size().width; ++x) {
        const int column = across ? made.size().width - 1 - x : x;
        to[x] = turn ? planes.row(plane, column)[row] : planes.row(plane, row)[column];
      }
    }
  }
  return made;
}

Tiles::Tiles(Context& context, const TileModel& model, ImageView picture, const TilePlan& plan)
    : context_(context),
      model_(model),
      picture_(picture),
      plan_(plan),
      ahead_(tiles_ahead(plan.tile(), model.factor(), model.turned)) {}

Planes Tiles::next() {
  while (!halved_ && next_ < plan_.tiles() && asked_.size() < ahead_) asked_.push_back(ask(window_of(next_++)));
  if (asked_.empty()) return in_parts(window_of(given_++));
  Asked asked = std::move(asked_.front());
  asked_.pop_front();
  ++given_;
  next_ = std::max(next_, given_);
  return answer(std::move(asked));
}

Rect Tiles::window_of(std::size_t tile) const {
  const std::size_t column = tile % plan_.columns.tiles(), row = tile / plan_.columns.tiles();
  return {plan_.columns.starts[column], plan_.rows.starts[row], plan_.columns.tile, plan_.rows.tile};
}

Tiles::Asked Tiles::ask(const Rect& window) {
  const Image cut = cut_window(picture_, window);
  Asked asked{window, {}, on_cpu_};
  for (int how = 0; how < (model_.turned ? kTurns : 1); ++how) {
    const Image image = how == 0 ? Image() : turned(cut, how);
    const ImageView view = how == 0 ? cut.view() : image.view();
    for (int channel = 0; channel < model_.channels(); ++channel) {
      Tensors inputs = {tile_input(view, model_.card.input, model_.apart ? channel : -1)};
      asked.pending.push_back(on_cpu_ ? context_.infer_on_cpu(0, std::move(inputs))
                                      : context_.infer(0, std::move(inputs)));
    }
  }
  context_.tally("tiles", 1);
  context_.tally("pixels inferred", std::int64_t{window.width} * window.height *
                                        static_cast<std::int64_t>(asked.pending.size()) / model_.channels());
  return asked;
}

Planes Tiles::answer(Asked asked) {
  const Rect window = asked.window;
  try {
    Planes planes = read(asked);
    const Image cut = cut_window(picture_, window);
    if (!is_bad(planes, cut)) return planes;
    context_.tally("tiles run again", 1);
    Asked again = ask(window);
    planes = read(again);
    if (!is_bad(planes, cut)) return planes;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::out_of_memory || asked.on_cpu) throw;
    asked.pending.clear();
    return on_cpu_ ? run(window) : in_parts(window);
  }
  throw Error(ErrorCode::bad_model,
              model_.card.id + ": twice made a black picture, or one with values that are no numbers, of the tile at " +
                  std::to_string(window.x) + ", " + std::to_string(window.y),
              "try --precision fp32, or another --device");
}

Planes Tiles::run(const Rect& window) {
  return answer(ask(window));
}

// The tile as a picture of its own, of which neighbours show beyond its edges as far as the model looks there.
Planes Tiles::in_parts(const Rect& window) {
  TileRules rules = model_.rules;
  rules.tile = {window.width / 2, window.height / 2};
  if (rules.fixed || std::min(rules.tile.width, rules.tile.height) < kSmallestTile) return without_device(window);
  if (!std::exchange(halved_, true)) context_.tally("pictures with halved tiles for lack of memory", 1);
  const int margin = model_.rules.margin;
  const TilePlan plan = plan_tiles(covered({window.width, window.height}), rules);
  return put_together(plan, model_.factor(), model_.planes(), [&](std::size_t column, std::size_t row) {
    return run({window.x + margin + plan.columns.starts[column], window.y + margin + plan.rows.starts[row],
                plan.columns.tile, plan.rows.tile});
  });
}

Planes Tiles::without_device(const Rect& window) {
  on_cpu_ = true;
  context_.tally("pictures finished on the CPU for lack of memory", 1);
  return run(window);
}

Size Tiles::covered(Size tile) const {
  return {tile.width - 2 * model_.rules.margin, tile.height - 2 * model_.rules.margin};
}

// One answer: of a model in colour, or of one that is asked for each channel.
Planes Tiles::read_turn(std::span<Pending> pending, Size given) const {
  const Size made = {covered(given).width * model_.factor(), covered(given).height * model_.factor()};
  Planes planes;
  for (std::size_t channel = 0; channel < pending.size(); ++channel) {
    std::vector<Tensor> outputs = pending[channel].get();
    if (outputs.size() != 1)
      throw Error(ErrorCode::internal, "a tile needs one output, got " + std::to_string(outputs.size()));
    Planes one = read_tile(std::move(outputs.front()), model_.card, given, made);
    if (pending.size() == 1) return one;
    if (channel == 0) planes = Planes(made, static_cast<int>(pending.size()));
    std::copy(one.values().begin(), one.values().end(), planes.row(static_cast<int>(channel), 0));
  }
  return planes;
}

Planes Tiles::read(Asked& asked) const {
  const Size tile = {asked.window.width, asked.window.height};
  const auto each = static_cast<std::size_t>(model_.channels());
  if (!model_.turned) return read_turn(asked.pending, tile);
  Planes sum;
  for (int how = 0; how < kTurns; ++how) {
    const std::span<Pending> pending = std::span(asked.pending).subspan(static_cast<std::size_t>(how) * each, each);
    Planes planes = turned_back(read_turn(pending, (how & 4) != 0 ? transposed(tile) : tile), how);
    if (how == 0) {
      sum = std::move(planes);
    } else {
      add(sum, planes);
    }
  }
  for (float& value : sum.values()) value /= kTurns;
  return sum;
}

bool Tiles::is_bad(const Planes& planes, ImageView window) const {
  const std::optional<Range> range = finite_range(planes.values());
  if (!range) return true;
  if (range->most > kBlack) return false;
  std::vector<float> row(static_cast<std::size_t>(window.width()));
  for (int y = 0; y < window.height(); ++y) {
    for (int channel = 0; channel < window.channels(); ++channel) {
      read_row(window, y, channel, row);
      if (*std::max_element(row.begin(), row.end()) > kSeen) return true;
    }
  }
  return false;
}

}  // namespace pixmill::tasks
