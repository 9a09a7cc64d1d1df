#include "pipeline/naming.h"
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <functional>
#include <system_error>
#include <unordered_map>

#include "pipeline/glob.h"
#include "pipeline/path_table.h"
#include "pixmill/platform/clock.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

std::string_view field_value(const NameFields& fields, std::string_view name) {
  if (name == "dir") return fields.dir;
  if (name == "stem") return fields.stem;
  if (name == "file") return fields.file;
  if (name == "ext") return fields.ext;
  if (name == "model") return fields.model;
  if (name == "job") return fields.job;
  if (name == "index") return fields.index;
  if (name == "date") return fields.date;
  if (const auto own = fields.own.find(std::string(name)); own != fields.own.end()) return own->second;
  std::string known = "fields are {dir} {stem} {file} {ext} {model} {job} {index} {date}";
  for (const auto& [field, value] : fields.own) known += " {" + field + "}";
  throw Error(ErrorCode::usage, "--name: there is no field {" + std::string(name) + "}", known);
}

// A model given as a path stands in names by its stem.
std::string name_of_model(std::string_view model) {
  return fs::path(model).stem().string();
}

// "horse_nobg.png" -> "horse_nobg_mask.png".
fs::path with_suffix(const fs::path& first, const std::string& suffix, std::string_view ext) {
  fs::path name = first;
  return name.replace_filename(first.stem().native() + suffix + "." + std::string(ext));
}

// "picture, mask"
std::string roles_of(const std::vector<tasks::Product>& products) {
  std::string text;
  for (const tasks::Product& product : products) text += (text.empty() ? "" : ", ") + product.role;
  return text;
}

bool climbs(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    if (path.substr(0, slash) == "..") return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
}

// Names that may not be taken as they are: "a//b", "./a", "a/..".
bool needs_normalising(std::string_view path) {
  return path.find("//") != std::string_view::npos || path.find("/./") != std::string_view::npos ||
         path.find("/..") != std::string_view::npos || path.ends_with("/.");
}

}  // namespace

class Namer {
 public:
  Namer(const JobSpec& spec, const Sources& sources, std::string_view model, std::vector<tasks::Product> products,
        std::map<std::string, std::string> own_fields)
      : spec_(spec), sources_(sources), products_(std::move(products)) {
    fields_.own = std::move(own_fields);
    fields_.model = name_of_model(model);
    fields_.job = spec.job;
    fields_.date = platform::today();
    if (!products_.empty()) fields_.ext = ext_of(products_.front());
    choose_target();
  }

  // Throws what is wrong with the plan as a whole.
  void check() const {
    if (target_ == Target::standard_output) return;
    refuse_collisions();
    refuse_feedback();
    if (!spec_.dry_run) check_writable();
  }

  std::size_t size() const { return sources_.items.size(); }

  std::vector<fs::path> outputs_of(std::size_t i) const {
    if (products_.empty()) return {};
    if (target_ == Target::standard_output) return {fs::path(kStandardOutput)};
    const fs::path first = target_ == Target::file ? base_ : picture_of(i);
    std::vector<fs::path> outputs = {first};
    for (std::size_t k = 1; k < products_.size(); ++k)
      outputs.push_back(with_suffix(first, products_[k].suffix, ext_of(products_[k])));
    return outputs;
  }

 private:
  enum class Target { beside_input, file, folder, standard_output };

  void choose_target() {
    const std::string& output = spec_.outputs.output;
    const bool one_named = sources_.items.size() + sources_.failed.size() <= 1 && sources_.roots.empty();
    if (output == kStandardOutput || (output.empty() && one_named && reads_stdin())) {
      if (!one_named)
        throw Error(ErrorCode::usage, "-o - writes one result, and there are many inputs", "-o FOLDER/ takes many");
      if (products_.size() > 1) {
        throw Error(ErrorCode::usage,
                    "-o - writes one result, and this job makes " + std::to_string(products_.size()) +
                        " of each picture: " + roles_of(products_),
                    "ask for one of them alone, or name a folder: -o FOLDER/");
      }
      target_ = Target::standard_output;
    } else if (output.empty()) {
      if (!one_named) {
        throw Error(ErrorCode::usage, "many inputs need a place for their results", how_to_name_a_place());
      }
      target_ = Target::beside_input;
    } else {
      std::error_code ignored;
      const std::string extension = fs::path(output).extension().string();
      const bool named_like_a_picture = extension.size() > 1 && codecs::format_from(extension.substr(1)).has_value();
      const bool is_folder = output.ends_with('/') || fs::is_directory(output, ignored);
      if (!one_named && !is_folder && named_like_a_picture) {
        throw Error(ErrorCode::usage, output + " is the name of one picture, and there are many inputs",
                    "name a folder: -o " + fs::path(output).stem().string() + "/");
      }
      const bool folder = is_folder || !one_named || !named_like_a_picture;
      target_ = folder ? Target::folder : Target::file;
      base_ = platform::resolved(output);
      if (folder && fs::exists(base_, ignored) && !fs::is_directory(base_, ignored)) {
        throw Error(ErrorCode::usage, output + " is a file, and many inputs need a folder", "choose another -o");
      }
    }
  }

