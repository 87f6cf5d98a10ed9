#include "file_faults.h"

#include <utility>

#include "etamax/core/error.h"
#include "messages.h"

namespace etamax::apps {
namespace {

struct Fault {
  int status;
  std::string words;
};

Fault fault_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const InputError& e) {
    return {2, (e.field().empty() ? "" : "--") + std::string(e.what())};
  } catch (const Interrupted& e) {
    return {3, e.what()};
  } catch (const std::exception& e) {
    return {1, e.what()};
  }
}

}  // namespace

FileFault FileFaults::listener(std::string then) {
  return [this, then = std::move(then)](const std::exception_ptr& thrown) {
    const Fault fault = thrown ? fault_of(thrown) : Fault{};
    status_ = fault.status;
    if (fault.words.empty() || fault.words == said_) return;
    said_ = fault.words;
    wipe_status();
    say(fault.words + then);
  };
}

}  // namespace etamax::apps
