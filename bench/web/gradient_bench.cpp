// What a gradient costs over many points at once, in nanoseconds of processor time, for the processor and for browsers:
// the same file is compiled for both (compare.sh). Prints CSV: function, number type, nanoseconds.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <limits>
#include <vector>

#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace {

constexpr std::size_t kPoints = 1024;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// The best of many short looks in half a second: others use the machine, too, and a browser's engine first runs what
/// it has compiled in haste.
template <typename T>
double nanoseconds(const etamax::Function& f) {
  std::vector<T> x(kPoints), g(kPoints);
  for (std::size_t i = 0; i < kPoints; ++i) x[i] = static_cast<T>(2 * std::sin(static_cast<double>(i)) + 2.5);
  double best = std::numeric_limits<double>::infinity();
  for (const double until = now() + 0.5; now() < until;) {
    const double from = now();
    for (int round = 0; round < 20; ++round) f.gradients(x, g);
    best = std::min(best, (now() - from) / (20 * kPoints));
  }
  return best * 1e9;
}

}  // namespace

int main() {
  for (const char* text : {"x^4-3x^2+x", "tanh(x)^2", "exp(x)-x", "log(x)^2", "sin(x)+x^2/20", "logcosh"}) {
    const etamax::NamedExpression named = etamax::parse_objective(text);
    const etamax::Function f(named.expression, named.variables);
    std::printf("%s,float64,%.4g\n%s,float32,%.4g\n", text, nanoseconds<double>(f), text, nanoseconds<float>(f));
  }
}
