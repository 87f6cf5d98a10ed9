#include "etamax/files/file_keeper.h"

#include <utility>

namespace etamax {
namespace {

std::unique_ptr<FileKeeper> current;

}  // namespace

void set_file_keeper(std::unique_ptr<FileKeeper> keeper) { current = std::move(keeper); }
FileKeeper* file_keeper() { return current.get(); }

}  // namespace etamax
