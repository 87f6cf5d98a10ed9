#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace etamax {

/// The input or the usage is wrong: which option, what it was given, what would be right. what() is one line:
/// "gap: 2 is not between 0 and 1".
///
/// `field` is an option's name with underscores, as in its table of fields ("batch_size"); "" where no option is at
/// fault. Whoever has its own spelling of options puts that in its place: the programs print "--batch-size: ...".
/// A message that mentions another option writes it between backquotes, with or without a value: "`chunk=16` fits",
/// which the programs print as "--chunk 16 fits".
class InputError : public std::runtime_error {
 public:
  /// No option is at fault: "the expression is too large".
  explicit InputError(const std::string& message) : std::runtime_error(message), constraint_(message) {}

  /// A refusal that is more than a range: "model: before any step the loss of example 3 is inf".
  InputError(std::string field, const std::string& message)
      : std::runtime_error(field + ": " + message), field_(std::move(field)), constraint_(message) {}

  /// "gap: 2 is not between 0 and 1".
  InputError(const std::string& field, const std::string& value, const std::string& constraint)
      : InputError(field, value, constraint, field + ": " + value + " is not " + constraint) {}

  /// The same, in words of its own: "adam: beta1 = 2 is not in [0, 1)".
  InputError(std::string field, std::string value, std::string constraint, const std::string& what)
      : std::runtime_error(what),
        field_(std::move(field)),
        value_(std::move(value)),
        constraint_(std::move(constraint)) {}

  /// The same words, about this option where they are about none.
  InputError about(const std::string& field) const {
    return field_.empty() ? InputError(field, value_, constraint_, what()) : *this;
  }

  const std::string& field() const { return field_; }
  const std::string& value() const { return value_; }  ///< "" where the refusal is not of one value
  /// What would be right, to follow "must be" ("between 0 and 1"); without a value, the message behind the field.
  const std::string& constraint() const { return constraint_; }

 private:
  std::string field_, value_, constraint_;
};

/// What was asked is right, and the machine cannot do it: a full disk, no permission, a library that is not installed.
/// what() is one line.
class EnvironmentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The user asked to stop (Ctrl-C). Whoever catches it prints what is known so far, marked partial, and exits
/// with 3.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

}  // namespace etamax
