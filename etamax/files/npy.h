#pragma once

#include <string>
#include <string_view>

#include "etamax/files/number_array.h"

/// NumPy's files, as numpy.lib.format describes them.
namespace etamax {

bool looks_like_npy(std::string_view bytes);

/// One array. Throws InputError with `source`, place and reason.
NumberArray read_npy(const std::string& source, std::string_view bytes);

/// The arrays of an .npz file, by the names that numpy.load shows. Takes over its bytes. Throws InputError.
ArrayFile open_npz(const std::string& source, std::string bytes);

}  // namespace etamax
