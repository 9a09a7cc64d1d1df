// pixmill cutout: the flags of background removal, resolved.
#include "pixmill/tasks/cutout.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/commands/commands.h"
#include "cli/commands/job.h"
#include "pixmill/codecs/read_file.h"

namespace pixmill::cli {
namespace {

tasks::Background read_background(const Values& values, const codecs::DecodeOptions& decode) {
  tasks::Background background;
  const std::string& text = values.text("background");
  if (text == "none") return background;
  if (text == "blur" || text.starts_with("blur:")) {
    background.kind = tasks::Background::Kind::blur;
    if (text == "blur") return background;
    const auto radius = config::parse_real(text.substr(5));
    if (!radius || *radius <= 0 || *radius > 1000) {
      throw Error(ErrorCode::usage, "--background: '" + text + "' has no radius from 0 to 1000",
                  "blur:12 blurs by 12 pixels");
    }
    background.blur_radius = static_cast<float>(*radius);
  } else if (const auto colour = config::parse_colour(text)) {
    background.kind = tasks::Background::Kind::colour;
    background.colour = *colour;
  } else {
    if (!std::filesystem::exists(text)) {
      throw Error(ErrorCode::usage, "--background: '" + text + "' is neither a colour nor a picture",
                  "none, white, #rrggbb, FILE, blur or blur:RADIUS");
    }
    background.kind = tasks::Background::Kind::picture;
    background.picture = std::make_shared<const Image>(codecs::decode(codecs::read_file(text), text, decode).image);
  }
  return background;
}

tasks::CutoutOptions read_options(const Values& values, const codecs::DecodeOptions& decode) {
  tasks::CutoutOptions options;
  const std::string& refine = values.text("refine");
  options.refine = refine == "none"     ? tasks::Refine::none
                   : refine == "guided" ? tasks::Refine::guided
                                        : tasks::Refine::automatic;
  options.foreground = values.text("foreground") == "keep" ? tasks::Foreground::keep : tasks::Foreground::estimate;
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
codecs::Format choose_format(const Values& values, bool only_mask) {
  const codecs::Format named = only_mask ? codecs::Format::png : codecs::format_from(values.text("format")).value();
  const std::string& output = values.text("output");
  const auto ending = format_of_output(output);
  if (!ending || *ending == named) return named;
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorCode::usage, output + ": " + why, "give the file another ending, or name a folder");
  };
  if (only_mask) throw refuse("masks are written as PNG");
  if (values.all().at("format").origin == Origin::flag)
    throw refuse("--format " + values.text("format") + " has another ending");
  const auto& choices = find_flag(values.command(), "format")->choices;
  if (std::find(choices.begin(), choices.end(), codecs::name_of(*ending)) == choices.end()) {
    throw refuse("results are not written in this format");
  }
  return *ending;
}

// Every option that changes pixels, as text. The background picture counts by content.
std::string canonical(const Values& values, const tasks::Background& background) {
  std::string text;
  for (const char* name : {"background", "mask", "only-mask", "refine", "foreground", "threshold", "feather", "trim",
                           "canvas", "margin", "shadow"}) {
    text += std::string(name) + "=" + values.text(name) + "\n";
  }
  if (background.picture) {
    const Image& picture = *background.picture;
    text += std::string(reinterpret_cast<const char*>(picture.data()), picture.bytes());
  }
  return text;
}

}  // namespace

pipeline::JobSpec cutout_spec(const Invocation& invocation) {
  const Values& values = invocation.values;
  pipeline::JobSpec spec = job_spec(invocation);
  const tasks::CutoutOptions options = read_options(values, spec.decode);
  spec.outputs.picture.format = choose_format(values, !options.picture);
  spec.outputs.picture_wanted = options.picture;
  spec.outputs.mask_wanted = options.mask;
  if (spec.outputs.name_template.empty())
    spec.outputs.name_template = options.picture ? "{dir}/{stem}_nobg.{ext}" : "{dir}/{stem}_mask.{ext}";
  if (options.picture && options.background.kind == tasks::Background::Kind::none &&
      !codecs::holds_alpha(spec.outputs.picture.format)) {
    throw Error(ErrorCode::usage, std::string(codecs::name_of(spec.outputs.picture.format)) + " cannot be transparent",
                "add --background white, or take --format png or webp");
  }
  if (options.canvas) spec.result_pixels = options.canvas->area();
  spec.settings = canonical(values, options.background);
  spec.make_task = [options](models::ModelCard card) { return tasks::make_cutout(std::move(card), options); };
  return spec;
}

int run_cutout(const Invocation& invocation) {
  return run_job(cutout_spec(invocation), invocation);
}

}  // namespace pixmill::cli
