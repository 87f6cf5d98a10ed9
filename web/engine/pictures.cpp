#include "web/engine/pictures.h"

#include "etamax/draw/svg.h"
#include "etamax/report/ruler.h"

namespace etamax::web {
namespace {

Json box(const Box& b) { return {b.left, b.top, b.right, b.bottom}; }

}  // namespace

Json axis(const Scale& scale) { return {{"low", scale.low}, {"high", scale.high}, {"log", scale.log}}; }

Json picture(const std::optional<Scene>& scene, const std::string& id) {
  if (!scene) return nullptr;
  return {{"svg", to_svg(scene->drawing, Theme::page, id)},
          {"frame", box(scene->frame)},
          {"x", axis(scene->x)},
          {"y", axis(scene->y)}};
}

Json ruler_picture(Ruler ruler, const Json& wanted, bool dots) {
  if (!dots) ruler.dots.clear();
  std::erase_if(ruler.marks, [](const Ruler::Mark& mark) { return mark.basis == "yours"; });
  const auto there =
      placed(ruler, wanted.at("width"), wanted.value("reach", std::vector<double>{}), wanted.value("below", 0.0));
  if (!there) return nullptr;
  Json edges = Json::array();
  for (const Ruler::Mark& mark : ruler.marks) edges.push_back({{"name", mark.name}, {"lr", mark.lr}});
  return {{"svg", to_svg(there->drawing, Theme::page, "ruler")},
          {"frame", box(there->body)},
          {"x", axis(there->scale)},
          {"marks", edges}};
}

}  // namespace etamax::web
