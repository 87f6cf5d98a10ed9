#pragma once

#include <functional>
#include <string>

/// Failing each allocation of a run in turn. The program that links failing_allocations.cpp has its operators new, and
/// (where its libraries are static) malloc.
namespace etamax::testing {

/// What fails: one allocation, or it and all that come after.
enum class Failing { once, from_then_on };

/// What became of a run whose k-th allocation failed.
enum class Outcome {
  answered,       ///< the right answer all the same
  out_of_memory,  ///< std::bad_alloc, and a run after it gives the right answer
  terminated,     ///< std::bad_alloc out of a destructor
  wrong,          ///< another answer, another exception, a crash, or a file left behind
};

/// A run gives its answer as text, the same each time. Only what it does within `armed` can fail.
using Armed = std::function<void(const std::function<void()>&)>;
using AnyRun = std::function<std::string(const Armed& armed)>;

/// How many allocations the run makes.
long allocations_of(const AnyRun& run);

/// Each in a process of its own, where nothing is known yet of the runs before. `why`: of what is wrong.
Outcome outcome_of(const AnyRun& run, Failing failing, long k, std::string& why);

}  // namespace etamax::testing
