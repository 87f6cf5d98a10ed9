#include "workers.h"

#include <chrono>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include "etamax/core/error.h"
#include "signals.h"

namespace etamax::apps {
namespace {

int threads_of(int wanted) {
  return wanted > 0 ? wanted : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace

Workers::Workers(int threads, Status& status, std::size_t part)
    : threads_(threads_of(threads)), status_(status), part_(part) {}

MapWorkers Workers::workers() {
  return [this](std::size_t count, const MapPart& compute) { run(count, compute); };
}

Progress Workers::progress() {
  return [this](const WorkDone& done) {
    done_ = done.part;
    return !stop_;
  };
}

void Workers::run(std::size_t count, const MapPart& compute) {
  std::atomic<std::size_t> next = 0;
  std::atomic<int> at_work = threads_;
  std::exception_ptr failure;
  std::mutex failing;
  const auto work = [&] {
    try {
      for (std::size_t begin = 0; !stop_ && (begin = next.fetch_add(part_)) < count;) {
        std::vector<std::size_t> numbers(std::min(part_, count - begin));
        std::iota(numbers.begin(), numbers.end(), begin);
        compute(numbers);
      }
    } catch (...) {
      const std::lock_guard lock(failing);
      if (!failure) failure = std::current_exception();
      stop_ = true;
    }
    --at_work;
  };
  std::vector<std::jthread> threads;
  try {
    for (int t = 0; t < threads_; ++t) threads.emplace_back(work);
  } catch (const std::system_error&) {  // there are no more to be had: those that there are do the work
    at_work -= threads_ - static_cast<int>(threads.size());
    if (threads.empty()) at_work = 1, work();
  }
  while (at_work > 0) {
    status_.progress(done_.load());
    if (interrupted()) stop_ = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(at_work > 0 ? 2 : 0));
  }
  threads.clear();
  if (failure) std::rethrow_exception(failure);
  if (stop_) throw Interrupted();
}

}  // namespace etamax::apps
