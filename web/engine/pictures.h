#pragma once

#include <optional>
#include <string>

#include "etamax/answers/ruler.h"
#include "etamax/report/scene.h"
#include "web/engine/answer.h"

/// Pictures as the page takes them: see explain in answer.h.
namespace etamax::web {

Json axis(const Scale& scale);
Json picture(const std::optional<Scene>& scene, const std::string& id);
/// The ruler without the rates that somebody has chosen. `wanted`: {"width", "reach", "below"}; `dots`: with the runs.
Json ruler_picture(Ruler ruler, const Json& wanted, bool dots);

}  // namespace etamax::web
