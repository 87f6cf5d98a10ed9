#pragma once

#include "etamax/core/fields.h"
#include "etamax/problem/small_network.h"

namespace etamax::web {

/// What a page types of a small network.
Fields fields(SmallNetworkOptions& options);

}  // namespace etamax::web
