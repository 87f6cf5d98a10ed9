#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "etamax/core/fields.h"
#include "etamax/core/progress.h"
#include "etamax/files/file_fault.h"

namespace etamax {

/// Which matrix, and what of its spectrum. The defaults are those of the command line.
struct SpectrumOptions {
  std::string matrix = "hessian";  ///< or ggn, fisher, sampled_fisher, preconditioned
  long top = 5, bottom = 0;        ///< eigenvalues at either end
  bool density = false, trace = false;
  double tolerance =
      1e-3;  ///< wanted of an eigenvector: residual over the largest magnitude at its end, or a tenth of that of all
  double confidence = 0.999;      ///< of the bounds, in (0, 1)
  double gap = 0.1;               ///< wanted: (upper - lower) / upper of lambda_max, in (0, 1)
  long starts = 5;                ///< of the density, at least 2
  long density_steps = 80;        ///< products of each start
  long trace_products = 90;       ///< at least 6
  std::string diagonal = {};      ///< an .npz or .csv file for the estimated diagonal; "": none
  long diagonal_products = 100;   ///< at least 2
  long preconditioner_steps = 0;  ///< as AnalyzeOptions has it
  std::int64_t batch_size = 0;    ///< of the gradients for a preconditioner; 0: all examples
  std::string vectors = {};       ///< an .npz file for the eigenvectors; "": none
  std::uint64_t seed = 0;
  /// Told what begins; and asked, often, whether to go on.
  std::function<void(const std::string& stage)> stage = {};
  Progress progress = {};
  FileFault file_fault =
      {};  ///< told where a file of vectors or of the diagonal cannot be written; else that is thrown
};

/// All of it but the seed, and who listens.
Fields fields(SpectrumOptions& options);

}  // namespace etamax
