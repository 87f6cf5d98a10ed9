#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/core/cost.h"
#include "etamax/core/interval.h"
#include "etamax/core/setting.h"

/// What `etamax spectrum` answers, as plain values.
namespace etamax {

struct NamedShare {
  std::string name;
  double share = 0;
};

/// One eigenvalue at an end of the spectrum.
struct SpectralEnd {
  double value = 0;                    ///< the Ritz value
  Interval bounds;                     ///< that hold it; an end that is not known yet is none
  double residual = 0;                 ///< |A y - value y| of the unit vector y: some eigenvalue is this near
  std::optional<double> gauss_newton;  ///< y' G y: the Gauss-Newton part of the value; none where that is not split
  std::vector<NamedShare> layers;      ///< of the eigenvector's squared length, the largest first; the first few
  std::optional<long> cluster;         ///< which cluster it is in, counted from 0; none: it stands alone
};

struct SpectralEnds {
  std::vector<SpectralEnd> values;  ///< from the end inwards
  std::optional<double> others;     ///< no further eigenvalue is beyond it, outwards; none where that is not known
  bool reached_tolerance = false;
};

/// The distribution of the eigenvalues, from several random starts.
struct SpectralMass {
  struct Start {
    std::vector<double> nodes, weights;  ///< ascending; the weights add up to 1
    std::vector<double> residuals;       ///< of the nodes: some eigenvalue is this near
  };
  std::vector<Start> starts;
  long products = 0;
  double near = 0;                                      ///< what counts as near zero: at most this in magnitude
  double share_near = 0, share_near_error = 0;          ///< of the eigenvalues; over starts, one standard error
  double share_negative = 0, share_negative_error = 0;  ///< below -near
  double outer = 0;                                     ///< what counts as large: more than this in magnitude
  double count_outer = 0, count_outer_error = 0;        ///< of the eigenvalues, estimated
};

struct TraceValue {
  double value = 0;
  std::optional<double> half_width;  ///< of 95%, from its own samples; none: exact to rounding
};
/// "6.6 +- 2.1": the value to the digits that the half width leaves.
std::string with_half_width(const TraceValue& t);

struct LayerTrace {
  std::string name;
  long parameters = 0;
  TraceValue trace;
};
struct SpectralTraces {
  TraceValue trace, square;  ///< of A and of A^2
  std::vector<LayerTrace> layers;
  long products = 0;
};

/// Of a layer's entries of the diagonal.
struct LayerDiagonal {
  std::string name;
  long parameters = 0;
  TraceValue mean;                 ///< over its entries, with its 95% interval
  double lowest = 0, highest = 0;  ///< of its entries' estimates
  double standard_error = 0;       ///< of one entry, root mean square
};
struct SpectralDiagonal {
  std::string file;  ///< that has the entries; "" where it could not be written
  std::vector<LayerDiagonal> layers;
  long products = 0;
};

struct Spectra {
  std::string model, data, loss, optimizer, device, dtype;
  std::vector<Setting> hyperparameters;
  std::string loss_basis;  ///< why this loss, where it was guessed
  std::vector<std::string> notes;
  long parameters = 0, examples = 0, of_examples = 0;
  double loss_value = 0;

  std::string matrix;          ///< the option's word: "hessian"
  std::string preconditioner;  ///< where P is from; "" where there is none
  long dimension = 0, left_out = 0;
  Interval lambda_max, lambda_min;  ///< as `analyze` has them
  double confidence = 0;
  std::optional<SpectralEnds> top, bottom;
  std::optional<SpectralMass> density;
  std::optional<SpectralTraces> traces;
  std::optional<SpectralDiagonal> diagonal;
  std::string vectors;  ///< the file with the eigenvectors; "" where none was asked for, or written
  std::vector<std::string> answer;
  Cost cost;
  bool partial = false;
};

std::string to_json(const Spectra& spectra);

/// A row for each eigenvalue found, and one for each node of the density: kind, start, index, value, lower, upper,
/// residual, gauss_newton, weight.
std::string to_csv(const Spectra& spectra);

}  // namespace etamax
