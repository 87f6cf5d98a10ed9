include("${CMAKE_CURRENT_LIST_DIR}/header_only.cmake")
# Without a separator of its own fmt asks a locale for one, which would be a tenth of the engine.
header_only(fmt::fmt fmt FMT_HEADER_ONLY FMT_STATIC_THOUSANDS_SEPARATOR=44)
set(fmt_FOUND TRUE)
