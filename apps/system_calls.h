#pragma once

namespace etamax::apps {

/// Gives up the system calls that change files, open them for writing, use the network, start programs or processes,
/// or reach other processes and the machine's settings: they fail from now on, and those of an Attempt are noted.
/// Returns false where the kernel does not filter system calls, or the processor's are not known here.
bool confine_system_calls();

}  // namespace etamax::apps
