// Where it is sharp: layers by their share of the top eigenvector.
#include <algorithm>

#include "etamax/report/analysis.h"
#include "etamax/report/analysis/detail_words.h"

namespace etamax::analysis::pictures {
namespace {

std::string caption(const Analysis&) {
  return "How much of the squared norm of the top eigenvector, along which stability is lost first, lies in each layer's parameters.";
}

std::optional<Drawing> draw_layers(const Analysis& a, double width) {
  const auto& layers = a.culprits.layers;
  if (layers.empty()) return {};
  constexpr double kRow = 26, kSize = 13;
  double names = 0;
  for (const LayerShare& layer : layers) names = std::max(names, text_width(layer.name, kSize, false));
  names = std::min(names, width / 2);
  const double left = names + 12, room = width - left - 60;
  Drawing drawing;
  drawing.width = width;
  drawing.height = kRow * static_cast<double>(layers.size());
  drawing.title = "Shares of the top eigenvector";
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const double y = kRow * static_cast<double>(i), length = std::max(2.0, room * layers[i].share);
    drawing.write({names, y + 17}, layers[i].name, kSize, Color::ink, Anchor::end, false);
    drawing.rectangle({left, y + 5, left + length, y + 21}, {i == 0 ? Color::vermillion : Color::grey, 1});
    drawing.write({left + length + 8, y + 17}, share_percent(layers[i].share), kSize, Color::muted, Anchor::start,
                  false);
    drawing.description += layers[i].name + ": " + share_percent(layers[i].share) + ". ";
  }
  return drawing;
}

}  // namespace

PictureSpec<Analysis> layers() {
  return {.name = "layers", .heading = "Where it is sharp", .rank = 4, .caption = caption, .draw = draw_layers};
}

}  // namespace etamax::analysis::pictures
