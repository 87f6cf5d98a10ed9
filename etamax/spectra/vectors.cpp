#include "etamax/spectra/vectors.h"

#include "etamax/core/error.h"
#include "etamax/files/npz.h"
#include "etamax/files/replace_file.h"

namespace etamax {

void check_vectors_file(const std::string& path) {
  if (path.empty()) return;
  if (!path.ends_with(".npz")) throw InputError("vectors", path, "the name of an .npz file");
  check_replaceable("vectors", path);
}

void write_vectors(const std::string& path, const std::vector<ParameterBlock>& blocks,
                   const std::vector<double>& eigenvalues, const std::vector<Vector>& vectors) {
  NpzWriter arrays("vectors");
  arrays.add("eigenvalues", eigenvalues, {eigenvalues.size()});
  for (const ParameterBlock& block : blocks) {
    std::vector<double> values;
    for (const Vector& v : vectors) {
      const std::vector<double> part = v.part(block.from, block.to).values();
      values.insert(values.end(), part.begin(), part.end());
    }
    arrays.add(block.name, values, {vectors.size(), block.to - block.from});
  }
  replace_file("vectors", path, arrays.take());
}

}  // namespace etamax
