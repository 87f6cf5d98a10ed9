#include "etamax/spectra/options.h"

namespace etamax {

Fields fields(SpectrumOptions& o) {
  return {
      {Group::runs,
       "matrix",
       &o.matrix,
       "The matrix: the loss's Hessian; its Gauss-Newton part; the empirical Fisher matrix, or with targets drawn from the "
       "model; the Hessian as the optimizer sees it, P^-1/2 H P^-1/2",
       {},
       {.words = {"hessian", "ggn", "fisher", "sampled_fisher", "preconditioned"}}},
      {Group::runs, "top", &o.top, "How many of the largest eigenvalues", Range::from_to(0, 1000)},
      {Group::runs, "bottom", &o.bottom, "How many of the smallest (most negative) eigenvalues",
       Range::from_to(0, 1000)},
      {Group::runs, "density", &o.density, "Estimate the distribution of all eigenvalues"},
      {Group::runs, "trace", &o.trace, "Estimate the trace, that of the square, and the trace of each layer"},
      {Group::runs, "tolerance", &o.tolerance,
       "Residual of an eigenvector at which it is good enough, over the largest magnitude at its end, or over a tenth of that "
       "of all where that is more",
       Range::between(0, 1)},
      {Group::runs, "gap", &o.gap, "Relative width to which the bounds on the largest eigenvalue are narrowed",
       Range::between(0, 1)},
      {Group::runs, "confidence", &o.confidence, "Confidence of the bounds", Range::between(0, 1)},
      {Group::runs, "starts", &o.starts, "Random starts of the density", Range::from_to(2, 1000)},
      {Group::runs, "density_steps", &o.density_steps, "Products of each start of the density",
       Range::from_to(2, 100000)},
      {Group::runs, "trace_products", &o.trace_products, "Products of the trace", Range::from_to(6, 1000000)},
      {Group::runs, "diagonal_products", &o.diagonal_products, "Products of the diagonal", Range::from_to(2, 1000000)},
      {Group::runs, "preconditioner_steps", &o.preconditioner_steps,
       "Gradients from which an adaptive optimizer's preconditioner is built up; 0: until the edge settles",
       Range::from_to(0, 1000000)},
      {Group::runs, "batch_size", &o.batch_size, "Batch size of those gradients; 0 takes all examples",
       Range::at_least(0)},
      {Group::output,
       "vectors",
       &o.vectors,
       "File that takes the eigenvectors, an array for each layer",
       {},
       {.placeholder = "FILE.npz"}},
      {Group::output,
       "diagonal",
       &o.diagonal,
       "Estimate the diagonal; file that takes it with each entry's standard error: .npz, an array for each layer, or .csv",
       {},
       {.placeholder = "FILE"}},
  };
}

}  // namespace etamax
