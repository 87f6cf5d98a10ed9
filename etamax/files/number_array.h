#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Arrays of numbers in files, as plain vectors.
namespace etamax {

/// How a file stores one number.
enum class ElementType {
  float16,
  bfloat16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  boolean,
};

/// More than anyone has, and few enough to be listed in a message.
inline constexpr std::size_t kMostDimensions = 16;

std::size_t element_size(ElementType type);

/// Where the elements of a strided array lie, in the order of the last index moving fastest; counted in
/// elements from `offset` on.
class StridedWalk {
 public:
  StridedWalk(std::vector<std::size_t> shape, std::vector<std::size_t> strides, std::size_t offset = 0)
      : shape_(std::move(shape)), strides_(std::move(strides)), index_(shape_.size()), at_(offset) {}
  /// The place of the next element. As many as the shape has may be asked for.
  std::size_t next();

 private:
  std::vector<std::size_t> shape_, strides_, index_;
  std::size_t at_;
};

struct NumberArray {
  std::vector<std::size_t> shape;  ///< empty for a single number
  /// The last index moves fastest. In 32 bit where that holds every number of the stored type, else in 64.
  std::variant<std::vector<float>, std::vector<double>> values;
  ElementType stored = ElementType::float64;  ///< as what the file has them
  std::size_t size() const;
  double at(std::size_t i) const;
};

struct StoredAs {
  ElementType type = ElementType::float32;
  bool big_endian = false;
  bool first_index_fastest = false;
};

/// The numbers that `bytes` hold. Throws InputError where their count does not fit the shape, where the shape's
/// product, zeros left out, is more than can be addressed, or where an integer is beyond 2^53 and so has no 64-bit
/// floating-point number of its own.
NumberArray decode_numbers(const std::string& source, std::string_view bytes, StoredAs how,
                           std::vector<std::size_t> shape);

/// A file of named arrays, each decoded when it is asked for.
struct ArrayFile {
  std::string source;                                        ///< for messages
  std::vector<std::string> names;                            ///< in the file's order
  std::function<NumberArray(const std::string& name)> read;  ///< throws InputError
  bool has(std::string_view name) const;
};

}  // namespace etamax
