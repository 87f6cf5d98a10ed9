// The picture of docs/diagnose.md of how often answers of each score are right is drawn from the page's own tables of
// scores, which tests/diagnose/real/evaluate.py compares with what is measured. When it changes:
// ETAMAX_UPDATE=1 build/tests/contract/reliability_picture_test, and look at it.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <regex>

#include "etamax/draw/chart.h"
#include "etamax/draw/svg.h"
#include "page_picture.h"

namespace etamax {
namespace {

using testing::text_of;

struct Bin {
  int answers = 0;
  double score = 0, right = 0;  // percentages: the mean of what was predicted, and what was observed
};

/// The table of scores below the heading.
std::vector<Bin> scores_below(const std::string& page, const std::string& heading) {
  const std::size_t from = page.find("| score |", page.find("\n### " + heading + "\n"));
  const std::string table = page.substr(from, page.find("\n\n", from) - from);
  const std::regex row(R"(\| [\d.]+ to [\d.]+ \| (\d+) \| (\d+)% \| (\d+)% \|)");
  std::vector<Bin> bins;
  for (std::sregex_iterator match(table.begin(), table.end(), row), end; match != end; ++match)
    bins.push_back({std::stoi((*match)[1]), std::stod((*match)[2]), std::stod((*match)[3])});
  return bins;
}

/// The interval of 95% of a share by Wilson's score, in percent.
std::array<double, 2> wilson(double percent, int count) {
  constexpr double kZ = 1.959964;
  const double p = percent / 100, n = count, middle = p + kZ * kZ / (2 * n),
               half = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n)), scale = 1 + kZ * kZ / n;
  return {100 * (middle - half) / scale, 100 * (middle + half) / scale};
}

Chart chart_of(const std::string& title, const std::vector<Bin>& bins) {
  Chart chart;
  chart.title = title;
  int answers = 0;
  for (const Bin& bin : bins) answers += bin.answers;
  chart.subtitle = std::to_string(answers) + " answers, in bins; bars: 95%";
  chart.x = {"predicted: the mean score, %", linear_scale(45, 100), {}};
  chart.y = {"observed: acceptable, %", linear_scale(0, 105), {}};
  chart.lines.push_back({{{45, 45}, {100, 100}}, {Color::muted}, 1.5, Dash::dashed});
  for (const Bin& bin : bins) {
    const auto [low, high] = wilson(bin.right, bin.answers);
    chart.lines.push_back({{{bin.score, low}, {bin.score, high}}, {Color::blue}, 1.5});
    chart.points.push_back({{bin.score, bin.right},
                            Shape::circle,
                            4.5,
                            {Color::blue},
                            "",
                            std::to_string(bin.answers) + " answers of a mean score of " +
                                std::to_string(static_cast<int>(bin.score)) +
                                "%: " + std::to_string(static_cast<int>(bin.right)) + "% acceptable"});
  }
  return chart;
}

TEST(ReliabilityPicture, IsTheOneOfThePagesTables) {
  const std::string page = text_of(ETAMAX_SOURCE_DIR "/docs/diagnose.md");
  std::vector<Chart> charts;
  for (const auto& [heading, title] : {std::pair{"Real logs that it had not seen", "real, not seen"},
                                       std::pair{"Real logs, cross-validated", "real, cross-validated"},
                                       std::pair{"Generated logs", "generated, held out"}}) {
    charts.push_back(chart_of(title, scores_below(page, heading)));
    ASSERT_GE(charts.back().points.size(), 4u) << heading;
  }
  Drawing drawing = side_by_side(charts, 3, 1200, 340);
  drawing.title = "How often answers of each score are acceptable";
  drawing.description =
      "Observed against predicted, in bins of scores, for three kinds of logs, with intervals of 95%.";
  testing::expect_picture(ETAMAX_SOURCE_DIR "/docs/images/reliability.svg", to_svg(drawing, Theme::light));
}

}  // namespace
}  // namespace etamax
