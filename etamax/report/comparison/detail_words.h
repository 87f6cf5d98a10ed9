#pragma once

#include <string>
#include <vector>

#include "etamax/answers/comparison.h"
#include "etamax/report/detail_loss_chart.h"

/// What the text, the page and the pictures of a comparison all say.
namespace etamax {

/// "x^2", or "etamax" where nothing was asked.
std::string name_of(const Comparison& comparison);
/// "From x = -1, with the optimizers gd; sgd (momentum = 0.9)."
std::string setting_sentence(const Comparison& comparison);
/// "gd at lr 0.1 converges".
std::string run_title(const Explanation& explanation, const FunctionRun& run);
/// The first sentence of a run's reason.
std::string reason_in_short(const FunctionRun& run);
/// Which optimizer is lowest after the steps shown, and where the others are then; "" where none can be said to be.
std::string standings_sentence(const Comparison& comparison);
/// "gd: These numbers are ...", for each optimizer, where somebody's iterates were given.
std::vector<std::string> observed_remarks(const Comparison& comparison);

/// What would be stable: a row for each optimizer, and below them why some of it is not there.
struct StabilityTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> notes;
};
StabilityTable stability_table(const Comparison& comparison);

/// Colors and dashes for the lines of each optimizer, by its place.
LineLook look_of(std::size_t optimizer);
/// How many learning rates a picture with room for so many lines or panels shows, all optimizers of each; and what a
/// caption says of the others.
std::size_t rates_shown(const Comparison& comparison, std::size_t most);
std::string rates_left_out(const Comparison& comparison, std::size_t shown);

}  // namespace etamax
