#pragma once

namespace etamax::apps {

/// Raises the soft limit of the stack to the usual 8 MiB, or as far as the hard one lets it: parsers and LibTorch's
/// threads recurse, and an overflow could not be said. Throws EnvironmentError where less than 1 MiB is to be had.
void take_stack();

}  // namespace etamax::apps
