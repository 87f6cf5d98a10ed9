// What the verbs refuse: the option, its value and what would be right, each where a caller can read it, and no word of
// the command line in it.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

#include "etamax/core/error.h"
#include "etamax/diagnose/diagnose.h"
#include "etamax/explain/explain.h"
#include "etamax/files/replace_file.h"
#include "etamax/optim/options.h"

namespace etamax {
namespace {

constexpr const char* kLog = "step,loss\n1,2\n2,1.5\n3,1\n4,0.8\n";

void explained(const std::function<void(ExplainOptions&)>& change) {
  ExplainOptions options{.expression = "x^2", .start = {{"x", -1}}, .lr = {0.1}};
  change(options);
  explain(options);
}

void diagnosed(const std::function<void(DiagnoseOptions&)>& change, const char* text = kLog) {
  DiagnoseOptions options;
  change(options);
  ByteSource log = ByteSource::memory(text);
  diagnose(log, options);
}

struct Case {
  const char *field, *value, *constraint;
  std::function<void()> call;
};

std::vector<Case> cases() {
  using E = ExplainOptions;
  using D = DiagnoseOptions;
  return {
      {"lr", "-1", "a positive finite number", [] { explained([](E& o) {
                                                      o.lr = {0.1, -1};
                                                    }); }},
      {"lr", "nan", "a positive finite number", [] { explained([](E& o) { o.lr = {NAN}; }); }},
      {"lr", "", "give at least one learning rate, for example `lr=0.1`", [] { explained([](E& o) { o.lr = {}; }); }},
      {"start", "inf", "finite", [] { explained([](E& o) {
                                        o.start = {{"x", INFINITY}};
                                      }); }},
      {"start", "", "no start for 'x', for example x=1", [] { explained([](E& o) { o.start = {}; }); }},
      {"start", "", "the function has no variable 'y'; it has x",
       [] { explained([](E& o) {
              o.start = {{"y", 1}};
            }); }},
      {"steps", "10001", "a whole number in 0..10000", [] { explained([](E& o) { o.follow.shown_steps = 10001; }); }},
      {"max_steps", "0", "a whole number in 1..1000000", [] { explained([](E& o) { o.follow.max_steps = 0; }); }},
      {"observed", "nan", "finite", [] { explained([](E& o) {
                                           o.observed = {1, NAN};
                                         }); }},
      {"observed_lr", "0", "a positive finite number", [] { explained([](E& o) { o.observed_lr = 0; }); }},
      {"observed_lr", "", "needs `observed`, the iterates in question",
       [] { explained([](E& o) { o.observed_lr = 1; }); }},
      {"expression", "x^", "expected a number, a variable, a function or '(', but the text ends",
       [] { explained([](E& o) { o.expression = "x^"; }); }},
      {"optimizer", "sdg", "one of adagrad, adam, adamw, gd, lion, rmsprop, sgd, signsgd",
       [] { explained([](E& o) { o.optimizer = "sdg"; }); }},
      {"momentum", "2", "in [0, 1)",
       [] { explained([](E& o) {
              o.optimizer = "sgd", o.settings = {{"momentum", 2}};
            }); }},
      {"beta1", "inf", "finite; it must be in [0, 1)",
       [] { explained([](E& o) {
              o.optimizer = "adam", o.settings = {{"beta1", INFINITY}};
            }); }},
      {"nesterov", "", "sgd: nesterov = 1 needs momentum > 0 and dampening = 0",
       [] { explained([](E& o) {
              o.optimizer = "sgd", o.settings = {{"nesterov", 1}};
            }); }},
      {"momentum", "", "gd has no hyperparameter 'momentum'; it belongs to rmsprop, sgd",
       [] { explained([](E& o) {
              o.settings = {{"momentum", 0.9}};
            }); }},
      {"lr", "-1", "a positive finite number", [] { diagnosed([](D& o) { o.lr = -1; }); }},
      {"format", "cvs", "one of csv, json, tensorboard, text", [] { diagnosed([](D& o) { o.format = "cvs"; }); }},
      {"column", "", "'memory' has no column of numbers 'los'; did you mean 'loss'?",
       [] { diagnosed([](D& o) { o.column = "los"; }); }},
      {"step_column", "", "'memory' has no column of numbers 'stp'; did you mean 'step'?",
       [] { diagnosed([](D& o) { o.step_column = "stp"; }); }},
      {"", "", "'memory' has no column that looks like a loss; it has apples, pears; choose one with `column`",
       [] { diagnosed([](D&) {}, "apples,pears\n1,0.5\n2,0.6\n"); }},
      {"expression", "", "'x*y' has 2 variables; a log holds the iterates of one",
       [] { diagnosed([](D& o) { o.expression = "x*y"; }); }},
      {"output", "/no/such/folder/a.json", "a file that can be written",
       [] { replace_file("output", "/no/such/folder/a.json", "{}"); }},
  };
}

TEST(Refusals, NameFieldValueAndConstraint) {
  for (const Case& c : cases()) {
    try {
      c.call();
      ADD_FAILURE() << c.field << ": " << c.constraint << ": was taken";
    } catch (const InputError& e) {
      const std::string what = e.what();
      EXPECT_EQ(e.field(), c.field) << what;
      EXPECT_EQ(e.value(), c.value) << what;
      EXPECT_EQ(e.constraint(), c.constraint) << what;
      EXPECT_EQ(what.find("--"), std::string::npos) << what;
    }
  }
}

/// A field that is refused must be one that can be given.
TEST(Refusals, NameFieldsOfTheTables) {
  ExplainOptions explain_options;
  DiagnoseOptions diagnose_options;
  std::set<std::string> known = {"", "output"};
  for (const Fields& list : {fields(explain_options), fields(diagnose_options)})
    for (const Field& field : list) known.insert(field.name);
  OptimizerOptions optimizer_options;
  for (const Field& field : fields(optimizer_options)) known.insert(field.name);
  for (const Case& c : cases()) EXPECT_TRUE(known.contains(c.field)) << c.field;
}

}  // namespace
}  // namespace etamax
