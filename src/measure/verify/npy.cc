#include "measure/verify/npy.h"

#include <bit>
#include <string>
#include <string_view>

#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"
#include "pixmill/vectors/npy.h"

namespace pixmill::measure {
namespace {

static_assert(std::endian::native == std::endian::little, "the type codes below are those of little-endian machines");

std::string_view type_code(ElementType type) {
  switch (type) {
    case ElementType::f16: return "<f2";
    case ElementType::f32: return "<f4";
    case ElementType::f64: return "<f8";
    case ElementType::u8: return "|u1";
    case ElementType::i8: return "|i1";
    case ElementType::u16: return "<u2";
    case ElementType::i16: return "<i2";
    case ElementType::i32: return "<i4";
    case ElementType::i64: return "<i8";
    default: throw Error(ErrorCode::unsupported, "NumPy has no type for " + std::string(name_of(type)));
  }
}

std::string header(const Tensor& tensor) {
  std::string shape;
  for (const std::int64_t extent : tensor.shape()) shape += std::to_string(extent) + ",";
  return vectors::npy_head_of("{'descr': '" + std::string(type_code(tensor.type())) +
                              "', 'fortran_order': False, 'shape': (" + shape + "), }");
}

}  // namespace

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  std::string file = header(tensor);
  file.append(reinterpret_cast<const char*>(tensor.data()), tensor.bytes());
  platform::write_whole(path, file);
}

}  // namespace pixmill::measure
