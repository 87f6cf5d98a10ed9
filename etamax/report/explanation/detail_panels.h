#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/draw/chart.h"
#include "etamax/report/explanation.h"

/// Charts of single runs, side by side.
namespace etamax {

constexpr std::size_t kMostPanels = 12;  ///< runs that get a panel or a line of their own

/// A title for the picture of one run ("lr 0.8 converges"), what it does per step, and its sign.
void name_run(Chart& chart, const FunctionRun& run);
/// Adds the hops of a run: arrows from point to point, numbered and fading (the older the paler), and a note
/// at the border where they first leave the picture. `place` maps the iterate of a step to the chart.
void add_hops(Chart& chart, const FunctionRun& run, const std::vector<Point2>& places);
/// The range that one run's panel shows of an axis: the one common to all panels, unless its own points (and
/// the minimizer) take less than two fifths of that: then closer, at most `most` times.
Scale panel_range(const Scale& common, const std::vector<double>& own, double most);
/// How high a panel is where four stand side by side, where one has a wide page to itself, and else.
struct PanelHeights {
  double four = 0, alone = 0, usual = 0;
};
/// The panels in rows, as many side by side as the width has room for; their titles are the description. None: nothing.
std::optional<Drawing> draw_panels(const std::vector<Chart>& panels, double width, const PanelHeights& heights,
                                   const std::string& title);
/// "The first 12 of 30 learning rates.", or nothing where all are shown.
std::string panels_left_out(const Explanation& explanation);

}  // namespace etamax
