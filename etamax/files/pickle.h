#pragma once

#include <string>
#include <string_view>

namespace etamax {

/// Walks over Python's pickle of any protocol up to its end, without making anything of it. Throws InputError with
/// `source`, place and reason: it is cut off, has an unknown code, a length beyond its end, or a place in its
/// memo beyond what it can have filled, for which a reader would ask memory.
void check_pickle(const std::string& source, std::string_view pickle);

}  // namespace etamax