  std::string how_to_name_a_place() const {
    const std::vector<std::string>& inputs = spec_.inputs.inputs;
    const std::string start = "pixmill " + spec_.job + " " + (inputs.empty() ? "INPUT" : inputs.front()) + " -o ";
    if (inputs.size() != 2 || !sources_.roots.empty()) return start + "FOLDER";
    return start + "FOLDER; for one result in " + inputs.back() + ", which is there already: " + start + inputs.back();
  }

  std::string_view ext_of(const tasks::Product& product) const {
    return codecs::extension_of(product.format.value_or(spec_.outputs.picture.format));
  }

  bool reads_stdin() const { return !sources_.items.empty() && sources_.items.front().path == "-"; }

  fs::path picture_of(std::size_t i) const {
    const SourceList& items = sources_.items;
    NameFields fields = fields_;
    if (items.has_root(i) && target_ == Target::folder) {
      fields.dir = items.relative_folder(i);
      if (!fields.dir.empty()) fields.dir.pop_back();  // its slash
    }
    fields.file = items.relative_name(i);
    fields.stem = fs::path(fields.file).stem().native();
    fields.index = std::to_string(i + 1);
    const fs::path folder =
        target_ == Target::folder ? base_ : platform::resolved(fs::absolute(items[i].path).parent_path());
    fs::path picture = folder / expand_name(spec_.outputs.name_template, fields);
    return needs_normalising(picture.native()) ? picture.lexically_normal() : picture;
  }

  void refuse_collisions() const {
    PathTable inputs;
    for (std::size_t i = 0; i < size(); ++i) inputs.add(sources_.items.identity(i), 0);
    PathTable outputs;
    for (std::size_t i = 0; i < size(); ++i) {
      for (const fs::path& output : outputs_of(i)) {
        if (inputs.contains(output.native())) {
          throw Error(ErrorCode::collision, output.string() + " is an input; writing it would destroy it",
                      "choose another -o or --name");
        }
        const auto owner = outputs.add(output.native(), static_cast<std::uint32_t>(i));
        if (!owner) continue;
        throw Error(ErrorCode::collision,
                    sources_.items.path_text(*owner) + " and " + sources_.items.path_text(i) +
                        " would both be written to " + output.string(),
                    "give them different names with --name, for example '{dir}/{stem}_{index}.{ext}'");
      }
    }
  }

  // An output inside a folder that was walked would be an input of the next run, unless a filter leaves it out.
  void refuse_feedback() const {
    std::unordered_map<std::string, fs::path> roots;  // by their canonical path
    for (const fs::path& root : sources_.roots) roots.emplace(platform::resolved(root).native(), root);
    if (roots.empty()) return;
    std::string folder;
    std::vector<std::pair<std::string, fs::path>> around;  // of the roots, those that the folder lies in
    for (std::size_t i = 0; i < size(); ++i) {
      for (const fs::path& output : outputs_of(i)) {
        const std::string& text = output.native();
        const std::size_t slash = text.rfind('/');
        if (text.compare(0, slash, folder) != 0) {
          folder = text.substr(0, slash);
          around = roots_around(folder, roots);
        }
        for (const auto& [canonical, root] : around) {
          const std::size_t below = canonical == "/" ? 1 : canonical.size() + 1;
          if (!picked_up(text.substr(below))) continue;
          throw Error(
              ErrorCode::collision,
              output.string() + " lies in the input folder " + root.string() + " and would be an input of the next run",
              "write to another folder, or leave the results out with --exclude, for example --exclude '*_nobg.*'");
        }
      }
    }
  }

