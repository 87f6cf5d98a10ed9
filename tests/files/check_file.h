#pragma once

#include <string>
#include <string_view>

namespace etamax::testing {

/// The readers that are fuzzed: "csv", "npz" (and .npy), "idx" (gzipped or not), "safetensors", "torch_save".
///
/// What must hold of any bytes: the reader gives arrays with as many numbers as their shapes say, or throws
/// an InputError of one line that begins with the file's name. "" if that holds, else what does not.
std::string file_fault(const std::string& reader, std::string_view bytes);

}  // namespace etamax::testing
