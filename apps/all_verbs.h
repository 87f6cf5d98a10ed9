#pragma once

#include <map>
#include <string>

#include "verbs.h"

namespace etamax::apps {

/// How the commands of this build are made, in whichever of its programs they are.
inline std::map<std::string, MakeVerb> all_verbs() {
  std::map<std::string, MakeVerb> makers = {{"explain", make_explain}, {"map", make_map}, {"diagnose", make_diagnose}};
#ifdef ETAMAX_MODEL
  makers.insert({{"analyze", make_analyze}, {"follow", make_follow}, {"spectrum", make_spectrum}, {"tune", make_tune}});
#endif
  return makers;
}

}  // namespace etamax::apps
