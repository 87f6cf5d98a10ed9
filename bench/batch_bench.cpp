// Gradients of x^4 - 3x^2 + x over a batch, against a hand-written loop; other functions for comparison.
#include <benchmark/benchmark.h>

#include <cmath>
#include <string>
#include <vector>

#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"
#include "hand_written.h"

namespace etamax {
namespace {

template <typename T>
std::vector<T> points(std::size_t n) {
  std::vector<T> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<T>(std::sin(static_cast<double>(i)));
  return x;
}

void count(benchmark::State& state, std::size_t n) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(n));
}

template <typename T>
void hand_written(benchmark::State& state, const std::string&) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::vector<T> x = points<T>(n);
  std::vector<T> g(n);
  for (auto _ : state) {
    hand_written_gradient(x.data(), g.data(), n);
    benchmark::ClobberMemory();
  }
  count(state, n);
}

template <typename T>
void gradients(benchmark::State& state, const std::string& text) {
  const NamedExpression named = parse_objective(text);
  const Function f(named.expression, named.variables);
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::vector<T> x = points<T>(n * named.variables.size());
  std::vector<T> g(x.size());
  for (auto _ : state) {
    f.gradients(x, g);
    benchmark::ClobberMemory();
  }
  count(state, n);
}

template <typename T>
void hessian_vector_products(benchmark::State& state, const std::string& text) {
  const NamedExpression named = parse_objective(text);
  const Function f(named.expression, named.variables);
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::vector<T> x = points<T>(n * named.variables.size());
  std::vector<T> product(x.size());
  for (auto _ : state) {
    f.hessian_vector_products(x, x, product);
    benchmark::ClobberMemory();
  }
  count(state, n);
}

void one_by_one(benchmark::State& state, const std::string& text) {
  const NamedExpression named = parse_objective(text);
  const Function f(named.expression, named.variables);
  const auto n = static_cast<std::size_t>(state.range(0)), d = named.variables.size();
  const std::vector<double> x = points<double>(n * d);
  std::vector<double> g(d);
  for (auto _ : state) {
    for (std::size_t p = 0; p < n; ++p) f.gradient(std::span(x).subspan(p * d, d), g);
    benchmark::DoNotOptimize(g.data());
  }
  count(state, n);
}

using Benchmark = void (*)(benchmark::State&, const std::string&);

void add(const std::string& name, Benchmark run, const std::string& text, const std::vector<int>& sizes) {
  auto* const b = benchmark::RegisterBenchmark(name.c_str(), run, text);
  for (const int n : sizes) b->Arg(n);
  // Time of this thread alone, so that other programs on the machine do not count; medians of several.
  b->Repetitions(9)->ReportAggregatesOnly()->MinTime(0.1)->Unit(benchmark::kMicrosecond);
}

void add_all() {
  // In the first-level cache, in the second, and in memory.
  const std::vector<int> sizes = {1 << 10, 1 << 14, 1 << 23};
  const std::string quartic = "x^4 - 3x^2 + x";
  add("hand_written/double", hand_written<double>, quartic, sizes);
  add("gradients/quartic/double", gradients<double>, quartic, sizes);
  add("hand_written/float", hand_written<float>, quartic, sizes);
  add("gradients/quartic/float", gradients<float>, quartic, sizes);
  add("one_by_one/quartic/double", one_by_one, quartic, {1 << 10});
  for (const std::string objective : {"logcosh", "rosenbrock", "rastrigin(16)"}) {
    add("gradients/" + objective + "/double", gradients<double>, objective, {1 << 14});
    add("hessian_vector_products/" + objective + "/double", hessian_vector_products<double>, objective, {1 << 14});
    add("one_by_one/" + objective + "/double", one_by_one, objective, {1 << 14});
  }
}

}  // namespace
}  // namespace etamax

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  etamax::add_all();
  benchmark::RunSpecifiedBenchmarks();
}
