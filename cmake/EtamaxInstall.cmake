# What `cmake --install` puts in place: the program, one library and one component per folder, their headers, and the
# package that find_package(etamax) reads. Nothing in it names the folder it was built in, so the tree can be moved.
include(CMakePackageConfigHelpers)

set(etamax_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/etamax")
get_property(libraries GLOBAL PROPERTY ETAMAX_LIBRARIES)

install(TARGETS ${libraries} EXPORT etamaxTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(EXPORT etamaxTargets NAMESPACE etamax:: DESTINATION "${etamax_package_dir}")

# What each component needs from elsewhere follows from what its library links: X::Y is in package X.
set(etamax_component_needs "")
foreach(library IN LISTS libraries)
  get_target_property(component ${library} EXPORT_NAME)
  get_target_property(uses ${library} INTERFACE_LINK_LIBRARIES)
  if(NOT uses)
    set(uses "")
  endif()
  string(REGEX MATCHALL "etamax_[a-z]+" components "${uses}")
  list(TRANSFORM components REPLACE "etamax_" "")
  string(REGEX MATCHALL "[A-Za-z0-9_]+::" packages "${uses}")
  list(TRANSFORM packages REPLACE "::" "")
  if("torch" IN_LIST uses)
    list(APPEND packages Torch)
  endif()
  list(REMOVE_ITEM packages etamax)
  list(REMOVE_DUPLICATES packages)
  if("PkgConfig" IN_LIST packages)
    message(FATAL_ERROR "${library}: a pkg-config target cannot be exported; link a package's own target")
  endif()
  list(JOIN components " " components)
  list(JOIN packages " " packages)
  string(APPEND etamax_component_needs
    "set(_etamax_${component}_components ${components})\nset(_etamax_${component}_packages ${packages})\n")
  list(APPEND etamax_components ${component})
  if(IS_DIRECTORY "${PROJECT_SOURCE_DIR}/etamax/${component}")  # rsvg has its header in draw/
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/etamax/${component}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/etamax"
      FILES_MATCHING PATTERN "*.h" PATTERN "detail*.h" EXCLUDE PATTERN "tape.h" EXCLUDE)
  endif()
endforeach()
install(FILES "${PROJECT_BINARY_DIR}/generated/etamax/core/version.h"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/etamax/core")

list(JOIN etamax_components " " etamax_component_list)
configure_package_config_file(cmake/etamaxConfig.cmake.in "${PROJECT_BINARY_DIR}/etamaxConfig.cmake"
  INSTALL_DESTINATION "${etamax_package_dir}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/etamaxConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/etamaxConfig.cmake" "${PROJECT_BINARY_DIR}/etamaxConfigVersion.cmake"
  DESTINATION "${etamax_package_dir}")
install(FILES LICENSE README.md CITATION.cff DESTINATION "${CMAKE_INSTALL_DOCDIR}")
