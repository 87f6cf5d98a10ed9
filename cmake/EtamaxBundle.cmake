# etamax_bundle(TARGET FOLDER FILES...): puts the files' bytes into the library, behind etamax::bundled_file(name).
function(etamax_bundle target folder)
  set(arrays "")
  set(rows "")
  set(number 0)
  foreach(name IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${folder}/${name}")
    file(READ "${folder}/${name}" hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
    # One string literal: an array of numbers would take the compiler far longer.
    file(SIZE "${folder}/${name}" size)
    string(APPEND arrays "const char bytes_${number}[] = \"${bytes}\";\n")
    string(APPEND rows "  if (name == \"${name}\") return {bytes_${number}, ${size}};\n")
    math(EXPR number "${number} + 1")
  endforeach()
  set(generated "${PROJECT_BINARY_DIR}/generated/${target}_bundle.cpp")
  file(CONFIGURE OUTPUT "${generated}" @ONLY CONTENT [[// Generated from the files of data/. Do not edit.
#include <stdexcept>
#include <string>
#include <string_view>

namespace etamax {
namespace {

@arrays@
}  // namespace

std::string_view bundled_file(std::string_view name) {
@rows@  throw std::logic_error("no bundled file " + std::string(name));
}

}  // namespace etamax
]])
  target_sources(${target} PRIVATE "${generated}")
endfunction()
