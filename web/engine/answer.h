#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

/// The engine as the lab asks it: a question in JSON, an answer in JSON.
namespace etamax::web {

using Json = nlohmann::ordered_json;

/// {"verb": "explain", "options": {"expression": "x^2", "from": "-1", "lr": "1.2"}, ...}: the options have the
/// program's names and are texts as they are typed; what else each verb takes and answers stands beside its function. A
/// question that is wrong is answered with {"error": {"message", "field", "position"}}: `field` is the option at fault,
/// if one is, and `position` the character of the expression where it goes wrong. Never throws.
std::string answer(const std::string& question);

/// {"verb": "about"}: the optimizers with their settings, the named functions, the colors of light and dark pages.
Json about();

/// {"verb": "explain"}. Besides the options, each of these brings what it names:
///   "answer": true                        the program's own JSON
///   "next": true                          where the step after those that are shown would lead
///   "plain": true                         the answer in plain words, as paragraphs
///   "scene": {"width", "height", "view"}  the run on the curve, or over contour lines. `view` is the part of the plane
///   that
///                                         it shows, [low, high, low, high] of both axes; without it, one that suits
///                                         the run, which the answer has as "view". "named": false leaves out what the
///                                         run does
///   "side": {"picture": "loss" | "cobweb", "width", "height"}
///   "ruler": {"width", "reach", "below"}  the ruler without the run; it reaches to the rates of `reach` at least, and
///   leaves
///                                         `below` pixels free under its bands
/// Pictures come as {"svg", "frame": [left, top, right, bottom], "x": {"low", "high", "log"}, "y": ...}: where in the
/// picture the scales stand. Always there: "formulas" (MathML), "verdict", "sign", "color".
Json explain(const Json& question);

/// {"verb": "bifurcation"}: options as in `explain`, "start" as numbers, learning rates "from" and "to", places "low"
/// and "high" of the first variable, "width" and "height". Answers with "columns", for each learning rate the rows
/// (from below) that the run keeps coming to, "lyapunov", for each the exponent or null, and the labels of both axes as
/// in `map`.
Json bifurcation(const Json& question);

/// {"verb": "map"} begins a map, of which `fill_map` then draws pixels. Options: expression, start, lr, optimizer and
/// its settings as in `explain`, max_steps; "x" and "y": {"name", "from", "to", "log", "pixels"}. Answers with the
/// labels of both axes: "x" and "y" are lists of [position from 0 to 1, text].
/// Where the expression is a network's name, "network:tanh:8", the map is of its trainings (etamax/maps/network_map.h),
/// the axes are "lr0" and "lr1", and the other option is "steps", of each training.
Json begin_map(const Json& question);

/// Three bytes for each of the pixels with these numbers (row times width plus column, from where both axes begin): the
/// fate as a number of the list "fates" of `about`, the period of a cycle or 0, and how long it took to be plain, 0 (at
/// once) to 255.
void fill_map(const std::uint32_t* numbers, std::size_t count, std::uint8_t* out);

/// {"verb": "replay"} of a network's map: one training, that of "pixel", a number of the map with "x" and "y", or that
/// at the rates "lr0" and "lr1". The program's own JSON, and "sign" and "color".
Json replay(const Json& question);

/// {"verb": "edge"} of a small network (etamax/problem/small_network.h) before its training: "options" are its data,
/// model and loss, optimizer and settings; "ruler" as in `explain`. Answers with "lambda_max", "confidence" and
/// "lr_edge" as the program's `analyze` certifies them, "formula", "reason" where there is no edge, "layers": {"name",
/// "share"} of the sharpest direction, and "ruler".
Json network_edge(const Json& question);

/// {"verb": "train"}: begins to train such a network; options as in `edge`, and "lr". Answers as `train_on`
/// does, after no step, and with "points", [x, y, label] each.
Json begin_training(const Json& question);

/// {"verb": "step", "count", "grid"}: so many more steps of that training, none after the loss is lost. Answers with
///   "step"                      made by now
///   "losses"                    after each of these steps; null where it is no number
///   "sharpness"                 the largest curvature there, tracked; null where the optimizer has none yet
///   "edge"                      the stability edge by it
///   "critical"                  the sharpness at which the rate is at the edge: 2 / lr for gradient descent
///   "layers"                    {"name", "share", "growth"}: of the sharpest direction, and of the weights' norm since
///                               the start
///   "outputs"                   in a square of [-reach, reach], "grid" rows from below of as many numbers, 0 to 255
///   "lost"                      {"step", "reason"} or null
Json train_on(const Json& question);

}  // namespace etamax::web
