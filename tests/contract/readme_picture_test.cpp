// The picture on the README's first screen is what the library draws today, byte for byte. When it changes:
// ETAMAX_UPDATE=1 build/tests/contract/readme_picture_test, and look at it.
#include <gtest/gtest.h>

#include "etamax/draw/svg.h"
#include "etamax/explain/explain.h"
#include "etamax/report/explanation.h"
#include "page_picture.h"

namespace etamax {
namespace {

std::string ruler_of_the_article() {
  const Explanation answer = explain({.expression = "x^2", .start = {{"x", -1}}, .lr = {0.8, 1.0, 1.2}});
  for (const PictureSpec<Explanation>& picture : explanation_pictures())
    if (picture.name == "ruler") return to_svg(picture.draw(answer, 900).value(), Theme::light);
  return "";
}

TEST(ReadmePicture, IsTheOneThatIsDrawnToday) {
  const std::string drawn = ruler_of_the_article();
  ASSERT_NE(drawn.find("<svg"), std::string::npos);
  testing::expect_picture(ETAMAX_SOURCE_DIR "/docs/images/ruler.svg", drawn);
}

}  // namespace
}  // namespace etamax
