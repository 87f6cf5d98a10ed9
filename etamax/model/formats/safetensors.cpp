#include "etamax/files/safetensors.h"

#include "etamax/files/bytes.h"
#include "etamax/model/table_data.h"

namespace etamax::formats {

/// Hugging Face's format for tensors, here with examples in them.
DataSpec safetensors() {
  DataSpec spec;
  spec.name = "safetensors";
  spec.summary = "tensors X and y (or inputs=NAME,targets=NAME), the examples first";
  spec.endings = {".safetensors"};
  spec.example = "safetensors:FILE,inputs=NAME,targets=NAME";
  spec.load = [](const std::string& path, const DataOptions& options) {
    return dataset_from_arrays("safetensors:" + path, "safetensors:" + path,
                               open_safetensors(path, read_whole_file(path)), options);
  };
  return spec;
}

}  // namespace etamax::formats
