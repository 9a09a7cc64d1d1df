// The options of background removal, resolved.
#include "tasks/cutout/job.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "pixmill/codecs/read_file.h"
#include "pixmill/core/error.h"
#include "pixmill/tasks/cutout.h"

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

// The format that the ending of -o FILE names; empty where -o is no file or its ending no format.
std::optional<codecs::Format> format_of_output(const std::string& output) {
  const std::string extension = std::filesystem::path(output).extension().string();
  if (extension.size() < 2 || output.ends_with('/') || std::filesystem::is_directory(output)) return std::nullopt;
  return codecs::format_from(extension.substr(1));
}

// The ending of -o FILE decides, unless --format was typed; then the two must agree. Masks are PNG.
codecs::Format choose_format(const Values& values, const std::string& output, bool only_mask) {
  const codecs::Format named = only_mask ? codecs::Format::png : codecs::format_from(values.text("format")).value();
  const auto ending = format_of_output(output);
  if (!ending || *ending == named) return named;
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorCode::usage, output + ": " + why, "give the file another ending, or name a folder");
  };
  if (only_mask) throw refuse("masks are written as PNG");
  if (values.all().at("format").origin == config::Origin::flag)
    throw refuse("--format " + values.text("format") + " has another ending");
  const auto& choices = config::find_flag(values.command(), "format")->choices;
  if (std::find(choices.begin(), choices.end(), codecs::name_of(*ending)) == choices.end()) {
    throw refuse("results are not written in this format");
  }
  return *ending;
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
