// The options of background removal, resolved.
#include "tasks/cutout/job.h"

#include <filesystem>
#include <optional>

#include "pixmill/codecs/read_file.h"
#include "pixmill/core/error.h"
#include "pixmill/tasks/cutout.h"
#include "tasks/result_format.h"

namespace pixmill::tasks {
namespace {

using config::Values;

Background read_background(const Values& values, const codecs::DecodeOptions& decode) {
  Background background;
  const std::string& text = values.text("background");
  if (text == "none") return background;
  if (text == "blur" || text.starts_with("blur:")) {
    background.kind = Background::Kind::blur;
    if (text == "blur") return background;
    const auto radius = config::parse_real(text.substr(5));
    if (!radius || *radius <= 0 || *radius > 1000) {
      throw Error(ErrorCode::usage, "--background: '" + text + "' has no radius from 0 to 1000",
                  "blur:12 blurs by 12 pixels");
    }
    background.blur_radius = static_cast<float>(*radius);
  } else if (const auto colour = config::parse_colour(text)) {
    if ((*colour)[3] == 0) return background;
    background.kind = Background::Kind::colour;
    background.colour = {(*colour)[0], (*colour)[1], (*colour)[2]};
    background.alpha = (*colour)[3];
  } else {
    if (!std::filesystem::exists(text)) {
      throw Error(
          ErrorCode::usage, "--background: '" + text + "' is neither a colour nor a picture",
          "none, white or another colour of CSS, #rrggbb, r,g,b or r,g,b,a from 0 to 255, FILE, blur or blur:RADIUS");
    }
    background.kind = Background::Kind::picture;
    background.picture = std::make_shared<const Image>(codecs::decode(codecs::read_file(text), text, decode).image);
  }
  return background;
}

CutoutOptions read_options(const Values& values, const codecs::DecodeOptions& decode) {
  CutoutOptions options;
  const std::string& refine = values.text("refine");
  options.refine = refine == "none" ? Refine::none : refine == "guided" ? Refine::guided : Refine::automatic;
  options.foreground = values.text("foreground") == "keep" ? Foreground::keep : Foreground::estimate;
  options.background = read_background(values, decode);
  options.picture = !values.on("only-mask");
  options.mask = values.on("mask") || values.on("only-mask");
  if (values.has("threshold")) options.threshold = static_cast<float>(values.real("threshold"));
  options.feather = static_cast<float>(values.real("feather"));
  options.trim = values.on("trim");
  if (values.has("canvas")) options.canvas = config::parse_size(values.text("canvas"));
  options.margin = static_cast<float>(values.share("margin"));
  options.shadow = values.on("shadow");
  return options;
}

// Masks alone are PNG, whatever --format says.
codecs::Format choose_format(const Values& values, const std::string& output, bool only_mask) {
  if (!only_mask) return result_format(values, output);
  const auto ending = format_of_output(output);
  if (ending && *ending != codecs::Format::png) throw refused_output(output, "masks are written as PNG");
  return codecs::Format::png;
}

// A picture that an option names counts by its content.
std::string content_of(const Image& picture) {
  return {reinterpret_cast<const char*>(picture.data()), picture.bytes()};
}

}  // namespace

JobOptions read_cutout(const Values& values, const std::string& output, const codecs::DecodeOptions& decode) {
  const CutoutOptions options = read_options(values, decode);
  JobOptions job;
  job.format = choose_format(values, output, !options.picture);
  job.name_template = options.picture ? "{dir}/{stem}_nobg.{ext}" : "{dir}/{stem}_mask.{ext}";
  if (options.picture && !options.background.opaque() && !codecs::holds_alpha(job.format)) {
    throw Error(ErrorCode::usage, std::string(codecs::name_of(job.format)) + " cannot be transparent",
                "add --background white, or use --format png or webp");
  }
  if (options.background.picture) job.files = content_of(*options.background.picture);
  job.make_task = [options](models::ModelCard card) { return make_cutout(std::move(card), options); };
  return job;
}

}  // namespace pixmill::tasks
