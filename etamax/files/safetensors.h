#pragma once

#include <string>

#include "etamax/files/number_array.h"

/// Hugging Face's safetensors: 8 bytes with the header's length, the header in JSON, the tensors' bytes.
namespace etamax {

/// The tensors of the file. Takes over its bytes. Throws InputError with `source`, place and reason.
ArrayFile open_safetensors(const std::string& source, std::string bytes);

}  // namespace etamax
