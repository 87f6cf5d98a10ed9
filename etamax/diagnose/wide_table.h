#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "etamax/diagnose/log_table.h"

namespace etamax {

/// A table whose columns stand two spaces or more apart, so that a name or a cell may have several words and a cell may
/// be missing: "Step      Train loss              Test metric", then "1000      [1.5e-05, 0.03]    []".
class WideTable {
 public:
  /// Takes a line for a line of names, where one of them is that of a loss.
  void take_names(std::string_view line);
  /// Puts the cells of a row into the record under way, and returns the column of a loss; kNoColumn where it is no row.
  /// Of a list in brackets the sum is taken: it has the parts of the loss.
  int take_row(std::string_view line, LogTable& table) const;

 private:
  struct Name {
    std::string text;
    NamedRole role;
    std::size_t begin, end;  // where it stands in its line
  };
  std::vector<Name> names_;
};

/// "1000  [1.5e-05, 0.03]  [2e-05, 0]  []" without a line of names: a step, and the sum of each list as a column "list
/// 0", "list 1". Returns the first of them; kNoColumn where the line is none.
int take_lists(std::string_view line, LogTable& table);

}  // namespace etamax
