#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/npy.h"
#include "etamax/files/zip.h"
#include "etamax/model/table_data.h"

namespace etamax::formats {

/// NumPy's archives of several arrays, and its files of one.
DataSpec npz() {
  DataSpec spec;
  spec.name = "npz";
  spec.summary =
      "NumPy's .npz: arrays X and y (or inputs=NAME,targets=NAME; inputs=NAME+NAME of a network with several), the "
      "examples first; or an .npy of rows, target=COLUMN by number, else the last";
  spec.endings = {".npz", ".npy"};
  spec.example = "npz:FILE,inputs=NAME,targets=NAME";
  spec.load = [](const std::string& path, const DataOptions& options) {
    const std::string where = "npz:" + path, name = "npz:" + path;
    std::string bytes = read_whole_file(path);
    if (looks_like_zip(bytes)) return dataset_from_arrays(where, name, open_npz(path, std::move(bytes)), options);
    if (!looks_like_npy(bytes)) throw InputError(path + ": is neither an .npz nor an .npy file of NumPy");
    check_options(where, options, {"target"});
    const torch::Tensor all = tensor_of(read_npy(path, bytes));
    if (all.dim() != 2)
      throw InputError("data", where + ": has " + std::to_string(all.dim()) +
                                   " dimensions; a single array holds rows of features and a target, so it has 2");
    return dataset_from_columns(name, all, {},
                                target_columns(where, static_cast<std::size_t>(all.size(1)), {}, options));
  };
  return spec;
}

}  // namespace etamax::formats
