#pragma once

#include <string>

namespace etamax {

/// Refuses, before LibTorch reads it, a TorchScript file that would cost far more than its size: what unpacks to more
/// than most_unpacked(), a pickle with a text longer than itself. A file that is no zip file passes: LibTorch
/// says so. Throws InputError for the option `field`.
void check_script_archive(const std::string& field, const std::string& path);

/// Refuses TorchScript whose code opens files (torch.save, torch.from_file), before any of it runs. Throws InputError
/// for the option `field`. This is for a clear word: who does not trust a file confines the process that loads it.
void refuse_file_access(const std::string& field, const std::string& path);

}  // namespace etamax
