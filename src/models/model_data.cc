#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "pixmill/models/model_store.h"
#include "pixmill/platform/descriptor.h"
#include "pixmill/platform/files.h"

namespace pixmill::models {

ModelData ModelData::map(const std::filesystem::path& path) {
  const platform::Descriptor file = platform::open_to_read(path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw platform::read_error(errno, path);
  if (status.st_size == 0)
    throw Error(ErrorCode::unreadable, path.string() + " is empty", "fetch or export the model again");
  const auto size = static_cast<std::size_t>(status.st_size);
  void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (start == MAP_FAILED) throw platform::read_error(errno, path);
  ModelData data;
  data.bytes_ = {static_cast<const std::byte*>(start), size};
  data.mapped_ = true;
  return data;
}

ModelData ModelData::built_in(std::span<const std::byte> bytes) {
  ModelData data;
  data.bytes_ = bytes;
  return data;
}

ModelData ModelData::made(std::string bytes) {
  ModelData data;
  data.made_ = std::make_unique<std::string>(std::move(bytes));
  data.bytes_ = std::as_bytes(std::span(*data.made_));
  return data;
}

ModelData::ModelData(ModelData&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})),
      made_(std::move(other.made_)),
      mapped_(std::exchange(other.mapped_, false)) {}

ModelData& ModelData::operator=(ModelData&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(made_, other.made_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

ModelData::~ModelData() {
  if (mapped_) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace pixmill::models
