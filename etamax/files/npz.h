#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace etamax {

/// Arrays by name as NumPy's np.savez writes them: a zip file of .npy files, stored as they are.
class NpzWriter {
 public:
  /// `field` names the option by which such a file is asked for.
  explicit NpzWriter(std::string field = "output") : field_(std::move(field)) {}

  /// `values` in the order of C, as many as the product of `shape`. Like the others, throws InputError for the field
  /// where the file would be more than the format without its extensions holds (4 GB).
  void add(const std::string& name, const std::vector<double>& values, const std::vector<std::size_t>& shape);
  void add(const std::string& name, const std::vector<std::int32_t>& values, const std::vector<std::size_t>& shape);
  /// Words in ASCII.
  void add(const std::string& name, const std::vector<std::string>& words);
  /// The file's bytes; the writer is empty then.
  std::string take();

 private:
  void add_file(const std::string& name, const std::string& type, const std::vector<std::size_t>& shape,
                const std::string& data);
  std::string field_, bytes_, directory_;
  std::uint16_t count_ = 0;
};

}  // namespace etamax
