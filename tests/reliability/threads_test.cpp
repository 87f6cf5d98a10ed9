// The library starts no thread (contract.include_rules) and may be asked in several at once: each gets the answer that
// it would get alone. The threads come first, for what the library makes once is then made while they run.
#include <gtest/gtest.h>

#include <barrier>
#include <functional>
#include <thread>

#include "etamax/diagnose/diagnose.h"
#include "etamax/explain/explain.h"

namespace etamax {
namespace {

/// All of an answer but the time that it took.
template <typename Answer>
std::string text_of(Answer answer) {
  answer.cost.seconds = 0;
  return to_json(answer);
}

std::string explained(const std::string& function, const std::string& optimizer) {
  ExplainOptions options;
  options.expression = function;
  options.start = {{"", 1.5}};
  options.lr = {0.01, 1.2};
  options.optimizer = optimizer;
  options.follow.max_steps = 200;
  return text_of(explain(options));
}

std::string diagnosed(const std::string& log) {
  DiagnoseOptions options;
  options.lr = 0.1;
  ByteSource source = ByteSource::memory(log);
  return text_of(diagnose(source, options));
}

TEST(Library, AnswersInSeveralThreadsAsInOne) {
  const std::vector<std::function<std::string()>> questions = {
      [] { return explained("x^2 + 3*y^2", "gd"); },
      [] { return explained("x^4 - x^2", "adam"); },
      [] { return explained("rosenbrock", "lion"); },
      [] { return explained("sin(x)*cos(y)", "sgd"); },
      [] { return diagnosed("step,loss\n0,1\n1,1.5\n2,2.25\n3,3.4\n4,5.1\n5,7.6\n6,11\n"); },
      [] {
        return diagnosed("{\"step\": 1, \"loss\": 3}\n{\"step\": 2, \"loss\": 2}\n{\"step\": 3, \"loss\": NaN}\n");
      },
  };
  std::barrier begin(static_cast<std::ptrdiff_t>(questions.size()));
  std::vector<std::string> answers(questions.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < questions.size(); ++i)
    threads.emplace_back([&, i] {
      begin.arrive_and_wait();
      answers[i] = questions[i]();
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < questions.size(); ++i) EXPECT_EQ(answers[i], questions[i]()) << i;
}

}  // namespace
}  // namespace etamax
