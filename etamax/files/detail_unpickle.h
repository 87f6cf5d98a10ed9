#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "etamax/files/torch_save.h"

namespace etamax {

/// What a pickle holds, in values that refer to each other within `store`. Throws InputError with `source` and the
/// byte; among others where there are more than `most_codes`, each of which takes some hundred bytes of memory.
const SavedValue* unpickled(const std::string& source, std::string_view pickle, std::size_t most_codes,
                            std::deque<SavedValue>& store);

}  // namespace etamax
