#include "etamax/report/appearance.h"

namespace etamax {

Appearance appearance(Verdict verdict) {
  switch (verdict) {
    case Verdict::converges:
    case Verdict::trains:
      return {Color::green, Shape::circle, "●", 'o'};
    case Verdict::cycles:
      return {Color::orange, Shape::square, "■", '#'};
    case Verdict::chaotic:
      return {Color::purple, Shape::diamond, "◆", '%'};
    case Verdict::diverges:
      return {Color::vermillion, Shape::triangle_up, "▲", '^'};
    case Verdict::collapses:
      return {Color::ink, Shape::triangle_down, "▼", 'v'};
    case Verdict::stationary:
      return {Color::sky, Shape::plus, "✚", '+'};
    case Verdict::drifts:
      return {Color::blue, Shape::triangle_right, "▶", '>'};
    case Verdict::undefined:
      return {Color::grey, Shape::cross, "✖", 'x'};
    case Verdict::unclear:
      break;
  }
  return {Color::grey, Shape::ring, "○", '?'};
}

Appearance appearance(LogVerdict verdict) {
  switch (verdict) {
    case LogVerdict::learning_rate:
      return appearance(Verdict::diverges);
    case LogVerdict::not_learning_rate:
      return appearance(Verdict::undefined);
    case LogVerdict::collapse:
      return appearance(Verdict::collapses);
    case LogVerdict::healthy:
      return appearance(Verdict::converges);
    case LogVerdict::unclear:
      break;
  }
  return appearance(Verdict::unclear);
}

}  // namespace etamax
