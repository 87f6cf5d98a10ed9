#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "etamax/files/number_array.h"

/// Files of torch.save (PyTorch 1.6 and newer: a zip file with a pickle and the tensors' bytes). Nothing in
/// the file is run: objects of classes other than tensors, dicts, lists and plain values are passed over as
/// `other`.
namespace etamax {

/// Where a tensor's elements lie.
struct SavedTensor {
  std::string storage;
  ElementType type = ElementType::float32;
  std::vector<std::size_t> shape, strides;
  std::size_t offset = 0;  ///< as the strides, in elements of the storage
};

struct SavedValue {
  enum class Kind { other, number, text, list, dict, tensor };
  Kind kind = Kind::other;
  double number = 0;                     ///< integers, floats, bools
  std::string text;                      ///< texts; for a class, the file's own words
  std::vector<const SavedValue*> items;  ///< of a list or tuple; of a dict: key, value, key, value, ...
  std::unique_ptr<SavedTensor> tensor;   ///< of a tensor or a storage; null for all others, which are many

  /// The value at that key of a dict; null where there is none.
  const SavedValue* find(std::string_view key) const;
  const SavedValue* find(long key) const;
};

/// The values refer to each other, and live as long as `read`.
struct TorchSave {
  std::string source;
  const SavedValue* root = nullptr;
  /// A tensor's numbers. Throws InputError.
  std::function<NumberArray(const SavedValue& tensor, const std::string& name)> read;
};

/// Takes over the file's bytes. Throws InputError with `source`, place and reason; among others where the file has more
/// values than its size tells of, and, while reading, where tensors that share storages come to more than
/// most_unpacked() of it.
TorchSave open_torch_save(const std::string& source, std::string bytes);

}  // namespace etamax
