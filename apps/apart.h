#pragma once

#include <functional>
#include <string>

namespace etamax::apps {

/// What `work` gives, made in a process of its own (a confined one is that already) whose messages nobody sees: the
/// libraries that draw end their process where memory or threads do not suffice, and speak to the terminal. `what` is
/// made: "a .png". Throws EnvironmentError where that process ends without an answer, or not within `seconds`;
/// Interrupted where the user asks to stop meanwhile; what `work` throws comes back as the same, or as
/// std::runtime_error. However this ends, and this process too, that one is ended.
std::string made_apart(const std::string& what, const std::function<std::string()>& work, double seconds = 60);

}  // namespace etamax::apps
