#pragma once

#include <string>

#include "etamax/draw/drawing.h"

namespace etamax::testing {

/// Pairs of texts of a drawing whose estimated boxes overlap, and texts that stick out of it; empty where all
/// is well.
std::string text_faults(const Drawing& drawing);
/// Why a text is no well-formed XML, or nothing. A small checker: tags balance, attributes are quoted and
/// unique, entities are known, characters are allowed. One leading `<!DOCTYPE html>` is let pass.
std::string xml_fault(const std::string& text);

}  // namespace etamax::testing
