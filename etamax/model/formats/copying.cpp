#include <random>

#include "etamax/model/table_data.h"

namespace etamax::formats {

/// Sequences w_1 .. w_L, 0, w_1 .. w_L of random words w in 1 .. vocabulary - 1: what follows each of the
/// first 2 L tokens is to be predicted. The first half cannot be foretold; after the mark 0, the first half
/// must be repeated. No prediction has a smaller mean cross entropy than (L - 1) / (2 L) log(vocabulary - 1),
/// for a causal model.
DataSpec copying() {
  DataSpec spec;
  spec.name = "copying";
  spec.summary =
      "random words, a mark, the same words again, to be predicted one by one (made up; for causal language models)";
  spec.example = "copying:length=8,vocabulary=10,examples=512,seed=0";
  spec.load = [](const std::string& first, const DataOptions& others) {
    const std::string where = "copying";
    DataOptions options = made_up_options(where, first, others);
    check_options(where, options, {"length", "vocabulary", "examples", "seed"});
    const int64_t length = take_number(where, options, "length", 8, 1, 4096);
    const int64_t vocabulary = take_number(where, options, "vocabulary", 10, 2, 65536);
    const int64_t examples = take_number(where, options, "examples", 512, 1, 1'000'000);
    const int64_t seed = take_number(where, options, "seed", 0, 0, 1'000'000'000);

    // The engine's numbers are the standard's, the same everywhere; its distributions are not.
    std::mt19937_64 random(static_cast<std::uint64_t>(seed));
    torch::Tensor tokens = torch::zeros({examples, 2 * length + 1}, torch::kFloat);
    auto at = tokens.accessor<float, 2>();
    for (int64_t i = 0; i < examples; ++i)
      for (int64_t j = 0; j < length; ++j)
        at[i][j] = at[i][length + 1 + j] =
            static_cast<float>(1 + random() % static_cast<std::uint64_t>(vocabulary - 1));
    Dataset data;
    data.name = "copying:length=" + std::to_string(length) + ",vocabulary=" + std::to_string(vocabulary) +
                ",examples=" + std::to_string(examples) + ",seed=" + std::to_string(seed);
    data.inputs = tokens.slice(1, 0, 2 * length).contiguous();
    data.targets = tokens.slice(1, 1).contiguous();
    return data;
  };
  return spec;
}

}  // namespace etamax::formats
