#include "tasks/restore/seams.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tasks/restore/mosaic.h"

namespace pixmill::tasks {
namespace {

// All rows of a picture through the model.
Planes restored(Context& context, const TileModel& model, ImageView picture, const TilePlan& plan) {
  Tiles tiles(context, model, picture, plan);
  return put_together(plan, model.factor(), model.planes(), [&](std::size_t, std::size_t) { return tiles.next(); });
}

}  // namespace

SeamScore seam_score(Context& context, const TileModel& model, ImageView picture) {
  const int step = std::max(model.rules.multiple, 1);
  const auto part = [&](int side) { return std::min(side, kSeamSide / step * step); };
  const Size size = {part(picture.width()), part(picture.height())};
  const ImageView middle =
      picture.crop({(picture.width() - size.width) / 2, (picture.height() - size.height) / 2, size.width, size.height});
  SeamScore score{.checked = size};
  const TilePlan tiled = plan_tiles(size, model.rules);
  score.tiles = tiled.tiles();
  if (score.tiles == 1 || model.rules.fixed) return score;
  TileRules rules = model.rules;
  rules.tile = {size.width + 2 * rules.margin + step, size.height + 2 * rules.margin + step};
  const Planes whole = restored(context, model, middle, plan_tiles(size, rules));
  const Planes joined = restored(context, model, middle, tiled);
  double sum = 0.0;
  for (std::size_t i = 0; i < whole.values().size(); ++i) {
    const double a = std::clamp(whole.values()[i], 0.0F, 1.0F), b = std::clamp(joined.values()[i], 0.0F, 1.0F);
    score.max = std::max(score.max, std::abs(a - b));
    sum += std::abs(a - b);
  }
  score.mean = sum / static_cast<double>(whole.values().size());
  return score;
}

std::string seams_of(Context& context, const TileModel& model, ImageView picture) {
  const SeamScore score = seam_score(context, model, picture);
  const std::string size = std::to_string(score.checked.width) + "x" + std::to_string(score.checked.height);
  if (score.tiles == 1) return "seams: none, " + size + " pixels are one tile";
  if (model.rules.fixed) return "seams: not known, as the model takes tiles of one size only";
  char text[160];
  std::snprintf(text, sizeof text,
                "seams: at most %.3f/255, %.5f/255 on average (%zu tiles against the whole, %s pixels)",
                score.max * 255, score.mean * 255, score.tiles, size.c_str());
  return text;
}

}  // namespace pixmill::tasks
