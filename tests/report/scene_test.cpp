#include "etamax/report/scene.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "etamax/draw/svg.h"
#include "etamax/report/ruler.h"
#include "samples.h"

namespace etamax {
namespace {

Point2 place(const Scene& scene, double x, double y) {
  return {scene.frame.left + scene.x.position(x) * (scene.frame.right - scene.frame.left),
          scene.frame.bottom - scene.y.position(y) * (scene.frame.bottom - scene.frame.top)};
}

/// The marker whose tip begins so.
const Drawing::Marker* marker(const Drawing& drawing, const std::string& tip) {
  for (const auto& item : drawing.items)
    if (const auto* found = std::get_if<Drawing::Marker>(&item); found && found->tip.rfind(tip, 0) == 0) return found;
  return nullptr;
}

}  // namespace

TEST(Scene, SaysWhereTheIteratesStand) {
  const Explanation e = testing::article();
  const auto losses = losses_to_show(e);
  ASSERT_TRUE(losses);
  for (const bool named : {true, false}) {
    const auto scene = curve_scene(e, *losses, {900, 400, named});
    ASSERT_TRUE(scene);
    EXPECT_EQ(scene->drawing.title.find("converges") != std::string::npos, named);
    for (int k = 0; k < 2; ++k) {
      const Drawing::Marker* found = marker(scene->drawing, "step " + std::to_string(k) + ":");
      ASSERT_TRUE(found);
      const Point2 expected = place(*scene, e.runs[0].iterates[k][0], e.runs[0].losses[k]);
      EXPECT_NEAR(found->at.x, expected.x, 1e-9);
      EXPECT_NEAR(found->at.y, expected.y, 1e-9);
    }
  }
}

TEST(Scene, APoleIsNeitherAllThatIsSeenNorALine) {
  Explanation e = testing::article();
  e.curve.emplace();
  for (int i = 0; i <= 400; ++i) {
    e.curve->x.push_back(-1.9 + 0.0145 * i);
    e.curve->y.push_back(1 / e.curve->x.back());
  }
  e.runs.resize(1);
  e.runs[0].iterates = {{1}, {2}}, e.runs[0].losses = {1, 0.5};
  const auto losses = losses_to_show(e);
  ASSERT_TRUE(losses);
  EXPECT_GT(losses->low, -20);
  EXPECT_LT(losses->low, -1);
  EXPECT_GT(losses->high, 1);
  EXPECT_LT(losses->high, 20);
  const auto scene = curve_scene(e, *losses, {900, 400});
  ASSERT_TRUE(scene);
  int curves = 0;
  for (const auto& item : scene->drawing.items)
    if (const auto* path = std::get_if<Drawing::Path>(&item))
      for (const auto& part : path->parts)
        if (part.size() > 5) {
          ++curves;
          for (std::size_t i = 1; i < part.size(); ++i)
            EXPECT_LT(std::abs(part[i].y - part[i - 1].y), 0.6 * (scene->frame.bottom - scene->frame.top));
        }
  EXPECT_EQ(curves, 2);
  e.runs[0].losses = {1, e.curve->y[131]};  // where the run goes is seen
  EXPECT_LE(losses_to_show(e)->low, e.curve->y[131]);
}

TEST(Scene, ContoursSayItToo) {
  const Explanation e = testing::two_variables();
  const auto scene = contour_scene(e, {900, 400});
  ASSERT_TRUE(scene);
  const Drawing::Marker* found = marker(scene->drawing, "step 0:");
  ASSERT_TRUE(found);
  const Point2 expected = place(*scene, e.start[0], e.start[1]);
  EXPECT_NEAR(found->at.x, expected.x, 1e-9);
  EXPECT_NEAR(found->at.y, expected.y, 1e-9);
}

RC_GTEST_PROP(Scene, IsSoundOfAnyAnswer, ()) {
  const Explanation e = *testing::any_explanation();
  const double width = *rc::gen::element(300.0, 820.0);
  std::vector<std::optional<Scene>> scenes = {contour_scene(e, {width, 300}), loss_scene(e, {width, 300})};
  if (const auto losses = losses_to_show(e)) scenes.push_back(curve_scene(e, *losses, {width, 300}));
  for (const auto& scene : scenes)
    if (scene) RC_ASSERT(testing::xml_fault(to_svg(scene->drawing, Theme::page)) == "");
}

TEST(PlacedRuler, ReachesAsFarAsAskedAndLeavesRoom) {
  const Ruler ruler = testing::article().ruler;
  const auto usual = placed(ruler, 800), wide = placed(ruler, 800, {0.01, 50}, 30);
  ASSERT_TRUE(usual && wide);
  EXPECT_LT(wide->scale.position(0.01), 0.5);
  EXPECT_GE(wide->scale.position(0.01), 0);
  EXPECT_LE(wide->scale.position(50), 1);
  EXPECT_GT(usual->scale.position(50), 1);
  EXPECT_NEAR(wide->drawing.height - wide->body.bottom, usual->drawing.height - usual->body.bottom + 30, 20);
}

}  // namespace etamax
