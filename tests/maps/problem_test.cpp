#include "etamax/maps/problem.h"

#include <gtest/gtest.h>

#include <cmath>

namespace etamax {
namespace {

MapOptions parabola() {
  MapOptions o;
  o.expression = "x^2";
  o.x = {"lr", 0.1, 1, false, 10}, o.y = {"start", -1, 1, false, 5};
  return o;
}

/// What the refusal says; "" where there is none.
std::string refusal(const MapOptions& options) {
  try {
    const MapProblem problem(options);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

TEST(MapAxis, BothEndsArePixels) {
  const MapAxis linear{"lr", -1, 3, false, 5}, decades{"lr", 0.01, 100, true, 5};
  for (int i = 0; i < 5; ++i) {
    EXPECT_DOUBLE_EQ(linear.value(i), -1 + i);
    EXPECT_NEAR(decades.value(i), std::pow(10, i - 2), 1e-13 * std::pow(10, i - 2));
    EXPECT_NEAR(linear.position(linear.value(i)), i, 1e-12);
    EXPECT_NEAR(decades.position(decades.value(i)), i, 1e-12);
  }
  EXPECT_EQ(decades.value(0), 0.01);
  EXPECT_EQ(decades.value(4), 100);
}

TEST(MapProblem, APixelIsARun) {
  MapOptions o;
  o.expression = "x^2 + y^2", o.optimizer = "sgd";
  o.start = {{"y", 3}}, o.lr = 0.1, o.settings = {{"momentum", 0.5}};
  o.x = {"x", -2, 2, false, 5}, o.y = {"dampening", 0, 0.5, false, 3};
  const MapProblem problem(o);
  const MapProblem::Run run = problem.run(1, 2);
  EXPECT_EQ(run.lr, 0.1);
  EXPECT_EQ(run.start, (std::vector<double>{-1, 3}));
  EXPECT_EQ(hyperparameter(problem.optimizer(), run.values, "momentum", 0), 0.5);
  EXPECT_EQ(hyperparameter(problem.optimizer(), run.values, "dampening", 0), 0.5);
}

TEST(MapProblem, RefusesWhatIsNoMap) {
  EXPECT_EQ(refusal(parabola()), "");
  MapOptions o = parabola();
  o.x.name = "momentun", o.optimizer = "sgd", o.lr = 0.1;
  EXPECT_EQ(refusal(o), "x: sgd has no 'momentun' to move; did you mean 'momentum'?");
  o = parabola(), o.y = o.x;
  EXPECT_NE(refusal(o).find("both axes are lr"), std::string::npos);
  o = parabola(), o.x.to = o.x.from;
  EXPECT_NE(refusal(o).find("a range from a smaller number to a larger one"), std::string::npos);
  o = parabola(), o.y.from = -1e308, o.y.to = 1e308;
  EXPECT_NE(refusal(o).find("whose ends are at most 1.8e308 apart"), std::string::npos);
  o = parabola(), o.expression = "momentum^2", o.y = {"momentum", 0, 0.9, false, 5};
  EXPECT_EQ(refusal(o), "");
  o.optimizer = "sgd";
  EXPECT_NE(refusal(o).find("'momentum' is a variable of the function and an option of sgd"), std::string::npos);
  o = parabola(), o.y.log = true;
  EXPECT_NE(refusal(o).find("a logarithmic axis begins above 0"), std::string::npos);
  o = parabola(), o.x.from = 0;
  EXPECT_NE(refusal(o).find("a learning rate is above 0"), std::string::npos);
  o = parabola(), o.y = {"momentum", 0, 1, false, 5}, o.optimizer = "sgd", o.start = {{"", 1}};
  EXPECT_NE(refusal(o).find("momentum = 1 is not in [0, 1)"), std::string::npos);
  o = parabola(), o.y = {"momentum", 0, 0.9, false, 5}, o.optimizer = "sgd";
  EXPECT_NE(refusal(o).find("no start for 'x'"), std::string::npos);
  o = parabola(), o.start = {{"x", 1}};
  EXPECT_NE(refusal(o).find("'x' is an axis already"), std::string::npos);
  o = parabola(), o.x = {"x", -1, 1, false, 5};
  EXPECT_NE(refusal(o).find("both axes"), std::string::npos);
  o.expression = "x^2+y^2", o.y = {"y", -1, 1, false, 5};
  EXPECT_NE(refusal(o).find("lr: is not an axis"), std::string::npos);
}

}  // namespace
}  // namespace etamax
