#include "etamax/core/suggest.h"

#include <utility>
#include <vector>

namespace etamax {

int edit_distance(const std::string& a, const std::string& b) {
  // Rows of the table of distances between beginnings of a and of b: the one being filled and the two before
  // it.
  std::vector<int> row(b.size() + 1), above(b.size() + 1), above_that;
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    above_that = std::exchange(above, row);
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], above_that[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace etamax
