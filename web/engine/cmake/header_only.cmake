# header_only(TARGET FOLDER [DEFINITIONS...]): a library of which only the headers are used, for a platform that has none of
# it built. They are taken through a link, for the folder that they lie in has the headers of this machine's C library too.
function(header_only target folder)
  if(TARGET ${target})
    return()
  endif()
  find_path(etamax_${folder}_include "${folder}" PATHS /usr/include /usr/local/include NO_CMAKE_FIND_ROOT_PATH NO_DEFAULT_PATH REQUIRED)
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/include")
  file(CREATE_LINK "${etamax_${folder}_include}/${folder}" "${CMAKE_BINARY_DIR}/include/${folder}" SYMBOLIC)
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(${target} INTERFACE "${CMAKE_BINARY_DIR}/include")
  target_compile_definitions(${target} INTERFACE ${ARGN})
endfunction()
