#pragma once

#include <string>
#include <vector>

#include "etamax/core/results.h"
#include "etamax/report/chart.h"

namespace etamax {

/// One kind of picture of an explanation. Each is one file of the folder pictures/, which defines one of
/// these; pictures that an explanation has nothing to show in give an empty result.
struct PictureSpec {
  std::string name;                                                            ///< one word: "curve"
  std::string heading;                                                         ///< "The iterates on the curve"
  int rank = 0;                                                                ///< the order in a report, ascending
  std::string (*caption)(const Explanation&) = nullptr;                        ///< how to read it, a sentence or two
  std::optional<Drawing> (*draw)(const Explanation&, double width) = nullptr;  ///< width 300 to 2000
  std::vector<std::string> (*lines)(const Explanation&, const TerminalStyle&) = nullptr;
};

/// The table of the folder, in the order of the file names.
const std::vector<PictureSpec>& picture_table();
/// The same by rank.
std::vector<PictureSpec> pictures_by_rank();

constexpr std::size_t kMostPanels = 12;  ///< runs that get a panel or a line of their own

/// The loss after each step, one line for each of the first runs. None where no run has two losses.
std::optional<Chart> loss_chart(const std::vector<Run>& runs);

/// A title for the picture of one run ("lr 0.8 converges"), what it does per step, and its sign.
void name_run(Chart& chart, const Run& run);
/// Adds the hops of a run: arrows from point to point, numbered and fading (the older the paler), and a note
/// at the border where they first leave the picture. `place` maps the iterate of a step to the chart.
void add_hops(Chart& chart, const Run& run, const std::vector<Point2>& places);
/// The range that one run's panel shows of an axis: the one common to all panels, unless its own points (and
/// the minimizer) take less than two fifths of that: then closer, at most `most` times.
Scale panel_range(const Scale& common, const std::vector<double>& own, double most);
/// How many panels stand side by side at this width.
std::size_t panels_across(std::size_t count, double width);
/// "The first 12 of 30 learning rates.", or nothing where all are shown.
std::string panels_left_out(const Explanation& explanation);
std::string number_list(const std::vector<double>& x);

}  // namespace etamax
