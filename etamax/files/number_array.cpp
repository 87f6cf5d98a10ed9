#include "etamax/files/number_array.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "etamax/core/error.h"

namespace etamax {
namespace {

struct Half {
  std::uint16_t bits;
};
struct BrainHalf {
  std::uint16_t bits;
};

float number(Half h) {
  const int exponent = h.bits >> 10 & 31, fraction = h.bits & 1023;
  const float size = exponent == 31  ? (fraction == 0 ? std::numeric_limits<float>::infinity()
                                                      : std::numeric_limits<float>::quiet_NaN())
                     : exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                     : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  return h.bits >> 15 != 0 ? -size : size;
}
float number(BrainHalf h) { return std::bit_cast<float>(static_cast<std::uint32_t>(h.bits) << 16); }
template <typename T>
requires std::is_arithmetic_v<T> T number(T value) { return value; }

template <typename T>
T load(const char* at, bool swapped) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, at, sizeof(T));
  if (swapped) std::reverse(bytes, bytes + sizeof(T));
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

/// The strides of an array whose first index moves fastest.
std::vector<std::size_t> first_fastest(const std::vector<std::size_t>& shape) {
  std::vector<std::size_t> strides(shape.size(), 1);
  for (std::size_t d = 1; d < shape.size(); ++d) strides[d] = strides[d - 1] * shape[d - 1];
  return strides;
}

template <typename Stored, typename Value>
std::vector<Value> convert(const std::string& source, std::string_view bytes, StoredAs how,
                           const std::vector<std::size_t>& shape) {
  std::vector<Value> values(bytes.size() / sizeof(Stored));
  const bool swapped = how.big_endian != (std::endian::native == std::endian::big);
  const auto element = [&](std::size_t i) { return number(load<Stored>(bytes.data() + i * sizeof(Stored), swapped)); };
  if (how.first_index_fastest) {
    StridedWalk place(shape, first_fastest(shape));
    for (Value& value : values) value = static_cast<Value>(element(place.next()));
  } else {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<Value>(element(i));
  }
  if constexpr (std::is_same_v<Stored, std::int64_t> || std::is_same_v<Stored, std::uint64_t>) {
    constexpr double kExact = 9007199254740992;  // 2^53
    const auto beyond = std::find_if(values.begin(), values.end(), [](Value v) { return std::abs(v) >= kExact; });
    if (beyond != values.end())
      throw InputError(source + ": element " + std::to_string(beyond - values.begin() + 1) +
                       " is an integer of 2^53 or more, which has no exact floating-point number");
  }
  return values;
}

}  // namespace

std::size_t StridedWalk::next() {
  const std::size_t here = at_;
  for (std::size_t d = shape_.size(); d-- > 0;) {
    at_ += strides_[d];
    if (++index_[d] < shape_[d]) break;
    at_ -= strides_[d] * shape_[d];
    index_[d] = 0;
  }
  return here;
}

std::size_t element_size(ElementType type) {
  switch (type) {
    case ElementType::int8:
    case ElementType::uint8:
    case ElementType::boolean:
      return 1;
    case ElementType::float16:
    case ElementType::bfloat16:
    case ElementType::int16:
    case ElementType::uint16:
      return 2;
    case ElementType::float32:
    case ElementType::int32:
    case ElementType::uint32:
      return 4;
    case ElementType::float64:
    case ElementType::int64:
    case ElementType::uint64:
      return 8;
  }
  return 0;
}

std::size_t NumberArray::size() const {
  return std::visit([](const auto& v) { return v.size(); }, values);
}

double NumberArray::at(std::size_t i) const {
  return std::visit([&](const auto& v) { return static_cast<double>(v[i]); }, values);
}

NumberArray decode_numbers(const std::string& source, std::string_view bytes, StoredAs how,
                           std::vector<std::size_t> shape) {
  constexpr double kAddressed = 0x1p62;  // bytes, each number in 64 bit: sizes are signed where they are used
  if (shape.size() > kMostDimensions)
    throw InputError(source + ": has " + std::to_string(shape.size()) + " dimensions, more than " +
                     std::to_string(kMostDimensions));
  // Products in floating point: they do not wrap, and are exact wherever they can equal the number of bytes.
  double wanted = static_cast<double>(element_size(how.type)), addressed = sizeof(double);
  std::string product;
  for (const std::size_t extent : shape) {
    wanted *= static_cast<double>(extent);
    addressed *= static_cast<double>(std::max<std::size_t>(extent, 1));
    product += (product.empty() ? "" : " x ") + std::to_string(extent);
  }
  if (wanted != static_cast<double>(bytes.size())) {
    throw InputError(source + ": has " + std::to_string(bytes.size()) + " bytes of numbers, but " +
                     (product.empty() ? "one number" : product) + " of " + std::to_string(element_size(how.type)) +
                     " bytes each is not as many");
  }
  // A 0 among them leaves no number, but strides and sizes are made of the others, too.
  if (!(addressed <= kAddressed))
    throw InputError(source + ": has a shape of " + product + ", which is more than can be addressed");
  NumberArray array;
  const auto as_float = [&]<typename Stored>(Stored) {
    array.values = convert<Stored, float>(source, bytes, how, shape);
  };
  const auto as_double = [&]<typename Stored>(Stored) {
    array.values = convert<Stored, double>(source, bytes, how, shape);
  };
  switch (how.type) {
    case ElementType::float16:
      as_float(Half{});
      break;
    case ElementType::bfloat16:
      as_float(BrainHalf{});
      break;
    case ElementType::float32:
      as_float(float{});
      break;
    case ElementType::float64:
      as_double(double{});
      break;
    case ElementType::int8:
      as_float(std::int8_t{});
      break;
    case ElementType::int16:
      as_float(std::int16_t{});
      break;
    case ElementType::int32:
      as_double(std::int32_t{});
      break;
    case ElementType::int64:
      as_double(std::int64_t{});
      break;
    case ElementType::boolean:
    case ElementType::uint8:
      as_float(std::uint8_t{});
      break;
    case ElementType::uint16:
      as_float(std::uint16_t{});
      break;
    case ElementType::uint32:
      as_double(std::uint32_t{});
      break;
    case ElementType::uint64:
      as_double(std::uint64_t{});
      break;
  }
  array.shape = std::move(shape);
  array.stored = how.type;
  return array;
}

bool ArrayFile::has(std::string_view name) const { return std::find(names.begin(), names.end(), name) != names.end(); }

}  // namespace etamax
