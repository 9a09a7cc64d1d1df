#include "imports/thing_bytes.h"

#include <cstring>
#include <type_traits>
#include <vector>

namespace pixmill::imports {
namespace {

template <typename T>
void put(const T& value, std::string& bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
void put(const std::vector<T>& values, std::string& bytes) {
  put(values.size(), bytes);
  if (!values.empty()) bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

template <typename T>
T take(std::string_view& bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

template <typename T>
std::vector<T> take_all(std::string_view& bytes) {
  std::vector<T> values(take<std::size_t>(bytes));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  bytes.remove_prefix(values.size() * sizeof(T));
  return values;
}

}  // namespace

std::string linked(std::uint64_t previous, const Thing& thing) {
  std::string bytes;
  put(Link{previous, 0}, bytes);
  put(thing.what.box, bytes);
  put(thing.boxed, bytes);
  put(thing.cut, bytes);
  put(thing.line, bytes);
  put(thing.what.mask.size, bytes);
  put(thing.what.mask.runs, bytes);
  put(thing.what.points, bytes);
  put(thing.what.polygons.size(), bytes);
  for (const tasks::Polygon& polygon : thing.what.polygons) put(polygon, bytes);
  const Link link{previous, bytes.size() - kLinkBytes};
  std::memcpy(bytes.data(), &link, sizeof link);
  return bytes;
}

Link link_of(std::string_view bytes) {
  return take<Link>(bytes);
}

Thing thing_of(std::string_view bytes) {
  Thing thing;
  thing.what.box = take<tasks::Box>(bytes);
  thing.boxed = take<bool>(bytes);
  thing.cut = take<bool>(bytes);
  thing.line = take<std::int64_t>(bytes);
  thing.what.mask.size = take<Size>(bytes);
  thing.what.mask.runs = take_all<std::uint32_t>(bytes);
  thing.what.points = take_all<tasks::Point>(bytes);
  thing.what.polygons.resize(take<std::size_t>(bytes));
  for (tasks::Polygon& polygon : thing.what.polygons) polygon = take_all<tasks::Point>(bytes);
  return thing;
}

}  // namespace pixmill::imports
