#include "interruption.h"

#include <pybind11/pybind11.h>

#include <atomic>
#include <chrono>

namespace py = pybind11;

namespace etamax::python {
namespace {

std::atomic<bool> asked = false, agreed = false, by_agreement = false;

py::object sigint() { return py::module_::import("signal").attr("SIGINT"); }

bool in_main_thread() {
  const py::module_ threading = py::module_::import("threading");
  return threading.attr("current_thread")().is(threading.attr("main_thread")());
}

}  // namespace

Interruptions::Interruptions() {
  asked = false;
  if (!in_main_thread()) return;
  const py::cpp_function ask([](const py::args&) { asked = true; });
  handler_before_ = py::module_::import("signal").attr("signal")(sigint(), ask).release().ptr();
}

Interruptions::~Interruptions() {
  if (!handler_before_) return;
  const auto before = py::reinterpret_steal<py::object>(static_cast<PyObject*>(handler_before_));
  try {
    // One that Python knows nothing of cannot be put back by it: the usual one takes its place.
    const py::module_ signal = py::module_::import("signal");
    signal.attr("signal")(sigint(), before.is_none() ? py::object(signal.attr("SIG_DFL")) : before);
  } catch (py::error_already_set& e) {
    e.discard_as_unraisable("etamax: putting back the handler of SIGINT");
  }
}

bool asked_to_stop() {
  using Clock = std::chrono::steady_clock;
  thread_local Clock::time_point next;
  const std::atomic<bool>& answer = by_agreement ? agreed : asked;
  if (answer) return true;
  const Clock::time_point now = Clock::now();
  if (now < next) return false;
  next = now + std::chrono::milliseconds(50);
  const py::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();  // another signal's handler raised
  return answer;
}

void stop_by_agreement(bool whether) {
  asked = agreed = false;
  by_agreement = whether;
}

bool was_asked_here() { return asked; }
void agree_to_stop() { agreed = true; }

Progress progress_of(const py::object& listener) {
  if (listener.is_none() || !py::bool_(listener)) return [](const WorkDone&) { return !asked_to_stop(); };
  static constexpr auto kBetween = std::chrono::milliseconds(200);
  return [listener, next = std::chrono::steady_clock::now() + kBetween](const WorkDone& done) mutable {
    if (const auto now = std::chrono::steady_clock::now(); now >= next) {
      next = now + kBetween;
      listener.attr("told")(done.part, done.in_words ? done.in_words() : "");
    }
    return !asked_to_stop();
  };
}

std::function<void(const std::string&)> stage_of(const py::object& listener) {
  if (listener.is_none() || !py::bool_(listener)) return {};
  return [listener](const std::string& name) { listener.attr("stage")(name); };
}

}  // namespace etamax::python
