#pragma once

#include <string>
#include <vector>

#include "etamax/core/fields.h"
#include "spelling.h"

/// The command line as people type it.
namespace etamax::apps {

using Arguments = std::vector<std::string>;

/// The command is the first argument that is no option nor an option's value; "" where there is none.
std::string verb_of(const Arguments& arguments);

/// `help explain` is `explain --help`, and -V is --version.
Arguments with_usual_words(Arguments arguments);

/// The arguments of a command as its options spell them: an option's other usual names and underscores become its own
/// (--learning_rate: --lr), and several numbers behind an option that takes a list become one value (--lr 0.8 1.0).
/// Refuses commands and options that there are none of, with a hint or a "did you mean". Throws InputError.
Arguments as_spelled(const Arguments& arguments, const std::string& verb, const Fields& fields,
                     const Spelling& spelling);

}  // namespace etamax::apps
