#pragma once

#include <map>
#include <set>
#include <string>

#include "etamax/core/error.h"
#include "etamax/core/fields.h"

namespace etamax::apps {

/// How the command line spells the options of a command: "batch_size" is --batch-size, a switch that is on by default
/// is --no-NAME, and a positional one is called by its placeholder, EXPR.
class Spelling {
 public:
  /// Of fields that hold their defaults.
  explicit Spelling(const Fields& fields);

  std::string of(const std::string& field) const;
  /// The option that somebody means who writes --learning_rate: --lr. What means none comes back with dashes.
  std::string own_name(std::string option) const;
  /// Whether giving the switch turns it off.
  bool turns_off(const std::string& field) const { return inverted_.contains(field); }
  /// A refusal's line: "--batch-size: 9 is more than ...", with the options that it mentions spelled in the same way.
  std::string of(const InputError& error) const;

 private:
  std::map<std::string, std::string> spelled_;
  std::set<std::string> inverted_;
};

}  // namespace etamax::apps
