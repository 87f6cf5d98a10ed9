#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "etamax/core/range.h"

/// Options structs as tables. Beside each struct stands one function that lists its members, one row for each option:
///
///     struct TrialOptions {
///       long steps = 200;
///       std::optional<double> confidence = 0.999;  // none: a point estimate
///       std::string schedule = "constant";
///     };
///
///     Fields fields(TrialOptions& o) {
///       const std::vector<std::string> schedules = {"constant", "cosine", "linear"};
///       return {
///           {Group::runs, "steps", &o.steps, "Steps per trial run", Range::at_least(4)},
///           {Group::runs, "confidence", &o.confidence, "Confidence", Range::between(0, 1), {.none = true}},
///           {Group::runs, "schedule", &o.schedule, "Learning-rate schedule", {}, {.words = schedules}},
///       };
///     }
///
/// The command line, its help, configuration files, the reference page and `check_fields` all read that list. A default
/// is what a struct holds when it is made, and stands nowhere else. Options of several structs are their lists, one
/// behind the other.
namespace etamax {

/// Under which heading the help shows an option, in this order.
enum class Group { problem, optimizer, runs, output };
const char* group_name(Group group);  ///< "Problem"

/// Numbers by name: {{"x", -1}}, as text "x=-1,y=2"; the name is "" where a number was given alone.
using NamedNumbers = std::vector<std::pair<std::string, double>>;

/// One option: what it is called and what it means, what it may be, and the member that it lives in.
struct Field {
  static constexpr int kLongestRange = 1000;
  static constexpr std::size_t kMostValues = 5000;  ///< in a list
  using Member = std::variant<bool*, int*, long*, long long*, unsigned*, unsigned long*, unsigned long long*, double*,
                              std::optional<double>*, std::string*, std::vector<double>*, std::vector<std::string>*,
                              NamedNumbers*>;
  /// What few options need.
  struct More {
    std::vector<std::string> words = {};  ///< a text is one of these
    std::vector<std::string> known = {};  ///< texts worth offering; there are others
    std::string unit = {};                ///< of a number, behind its default: "runs"
    std::string usual = {};               ///< what holds where the default is empty: "by the targets"
    std::string placeholder = {};         ///< stands for the value in the help, in place of its type: "FILE"
    std::string option = {};              ///< what the command line calls it, where that is not `name`
    std::string limits = {};              ///< what is valid, in words, where that is checked elsewhere
    bool none = false;                    ///< an optional number may be given as the word "none"
    bool positional = false;              ///< on the command line it stands without its name
    bool required = false;
  };

  Group group = Group::runs;
  std::string name;  ///< with underscores, as everywhere but on the command line
  Member member;
  /// One sentence without a full stop: "Random seed". A switch's begins with the verb for what it does.
  std::string help;
  Range range = {};  ///< of a number, or of each in a list
  More more = {};

  bool is_switch() const { return std::holds_alternative<bool*>(member); }
  bool is_whole() const;
  bool is_number() const;  ///< one, or none
  bool is_list() const;
  /// Whether a text has the form of values of this list of numbers, valid or not: "0.8", "1,2", "0.1:2:0.1", "x=-1".
  bool could_hold(const std::string& text) const;

  /// "INT", "FLOAT", "TEXT", or the placeholder; of a list "FLOAT,..."; "" of a switch.
  std::string type() const;
  /// What the member holds, as text that `read` would take; "" where it is empty, and of a switch that is off.
  std::string value_text() const;
  /// "default: 0.1; between 0 and 1": what the help adds, read from the member; "" where there is nothing to add.
  std::string facts() const;
  /// What is valid, in few words: "between 0 and 1", "0..10000", "constant, cosine or linear"; "" where anything is.
  std::string range_text() const;

  /// Throws InputError with this name where what the member holds is not valid.
  void check() const;
  /// Sets the member from texts, one for each time that the option was given. Throws InputError, and leaves the member
  /// as it was. Parts of a list may be separated by commas; whole numbers may be written 1e4. In a list of numbers
  /// "0.1:2:0.1" is a range, start:stop:step with both ends: 0.1, 0.2, ... 2, at most kLongestRange of them. A list has
  /// at most kMostValues.
  void read(const std::vector<std::string>& texts) const;
};

using Fields = std::vector<Field>;

/// One list behind the other.
Fields operator+(Fields fields, const Fields& more);

/// Throws InputError for the first option of the struct, in its list, that is not valid.
template <typename Options>
void check_fields(const Options& options) {
  // Nothing is written: the list has pointers that could, for those who read texts into it.
  for (const Field& field : fields(const_cast<Options&>(options))) field.check();
}

}  // namespace etamax
