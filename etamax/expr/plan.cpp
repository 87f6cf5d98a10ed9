#include <algorithm>
#include <optional>

#include "etamax/expr/detail_plan.h"

namespace etamax {
namespace {

using Shape = Tape::Shape;

/// The registers that a step reads.
std::vector<std::uint32_t> reads(const Tape::Step& step) {
  switch (step.shape) {
    case Shape::polynomial:
      return {step.a};
    case Shape::plain:
      return step.a == step.b ? std::vector{step.a} : std::vector{step.a, step.b};
    default:
      return {step.a, step.b, step.c};
  }
}

std::vector<float> narrowed(const std::vector<double>& numbers) {
  std::vector<float> result;
  for (const double number : numbers) result.push_back(static_cast<float>(number));
  return result;
}

}  // namespace

BatchPlan::BatchPlan(const Tape& tape)
    : inputs(tape.dimension),
      outputs(tape.outputs.size()),
      numbers64{tape.constants, tape.coefficients},
      numbers32{narrowed(tape.constants), narrowed(tape.coefficients)},
      polynomials(tape.polynomials) {
  // The last step that reads each register; none for those that nothing needs.
  std::vector<std::optional<std::size_t>> last_read(tape.registers());
  std::vector<std::optional<Operand>> output(tape.registers());
  for (std::uint32_t o = 0; o < outputs; ++o)
    if (!output[tape.outputs[o]]) output[tape.outputs[o]] = Operand{Place::output, o};
  for (std::size_t i = tape.code.size(); i-- > 0;) {
    const std::size_t result = tape.inputs() + i;
    if (!last_read[result] && !output[result]) continue;
    for (const std::uint32_t r : reads(tape.code[i]))
      if (!last_read[r]) last_read[r] = i;
  }

  std::vector<Operand> place(tape.registers());
  for (std::uint32_t r = 0; r < tape.inputs(); ++r)
    place[r] = r < inputs ? Operand{Place::input, r} : Operand{Place::constant, r - static_cast<std::uint32_t>(inputs)};
  std::vector<std::uint32_t> free;
  for (std::size_t i = 0; i < tape.code.size(); ++i) {
    const Tape::Step& step = tape.code[i];
    const std::size_t result = tape.inputs() + i;
    if (!last_read[result] && !output[result]) continue;
    // The result may take the place of an operand: both are read and written point by point.
    for (const std::uint32_t r : reads(step))
      if (last_read[r] == i && place[r].place == Place::temporary &&
          std::find(free.begin(), free.end(), place[r].index) == free.end())
        free.push_back(place[r].index);
    if (output[result]) {
      place[result] = *output[result];
    } else if (!free.empty()) {
      place[result] = {Place::temporary, free.back()};
      free.pop_back();
    } else {
      place[result] = {Place::temporary, static_cast<std::uint32_t>(temporaries++)};
    }
    const bool polynomial = step.shape == Shape::polynomial;
    code.push_back({step.shape, step.op, place[step.a], polynomial ? place[step.a] : place[step.b], place[step.c],
                    place[result], polynomial ? step.b : 0});
  }
  for (std::uint32_t o = 0; o < outputs; ++o) {
    const Operand from = place[tape.outputs[o]], to{Place::output, o};
    if (from != to) code.push_back({Shape::plain, Op::variable, from, from, from, to, 0});
  }
}

}  // namespace etamax
