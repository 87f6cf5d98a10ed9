#pragma once

#include <optional>

#include "etamax/answers/explanation.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/scale.h"

/// Pictures of one run for a page on which a reader moves things by hand: their axes stay where they are while a
/// learning rate changes, and say where on them the things stand that can be taken hold of.
namespace etamax {

struct Scene {
  Drawing drawing;
  Box frame;   ///< the part of the drawing that the scales fill
  Scale x, y;  ///< y upwards
};

struct SceneSize {
  double width = 0, height = 0;  ///< pixels
  bool named = true;             ///< what the run does stands above the picture
};

/// The first run's hops on the curve of a function of one variable, over all that `curve` of the explanation holds, and
/// the losses of `losses` (linear). None without curve or run.
std::optional<Scene> curve_scene(const Explanation& explanation, const Scale& losses, const SceneSize& size);
/// Losses that suit such a picture: all of the curve where that is not many times as high as the start and the run's
/// first steps lie above the lowest; else those, with the steep branch beside them cut off. None where the curve has no
/// value.
std::optional<Scale> losses_to_show(const Explanation& explanation);
/// The first run's path over the contour lines of a function of two variables, over all of `grid`. None without.
std::optional<Scene> contour_scene(const Explanation& explanation, const SceneSize& size);
/// The cobweb of gradient descent in one variable: `step` is the next place as a function of the place, sampled where
/// the curve is; the run's hops go up to it and across to the diagonal. None without a run.
std::optional<Scene> cobweb_scene(const Explanation& explanation, const CurveSample& step, const SceneSize& size);
/// The first run's losses.
std::optional<Scene> loss_scene(const Explanation& explanation, const SceneSize& size);

}  // namespace etamax
