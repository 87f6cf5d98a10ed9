#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace etamax {

/// What is to be written, and how it is said that it cannot be.
struct WriteTarget {
  std::string field, path;

  /// Throws InputError for a name that ends for the system before its end.
  void check_name() const;
  [[noreturn]] void refuse(const std::string& why) const;
  /// For an error of the system: InputError where it is about the name, else EnvironmentError. `what` ends in ": ".
  [[noreturn]] void give_up(int error, const std::string& what = "") const;
};

/// replace_file for plain files only; all else is refused. `before_rename` is given the new file's descriptor when it
/// is complete and nobody else can know it.
void replace_plain_file(const WriteTarget& target, std::string_view content,
                        const std::function<void(int)>& before_rename);

}  // namespace etamax
