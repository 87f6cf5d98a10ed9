include("${CMAKE_CURRENT_LIST_DIR}/header_only.cmake")
# Highway 1.0 has no vectors of 64-bit numbers for WebAssembly. Its plain ones are loops that the compiler makes vectors of.
header_only(hwy::hwy hwy HWY_COMPILE_ONLY_EMU128)
set(hwy_FOUND TRUE)
