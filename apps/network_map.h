#pragma once

#include <string>

#include "etamax/files/file_fault.h"
#include "etamax/maps/network_map.h"
#include "options.h"

/// `etamax map network:...`: maps of trainings.
namespace etamax::apps {

struct NetworkMapRequest {
  NetworkMapOptions options;
  std::string state;  ///< a file to carry on from; "" for none
  FileFault state_fault;
};

/// The map, by so many threads. Throws InputError, EnvironmentError.
FateMap network_map(const NetworkMapRequest& request, int threads, bool quiet);
/// Prints what became of the training of one pixel, step by step. Returns the exit status.
int replay_network(const NetworkMapRequest& request, int i, int j, const OutputOptions& output);

}  // namespace etamax::apps
