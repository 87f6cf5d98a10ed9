# etamax_library(NAME SOURCES... USES...): one library per folder, target etamax_NAME, alias etamax::NAME.
function(etamax_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(etamax_${name} ${arg_SOURCES})
  add_library(etamax::${name} ALIAS etamax_${name})
  # No DEFINE_SYMBOL: every symbol is exported anyway, and static and shared builds then share the compiler's cache.
  set_target_properties(etamax_${name} PROPERTIES EXPORT_NAME ${name} DEFINE_SYMBOL ""
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  if(BUILD_SHARED_LIBS)
    set_target_properties(etamax_${name} PROPERTIES INSTALL_RPATH "$ORIGIN")
  endif()
  target_compile_features(etamax_${name} PUBLIC cxx_std_20)
  target_include_directories(etamax_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(etamax_${name} PUBLIC ${arg_USES} PRIVATE ${arg_PRIVATE_USES})
  etamax_warnings(etamax_${name})
  set_property(GLOBAL APPEND PROPERTY ETAMAX_LIBRARIES etamax_${name})
endfunction()

# etamax_test(NAME SOURCES... USES... [LABELS...]): one GoogleTest program, registered case by case with ctest.
function(etamax_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;USES;LABELS;DEFINITIONS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_USES} GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE ETAMAX_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ${arg_DEFINITIONS})
  etamax_warnings(${name})
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()

function(etamax_warnings target)
  # g++ 12 takes `"text" + std::string` for overlapping memory (gcc bug 105651, mended in 13). The warning comes out of the
  # standard library's own code, where no pragma of ours reaches it: off for that compiler alone.
  set(gcc12 $<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    $<${gcc12}:-Wno-restrict> $<$<BOOL:${ETAMAX_WERROR}>:-Werror>)
  if(ETAMAX_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${ETAMAX_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${ETAMAX_SANITIZE})
  endif()
  if(ETAMAX_FUZZ)  # what shows the fuzzer which code it has reached
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

# etamax_table(TARGET FOLDER TYPE HEADER FUNCTION): collects FOLDER/*.cpp, each of which defines
# `TYPE <file name>()` in namespace etamax::<folder name> (etamax::a::b for the folder a/b), into one generated
# `const std::vector<TYPE>& FUNCTION()`. One file adds one row; nothing else is edited.
function(etamax_table target folder type header function)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}/${folder}" "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp")
  list(SORT files)
  string(REPLACE "/" "::" namespace "${folder}")
  set(declarations "")
  set(rows "")
  foreach(file IN LISTS files)
    get_filename_component(row "${file}" NAME_WE)
    string(APPEND declarations "${type} ${row}();\n")
    string(APPEND rows "      ${namespace}::${row}(),\n")
    target_sources(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/${file}")
  endforeach()
  string(REPLACE "/" "_" name "${folder}")
  set(generated "${PROJECT_BINARY_DIR}/generated/${target}_${name}.cpp")
  file(CONFIGURE OUTPUT "${generated}" @ONLY CONTENT [[// Generated from the files of @folder@/. Do not edit.
#include "@header@"

namespace etamax {
namespace @namespace@ {
@declarations@}  // namespace @namespace@

const std::vector<@type@>& @function@() {
  static const std::vector<@type@> table = {
@rows@  };
  return table;
}

}  // namespace etamax
]])
  target_sources(${target} PRIVATE "${generated}")
endfunction()

# etamax_sanitized_build(NAME SANITIZERS ARGUMENTS...): a second build, by clang with sanitizers whatever compiler the rest has, made
# below build/NAME of the target `sanitized_targets`. Sets ETAMAX_CLANG; without clang nothing is made.
function(etamax_sanitized_build name sanitizers)
  find_program(ETAMAX_CLANG clang++)
  if(NOT ETAMAX_CLANG OR TARGET etamax_${name}_build)
    return()
  endif()
  set(folder "${PROJECT_BINARY_DIR}/${name}")
  include(ExternalProject)
  ExternalProject_Add(etamax_${name}_build
    SOURCE_DIR "${PROJECT_SOURCE_DIR}" BINARY_DIR "${folder}" PREFIX "${folder}/external"
    CMAKE_GENERATOR Ninja
    CMAKE_ARGS -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O1\ -g1 -DCMAKE_CXX_COMPILER=${ETAMAX_CLANG}
      -DETAMAX_SANITIZE=${sanitizers} -DETAMAX_APPS=ON -DETAMAX_MODEL=OFF -DETAMAX_TESTS=ON ${ARGN}
    BUILD_COMMAND "${CMAKE_COMMAND}" --build <BINARY_DIR> --target sanitized_targets
    BUILD_ALWAYS ON INSTALL_COMMAND "" TEST_COMMAND "")
endfunction()

# The one in which the fuzz targets are built: ETAMAX_FUZZ=ON.
macro(etamax_fuzz_build)
  etamax_sanitized_build(fuzz address,undefined -DETAMAX_FUZZ=ON)
endmacro()

# etamax_sanitized(TARGETS...): what such a build makes, beside the fuzz targets.
function(etamax_sanitized)
  if(NOT TARGET sanitized_targets)
    add_custom_target(sanitized_targets)
  endif()
  add_dependencies(sanitized_targets ${ARGN})
endfunction()

# etamax_fuzz(NAME SOURCES... USES... CORPUS FOLDER [DEFINITIONS...] [SECONDS 60] [LONGEST 300]): a libFuzzer target, run
# for SECONDS with ctest on inputs of at most LONGEST bytes, from the committed corpus and the words of NAME.dict. Inputs that
# fail are left in build/fuzz as NAME-failed-*.
function(etamax_fuzz name)
  cmake_parse_arguments(arg "" "CORPUS;SECONDS;LONGEST" "SOURCES;USES;DEFINITIONS" ${ARGN})
  if(NOT arg_SECONDS)
    set(arg_SECONDS 60)
  endif()
  if(NOT arg_LONGEST)
    set(arg_LONGEST 300)
  endif()
  if(ETAMAX_FUZZ)
    add_executable(${name} ${arg_SOURCES})
    target_compile_definitions(${name} PRIVATE ${arg_DEFINITIONS})
    target_link_libraries(${name} PRIVATE ${arg_USES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer,${ETAMAX_SANITIZE})
    etamax_warnings(${name})
    etamax_sanitized(${name})
    return()
  endif()
  etamax_fuzz_build()
  if(NOT ETAMAX_CLANG)
    message(STATUS "no clang++: ${name} is not run (its corpus is replayed all the same)")
    return()
  endif()
  set(folder "${PROJECT_BINARY_DIR}/fuzz")
  set(found "${folder}/${name}")
  file(MAKE_DIRECTORY "${found}")
  add_test(NAME fuzz.${name}
    COMMAND "${folder}/tests/fuzz/${name}" -max_total_time=${arg_SECONDS} -timeout=25 -rss_limit_mb=2000
      -max_len=${arg_LONGEST} "-dict=${CMAKE_CURRENT_SOURCE_DIR}/${name}.dict" "-artifact_prefix=${found}-failed-" "${found}" "${arg_CORPUS}")
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 300 LABELS fuzz)
endfunction()
