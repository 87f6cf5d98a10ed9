#pragma once

#include <cstddef>
#include <string>

namespace etamax {

/// For how many threads, up to `wanted`, there is the memory that OpenBLAS sets aside for each; 0: not even for one.
/// Where it gets none, it tries for ever.
int threads_that_fit(int wanted);
/// For how many threads, up to `wanted`, the system lets those that they need be started; 0: not even for one. Where
/// LibTorch gets none, it waits for it for ever.
int threads_that_start(int wanted);
/// How many threads the tensor library uses from now on. Sets their memory aside, for all that come later may find
/// none.
void set_threads(int threads);
/// How many it uses: by default OMP_NUM_THREADS, or one for each core. Throws EnvironmentError, as the former does,
/// where LibTorch learns of no processors: without /proc.
int threads_in_use();
/// Has LibTorch look for the machine's devices, which it does where it first differentiates: libraries of devices open,
/// write and start what they like, and a model that is not trusted would be blamed for it.
void look_for_devices();
/// What OpenBLAS sets aside for so many threads, in bytes; 0 where another BLAS is in use.
std::size_t set_aside_for_threads(int threads);
/// What is in use, for a reader: "LibTorch 1.13.0, BLAS OpenBLAS 0.3.21".
std::string tensor_libraries();
/// A warning where matrix products will be slow because the BLAS is the reference one; else "".
std::string slow_blas_warning();

/// Makes the allocator keep what is freed, for the whole process: call it once, at the start of a program. By
/// default the C library gives large blocks back to the system each time and gets them anew, page by page and
/// zeroed, which for tensors of tens of megabytes takes several times as long as the arithmetic on them. Blocks
/// of 16 MiB and more go back all the same, since among kept ones they leave holes in which no other fits. Does nothing
/// where there is no such setting.
void keep_freed_memory();

/// Drops what TorchScript prints, for the whole process: it runs thousands of times, and its text is no part of an
/// answer.
void silence_scripts();

/// Makes an allocation beyond the memory that is free now fail, for the whole process, instead of the system ending
/// some program: whoever made it can then say what would fit. Does nothing where the system does not tell.
void refuse_missing_memory();

}  // namespace etamax
