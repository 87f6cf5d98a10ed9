#pragma once

#include "etamax/core/fields.h"
#include "etamax/draw/scale.h"
#include "web/engine/answer.h"

namespace etamax::web {

/// Reads the options of a question, each a text as it is typed (of a switch: true or false), into the structs behind
/// `fields`. Throws InputError for an option that is not among them, and for a value that is not valid.
void read_options(const Json& options, const Fields& fields);

/// Where an axis of so many pixels has its labels: [position from 0 to 1, text]. `across`: they stand beside each
/// other.
Json ticks(const Scale& scale, double length, bool across);

}  // namespace etamax::web
