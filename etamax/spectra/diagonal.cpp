#include "etamax/spectra/diagonal.h"

#include <algorithm>
#include <cmath>

#include "etamax/answers/detail_csv.h"
#include "etamax/core/error.h"
#include "etamax/core/statistics.h"
#include "etamax/curvature/entries.h"
#include "etamax/files/npz.h"
#include "etamax/files/replace_file.h"

namespace etamax {
namespace {

/// Coordinates that the operator leaves out are 0 in its random vectors, and stay so.
void to_signs(Vector& v) {
  combine_entries(v, v.zeros(), [](double entry, double) { return static_cast<double>((entry > 0) - (entry < 0)); });
}

/// Adds x * y, entry by entry, to `sum`, and its square to `squares`.
void add_products(Vector& sum, Vector& squares, const Vector& x, const Vector& y) {
  VectorBody* const written[] = {&sum.body(), &squares.body()};
  const VectorBody* const read[] = {&x.body(), &y.body()};
  written[0]->for_each_block(written, read, [](VectorBody::Blocks out, VectorBody::Blocks in) {
    for (std::size_t i = 0; i < out[0].size(); ++i) {
      const double sample = in[0][i] * in[1][i];
      out[0][i] += sample;
      out[1][i] += sample * sample;
    }
  });
}

}  // namespace

DiagonalSamples sample_diagonal(PreconditionedHessian& a, const std::vector<ParameterBlock>& blocks, long products,
                                std::uint64_t seed, const Progress& progress) {
  DiagonalSamples found;
  found.traces.resize(blocks.size());
  for (long i = 0; i < products; ++i) {
    Vector v = a.random_normal(seed + static_cast<std::uint64_t>(i)), image = v.zeros();
    to_signs(v);
    a.apply(v, image);
    if (i == 0) found.mean = v.zeros_in_64_bit(), found.standard_error = v.zeros_in_64_bit();
    add_products(found.mean, found.standard_error, v, image);
    for (std::size_t b = 0; b < blocks.size(); ++b)
      found.traces[b].push_back(v.part(blocks[b].from, blocks[b].to).dot(image.part(blocks[b].from, blocks[b].to)));
    report_progress(progress, static_cast<double>(i + 1) / static_cast<double>(products));
  }
  const auto m = static_cast<double>(products);
  found.mean.scale(1 / m);
  combine_entries(found.standard_error, found.mean, [m](double squares, double mean) {
    return std::sqrt(std::max(squares / m - mean * mean, 0.0) / (m - 1));
  });
  return found;
}

std::vector<LayerDiagonal> layer_diagonals(const DiagonalSamples& samples, const std::vector<ParameterBlock>& blocks) {
  std::vector<LayerDiagonal> layers;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const std::vector<double>& traces = samples.traces[b];
    const auto size = static_cast<double>(blocks[b].to - blocks[b].from);
    const double t = student_t_975(static_cast<long>(traces.size()) - 1);
    const std::vector<double> entries = samples.mean.part(blocks[b].from, blocks[b].to).values();
    const Vector errors = samples.standard_error.part(blocks[b].from, blocks[b].to);
    const auto [lowest, highest] = std::minmax_element(entries.begin(), entries.end());
    layers.push_back({blocks[b].name,
                      static_cast<long>(entries.size()),
                      {mean(traces) / size, t * standard_error(traces) / size},
                      *lowest,
                      *highest,
                      std::sqrt(errors.dot(errors) / size)});
  }
  return layers;
}

void check_diagonal_file(const std::string& path) {
  if (path.empty()) return;
  if (!path.ends_with(".npz") && !path.ends_with(".csv"))
    throw InputError("diagonal", path, "the name of an .npz or .csv file");
  check_replaceable("diagonal", path);
}

void write_diagonal(const std::string& path, const std::vector<ParameterBlock>& blocks,
                    const DiagonalSamples& samples) {
  NpzWriter arrays("diagonal");
  detail::CsvTable table({"layer", "index", "value", "standard_error"});
  const bool csv = path.ends_with(".csv");
  for (const ParameterBlock& block : blocks) {
    std::vector<double> values = samples.mean.part(block.from, block.to).values();
    const std::vector<double> errors = samples.standard_error.part(block.from, block.to).values();
    if (csv) {
      for (std::size_t i = 0; i < values.size(); ++i)
        table.row({block.name, std::to_string(i), detail::cell(values[i]), detail::cell(errors[i])});
    } else {
      values.insert(values.end(), errors.begin(), errors.end());
      arrays.add(block.name, values, {2, block.to - block.from});
    }
  }
  replace_file("diagonal", path, csv ? table.take() : arrays.take());
}

}  // namespace etamax
