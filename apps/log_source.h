#pragma once

#include <string>

#include "etamax/diagnose/source.h"

namespace etamax::apps {

/// A file, a FIFO, or "-" for the standard input, read as its bytes come: while none do, the source goes on asking
/// whether to wait. Throws InputError where there is no such file, or it is a folder or may not be read.
ByteSource open_log(const std::string& path);

}  // namespace etamax::apps
