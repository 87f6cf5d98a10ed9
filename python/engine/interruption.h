#pragma once

#include <pybind11/pybind11.h>

#include "etamax/core/progress.h"

namespace etamax::python {

/// While it lives, Ctrl-C asks the work of this thread to stop where it may, instead of raising KeyboardInterrupt
/// wherever Python happens to be: what is known by then becomes a partial answer. In other threads than the main one
/// Python hears of no signal, and nothing changes.
class Interruptions {
 public:
  Interruptions();
  ~Interruptions();
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;

 private:
  void* handler_before_ = nullptr;  ///< a Python object; null where nothing was put in its place
};

/// Whether somebody has. Takes Python's lock where it is free, a few times a second.
bool asked_to_stop();

/// For work that several processes share, which must stop at the same place: asked_to_stop() is then what they have
/// agreed on, and no longer what this one was asked.
void stop_by_agreement(bool whether);
bool was_asked_here();
void agree_to_stop();

/// For work that asks whether to go on, and tells `listener` how far it is (`etamax._progress.Progress`, or None).
Progress progress_of(const pybind11::object& listener);
/// For the names of its stages.
std::function<void(const std::string&)> stage_of(const pybind11::object& listener);

}  // namespace etamax::python
