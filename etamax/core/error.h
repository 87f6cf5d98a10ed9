#pragma once

#include <stdexcept>
#include <string>

namespace etamax {

/// The input or the usage is wrong. The message is one line that names what is wrong, where, and what would
/// be right: "--lr: -1 is not positive and finite". The programs print it and exit with status 2.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws the InputError for an option's value, named without its dashes: "--gap: 2 is not between 0 and 1".
[[noreturn]] inline void refuse_option(const std::string& option, const std::string& value, const std::string& right) {
  throw InputError("--" + option + ": " + value + " is not " + right);
}

/// The user asked to stop (Ctrl-C). Whoever catches it prints what is known so far, marked partial, and exits
/// with 3.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

}  // namespace etamax
