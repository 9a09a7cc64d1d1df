// A file is what OpenVINO exports, and after it, where OpenVINO does not look, a checksum: it notices neither a bit
// that fell over in the weights nor the zeros that a power failure leaves.
#include "runtime/openvino/kept.h"

#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "pixmill/platform/files.h"
#include "pixmill/platform/trusted_path.h"
#include "pixmill/runtime/setup.h"
#include "runtime/content_hash.h"
#include "runtime/hardware.h"
#include "runtime/ports.h"

namespace pixmill::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestModel = std::size_t{256} << 20;  // bytes; larger ones cost more disk than they save time

using Checksum = std::uint64_t;

// Of the first `bytes` of the file; nothing where there are fewer.
std::optional<Checksum> checksum_of(std::istream& file, std::uintmax_t bytes) {
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(state.get());
  std::vector<char> piece(std::size_t{1} << 20);
  while (bytes > 0) {
    const std::size_t wanted = std::min<std::uintmax_t>(bytes, piece.size());
    if (!file.read(piece.data(), static_cast<std::streamsize>(wanted))) return std::nullopt;
    XXH3_64bits_update(state.get(), piece.data(), wanted);
    bytes -= wanted;
  }
  return XXH3_64bits_digest(state.get());
}

// Leaves the file at its start.
bool is_whole(std::istream& stream, std::uintmax_t bytes) {
  if (bytes < sizeof(Checksum)) return false;
  const std::optional<Checksum> computed = checksum_of(stream, bytes - sizeof(Checksum));
  std::array<char, sizeof(Checksum)> written{};
  if (!computed || !stream.read(written.data(), written.size())) return false;
  stream.seekg(0);
  return std::bit_cast<Checksum>(written) == *computed;
}

void add_checksum(const fs::path& file) {
  std::ifstream exported(file, std::ios::binary);
  const std::optional<Checksum> checksum = checksum_of(exported, fs::file_size(file));
  if (!checksum) throw std::runtime_error(file.string() + " cannot be read back");
  std::ofstream end(file, std::ios::binary | std::ios::app);
  end.exceptions(std::ios::failbit | std::ios::badbit);
  const auto bytes = std::bit_cast<std::array<char, sizeof(Checksum)>>(*checksum);
  end.write(bytes.data(), bytes.size());
  end.close();
}

}  // namespace

fs::path kept_file(const LoadRequest& request, const std::string& version) {
  const fs::path engines = engine_place().folder;
  const Placement& placement = request.placement;
  if (engines.empty() || !placement.keep_compiled || !placement.options.empty() ||
      request.model.bytes.size() > kLargestModel)
    return {};
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
  if (file.empty() || !fs::exists(file, none) || platform::refusal_of(file)) return std::nullopt;
  try {
    std::ifstream stream(file, std::ios::binary);
    if (!is_whole(stream, fs::file_size(file))) throw std::runtime_error(file.string() + " is damaged");
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
  try {
    platform::write_by_name(file, [&](const fs::path& unfinished) {
      std::ofstream stream(unfinished, std::ios::binary);
      stream.exceptions(std::ios::failbit | std::ios::badbit);
      ov::CompiledModel(model).export_model(stream);
      stream.close();
      add_checksum(unfinished);
    });
  } catch (const std::exception&) {  // a plugin that cannot export, a full disk: the next start compiles again
  }
}

}  // namespace pixmill::runtime
