#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/comparison.h"
#include "etamax/report/comparison/detail_words.h"
#include "etamax/report/detail_poster.h"

namespace etamax {
namespace {

constexpr std::size_t kMostVerdicts = 12;

}  // namespace

Drawing poster(const Comparison& c, double width) {
  PosterWriter poster(width);
  poster.opening(name_of(c), setting_sentence(c), {standings_sentence(c)});
  poster.space(6);
  std::size_t written = 0, runs = 0;
  for (const Explanation& e : c.explanations)
    for (const FunctionRun& run : e.runs)
      if (++runs; written < kMostVerdicts) {
        poster.verdict(appearance(run.verdict), run_title(e, run), reason_in_short(run));
        ++written;
      }
  if (written < runs)
    poster.text("The first " + std::to_string(written) + " of " + std::to_string(runs) + " runs.", 13, false,
                Color::muted);
  const StabilityTable table = stability_table(c);
  for (const auto& row : table.rows) {
    std::vector<std::string> facts;
    for (std::size_t i = 1; i < row.size(); ++i) facts.push_back(table.header[i] + " " + row[i]);
    poster.text(row[0] + ": " + joined(facts) + ".", 13, false, Color::ink);
  }
  poster.pictures(comparison_pictures(), c);
  return poster.take(name_of(c));
}

}  // namespace etamax
