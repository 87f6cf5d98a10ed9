// The picture of docs/tune.md of what each method loses for what it spends is drawn from the page's own table. When it
// changes: ETAMAX_UPDATE=1 build/tests/contract/tune_picture_test, and look at it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "etamax/draw/chart.h"
#include "etamax/draw/svg.h"
#include "page_picture.h"

namespace etamax {
namespace {

using testing::text_of;

struct Row {
  std::string method;
  double mean = 0, spent = 0;  // percent of the progress; runs
};

std::vector<Row> rows_of(const std::string& page) {
  const std::size_t from = page.find("| method | median | mean | 90% | worst |");
  const std::string table = page.substr(from, page.find("\n\n", from) - from);
  const std::regex row(R"(\| (?:\*\*)?(.+?)(?:\*\*)? \| [\d.]+% \| ([\d.]+)% \| .* \| ([\d.]+) \|)");
  std::vector<Row> rows;
  for (std::sregex_iterator match(table.begin(), table.end(), row), end; match != end; ++match)
    rows.push_back({(*match)[1], std::stod((*match)[2]), std::stod((*match)[3])});
  return rows;
}

struct Method {
  const char *beginning, *name;
  Color color;
  Shape shape;
  Dash dash;
};
constexpr Method kMethods[] = {
    {"etamax tune", "etamax tune", Color::blue, Shape::circle, Dash::solid},
    {"its rules before", "its rules before", Color::muted, Shape::circle, Dash::dashed},
    {"successive halving", "successive halving", Color::green, Shape::square, Dash::solid},
    {"Optuna", "Optuna", Color::orange, Shape::triangle_up, Dash::solid},
    {"random search", "random search", Color::vermillion, Shape::diamond, Dash::solid},
    {"range test", "range tests", Color::ink, Shape::diamond, Dash::dotted},
    {"for scale: the whole grid", "the whole grid", Color::muted, Shape::square, Dash::solid},
};

TEST(TunePicture, IsTheOneOfThePagesTable) {
  const std::vector<Row> rows = rows_of(text_of(ETAMAX_SOURCE_DIR "/docs/tune.md"));
  Chart chart;
  chart.title = "Progress lost against cost, on tasks that nothing was learned from";
  chart.subtitle = "mean of 138 answers; lower is better";
  chart.x = {"spent, in runs of the horizon", log_scale(std::log10(0.15), std::log10(200)), {}};
  chart.y = {"mean progress lost, %", linear_scale(0, 52), {}};
  std::size_t drawn_rows = 0;
  for (const Method& method : kMethods) {
    Chart::Line line{{}, {method.color}, 2, method.dash};
    for (const Row& row : rows) {
      if (!row.method.starts_with(method.beginning)) continue;
      line.points.push_back({row.spent, row.mean});
      chart.points.push_back({{row.spent, row.mean},
                              method.shape,
                              4.5,
                              {method.color},
                              "",
                              row.method + ": " + std::to_string(row.mean).substr(0, 4) + "%"});
      ++drawn_rows;
    }
    ASSERT_GE(line.points.size(), 2u) << method.name;
    std::sort(line.points.begin(), line.points.end(), [](const Point2& a, const Point2& b) { return a.x < b.x; });
    chart.ends.push_back({chart.lines.size(), method.shape, method.color, method.name, true});
    chart.lines.push_back(std::move(line));
  }
  // The usual rate costs nothing, which has no place on this axis.
  const auto usual =
      std::find_if(rows.begin(), rows.end(), [](const Row& row) { return row.method == "the usual rate"; });
  ASSERT_NE(usual, rows.end());
  EXPECT_EQ(usual->spent, 0);
  chart.ends.push_back({chart.lines.size(), Shape::circle, Color::ink, "the usual rate, untried", true});
  chart.lines.push_back({{{0.15, usual->mean}, {200, usual->mean}}, {Color::ink}, 1.5, Dash::dashed});
  EXPECT_EQ(drawn_rows + 2, rows.size()) << "all but the usual rates have a place";

  Drawing drawing = draw(chart, 900, 420);
  drawing.title = "Mean progress lost against runs spent, of each method";
  drawing.description = chart.subtitle;
  testing::expect_picture(ETAMAX_SOURCE_DIR "/docs/images/tune_methods.svg", to_svg(drawing, Theme::light));
}

}  // namespace
}  // namespace etamax
