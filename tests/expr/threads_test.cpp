// One function, asked by several threads that begin at one time: what it makes when first asked for is made once.
// ThreadSanitizer sees more of this than the numbers show (CONTRIBUTING.md).
#include <gtest/gtest.h>

#include <barrier>
#include <span>
#include <thread>
#include <vector>

#include "etamax/expr/function.h"

namespace etamax {
namespace {

/// All that a function is asked for, one number after the other.
std::vector<double> answers(const Function& f) {
  const std::vector<double> x = {0.5, -1.25, 2, 0.75}, v = {1, 0, -1, 3};
  const std::vector<float> narrow(x.begin(), x.end()), narrow_v(v.begin(), v.end());
  std::vector<double> all(4);
  const std::span<double> hessian = all;
  f.hessian({x.data(), 2}, hessian);
  const auto ask = [&](auto&& what, auto result) {
    what(std::span(result));
    all.insert(all.end(), result.begin(), result.end());
  };
  ask([&](std::span<double> y) { f.hessian_vector_products(x, v, y); }, std::vector<double>(4));
  ask([&](std::span<double> y) { f.gradients(x, y); }, std::vector<double>(4));
  ask([&](std::span<double> y) { f.values(x, y); }, std::vector<double>(2));
  ask([&](std::span<float> y) { f.hessian_vector_products(narrow, narrow_v, y); }, std::vector<float>(4));
  ask([&](std::span<float> y) { f.gradients(narrow, y); }, std::vector<float>(4));
  ask([&](std::span<float> y) { f.values(narrow, y); }, std::vector<float>(2));
  ask([&](std::span<double> y) { f.gradient({x.data(), 2}, y); }, std::vector<double>(2));
  all.push_back(f.value({x.data(), 2}));
  all.push_back(f.hessian_is_constant() ? 1 : 0);
  return all;
}

TEST(Function, AnswersSeveralThreadsAsItDoesOne) {
  constexpr int kThreads = 4;
  for (const char* text : {"x^2+3*y^2", "exp(sin(x*y))+x^4*y", "log(1+x^2)*tanh(y)"}) {
    const Expression expression = parse(text);
    const std::vector<double> expected = answers(Function(expression, {"x", "y"}));
    const Function shared(expression, {"x", "y"});
    std::barrier begin(kThreads);
    std::vector<std::vector<double>> found(kThreads);
    std::vector<std::thread> threads;
    for (std::vector<double>& of_thread : found)
      threads.emplace_back([&shared, &begin, &of_thread] {
        begin.arrive_and_wait();
        of_thread = answers(shared);
      });
    for (std::thread& thread : threads) thread.join();
    for (const std::vector<double>& of_thread : found) EXPECT_EQ(of_thread, expected) << text;
  }
}

}  // namespace
}  // namespace etamax
