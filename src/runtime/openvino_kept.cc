#include "runtime/openvino_kept.h"

#include <unistd.h>

#include <fstream>
#include <system_error>

#include "runtime/content_hash.h"
#include "runtime/hardware.h"
#include "runtime/ports.h"
#include "runtime/setup.h"

namespace pixmill::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestModel = std::size_t{256} << 20;  // bytes; larger ones cost more disk than they save time

}  // namespace

fs::path kept_file(const LoadRequest& request, const std::string& version) {
  const fs::path& engines = current_setup().engines;
  const Placement& placement = request.placement;
  if (engines.empty() || !placement.options.empty() || request.model.bytes.size() > kLargestModel) return {};
  std::string name = content_hash(request.model).substr(0, 32);
  for (const std::string& part : {version, std::string(request.provider.name), std::to_string(placement.index),
                                  std::string(name_of(placement.precision)), std::to_string(placement.streams),
                                  std::to_string(placement.threads), text_of(placement.shape)})
    name.append("-").append(part);
  // Of this processor: another may lack the instructions, and a home folder may be shared among machines.
  name.append("-").append(std::to_string(std::hash<std::string>()(cpu_title())));
  return engines / "openvino" / (name + ".blob");
}

std::optional<ov::CompiledModel> import_kept(ov::Core& core, const fs::path& file, const std::string& device,
                                             const ov::AnyMap& properties) {
  std::error_code none;
  if (file.empty() || !fs::exists(file, none)) return std::nullopt;
  try {
    std::ifstream stream(file, std::ios::binary);
    ov::CompiledModel model = core.import_model(stream, device, properties);
    fs::last_write_time(file, fs::file_time_type::clock::now(), none);  // the least recently used goes first
    return model;
  } catch (const std::exception&) {
    fs::remove(file, none);
    return std::nullopt;
  }
}

void keep(const ov::CompiledModel& model, const fs::path& file) {
  if (file.empty()) return;
  std::error_code none;
  fs::create_directories(file.parent_path(), none);
  const fs::path unfinished = file.string() + "." + std::to_string(::getpid());
  try {
    std::ofstream stream(unfinished, std::ios::binary);
    ov::CompiledModel(model).export_model(stream);
    stream.close();
    if (stream) {
      fs::rename(unfinished, file);
      return;
    }
  } catch (const std::exception&) {  // a plugin that cannot export, a folder that cannot be written
  }
  fs::remove(unfinished, none);
}

}  // namespace pixmill::runtime
