#pragma once

namespace etamax {

/// What this processor has of the instruction sets that vector code is compiled for, each with all before it. The names
/// are Highway's.
enum class InstructionSet { baseline, sse4, avx2, avx3 };

// Highway's own choice of the target is in libhwy, which times the processor's clock whenever it is loaded: some 4 ms
// at every start of a program that answers in 1. The headers alone need no library, so the choice is made here. Every
// processor with AVX2 and FMA has F16C, which not every compiler can be asked about.
inline InstructionSet best_instruction_set() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_cpu_init();
  const bool sse4 =
      __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("aes");
  const bool avx2 = sse4 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  const bool avx3 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  if (avx3) return InstructionSet::avx3;
  if (avx2) return InstructionSet::avx2;
  if (sse4) return InstructionSet::sse4;
#endif
  return InstructionSet::baseline;
}

}  // namespace etamax