  static std::vector<std::pair<std::string, fs::path>> roots_around(
      std::string folder, const std::unordered_map<std::string, fs::path>& roots) {
    std::vector<std::pair<std::string, fs::path>> around;
    while (true) {
      if (folder.empty()) folder = "/";
      if (const auto root = roots.find(folder); root != roots.end()) around.push_back(*root);
      if (folder == "/") return around;
      folder.resize(folder.rfind('/'));
    }
  }

  bool picked_up(const std::string& relative) const {
    const auto matches = [&](const std::string& pattern) { return glob_match(pattern, relative); };
    const InputSpec& in = spec_.inputs;
    if (!in.recursive && relative.find('/') != std::string::npos) return false;
    for (std::size_t at = 0; at != std::string::npos; at = relative.find('/', at + 1)) {
      if (relative[at == 0 ? 0 : at + 1] == '.') return false;  // hidden parts are never walked
    }
    if (std::any_of(in.exclude.begin(), in.exclude.end(), matches)) return false;
    return in.include.empty() || std::any_of(in.include.begin(), in.include.end(), matches);
  }

  void check_writable() const {
    const fs::path folder = target_ == Target::folder ? base_
                            : target_ == Target::file ? base_.parent_path()
                            : sources_.items.empty()  ? fs::path()
                                                      : fs::absolute(sources_.items.front().path).parent_path();
    if (!folder.empty() && !sources_.items.empty()) make_writable(folder);
  }

  const JobSpec& spec_;
  const Sources& sources_;
  const std::vector<tasks::Product> products_;
  NameFields fields_;
  Target target_ = Target::folder;
  fs::path base_;
};

void make_writable(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && ::access(folder.c_str(), W_OK | X_OK) != 0) error = std::error_code(errno, std::generic_category());
  if (!error) return;
  throw Error(error == std::errc::no_space_on_device ? ErrorCode::disk_full : ErrorCode::unwritable,
              folder.string() + ": results cannot be written there: " + error.message(),
              "choose another -o, or give this user the right to write");
}

fs::path expand_name(std::string_view name_template, const NameFields& fields) {
  std::string name;
  bool has_ext = false;
  for (std::size_t i = 0; i < name_template.size(); ++i) {
    const char c = name_template[i];
    const bool doubled = i + 1 < name_template.size() && name_template[i + 1] == c;
    if ((c == '{' || c == '}') && doubled) {
      name += c;
      ++i;
    } else if (c == '{') {
      const std::size_t close = name_template.find('}', i);
      if (close == std::string_view::npos) {
        throw Error(ErrorCode::usage, "--name: '" + std::string(name_template) + "' has an unclosed brace",
                    "write {{ for a brace");
      }
      const std::string_view field = name_template.substr(i + 1, close - i - 1);
      has_ext |= field == "ext";
      name += field_value(fields, field);
      i = close;
    } else {
      name += c;
    }
  }
  if (!has_ext) name += "." + fields.ext;
  while (name.starts_with('/') && fields.dir.empty() && !name_template.starts_with('/'))
    name.erase(0, 1);  // "{dir}/x" at the top
  const std::string file = name.substr(name.rfind('/') + 1);
  const bool nameless = file.empty() || file == "." || file == "." + fields.ext;
  if (name.starts_with('/') || climbs(name) || nameless || name.find('\0') != std::string::npos) {
    throw Error(ErrorCode::usage, "--name gives '" + name + "', which is not a name below the output folder",
                "templates look like '{dir}/{stem}_nobg.{ext}'; the folder is -o");
  }
  return name;
}

std::vector<fs::path> PlannedOutputs::operator[](std::size_t index) const {
  return namer_ ? namer_->outputs_of(index) : std::vector<fs::path>();
}

std::size_t PlannedOutputs::size() const {
  return namer_ ? namer_->size() : 0;
}

Plan plan_outputs(const JobSpec& spec, const Sources& sources, std::string_view model,
                  const std::vector<tasks::Product>& products, std::map<std::string, std::string> own_fields) {
  auto namer = std::make_shared<Namer>(spec, sources, model, products, std::move(own_fields));
  namer->check();
  return {PlannedOutputs(std::move(namer))};
}

}  // namespace pixmill::pipeline
