#pragma once

#include <string>
#include <vector>

#include "etamax/model/tune_options.h"

/// A training whose learning rate is to be found.
struct BenchTask {
  std::string name;
  etamax::TuneRequest request;  ///< with seed 0: the parts that the reference grid uses
  double grid_from = 0;         ///< a rate that trains, well below the cliff: where the grid begins
};

/// The six tasks, numbered from 1 on the command line.
const std::vector<BenchTask>& bench_tasks();
