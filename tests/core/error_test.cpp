// An InputError says which option is wrong, what it was given and what would be right.
#include "etamax/core/error.h"

#include <gtest/gtest.h>

#include "etamax/core/named.h"

namespace etamax {
namespace {

struct Parts {
  std::string what, field, value, constraint;
  bool operator==(const Parts&) const = default;
};

Parts parts(const InputError& e) { return {e.what(), e.field(), e.value(), e.constraint()}; }

TEST(InputError, HasItsParts) {
  EXPECT_EQ(parts(InputError("the expression is too large")),
            (Parts{"the expression is too large", "", "", "the expression is too large"}));
  EXPECT_EQ(parts(InputError("model", "has no parameters")),
            (Parts{"model: has no parameters", "model", "", "has no parameters"}));
  EXPECT_EQ(parts(InputError("gap", "2", "between 0 and 1")),
            (Parts{"gap: 2 is not between 0 and 1", "gap", "2", "between 0 and 1"}));
  EXPECT_EQ(parts(InputError("beta1", "2", "in [0, 1)", "adam: beta1 = 2 is not in [0, 1)")),
            (Parts{"adam: beta1 = 2 is not in [0, 1)", "beta1", "2", "in [0, 1)"}));
}

TEST(InputError, IsAboutAnOptionWhereItWasAboutNone) {
  EXPECT_EQ(parts(InputError("a.csv: has no rows").about("data")),
            (Parts{"a.csv: has no rows", "data", "", "a.csv: has no rows"}));
  EXPECT_EQ(InputError("target", "is missing").about("data").field(), "target");
}

TEST(InputError, OfATableNamesTheNearestRow) {
  struct Row {
    std::string name;
  };
  const std::vector<Row> table = {{"mse"}, {"huber"}};
  const auto refusal = [&](const char* name) {
    try {
      find_named(table, name, "loss", "loss");
    } catch (const InputError& e) {
      return parts(e);
    }
    return Parts{};
  };
  EXPECT_EQ(refusal("msee"),
            (Parts{"loss: unknown loss 'msee'; did you mean 'mse'?", "loss", "msee", "one of mse, huber"}));
  EXPECT_EQ(refusal("l1"), (Parts{"loss: unknown loss 'l1'; there are mse, huber", "loss", "l1", "one of mse, huber"}));
}

}  // namespace
}  // namespace etamax
