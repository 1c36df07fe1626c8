# SPDX-License-Identifier: Apache-2.0
# Finds a library whose package brings no CMake file that serves us. Installed with ours, so that a project that links
# our static libraries looks for it on its own machine.
#
#   plain_library(matio matio.h matio): the variables of find_package(matio) and the target matio::matio, from its
#   header and the library's name
macro(plain_library name header library)
  find_path(${name}_INCLUDE_DIR ${header})
  find_library(${name}_LIBRARY ${library})
  imported_library(${name})
endmacro()

# imported_library(NAME): the last part of a finder: what find_package(NAME) reports of NAME_INCLUDE_DIR, NAME_LIBRARY
# and, where it is known, NAME_VERSION, and the target NAME::NAME.
macro(imported_library name)
  mark_as_advanced(${name}_INCLUDE_DIR ${name}_LIBRARY)
  include(FindPackageHandleStandardArgs)
  find_package_handle_standard_args(${name} REQUIRED_VARS ${name}_LIBRARY ${name}_INCLUDE_DIR
    VERSION_VAR ${name}_VERSION)
  if(${name}_FOUND AND NOT TARGET ${name}::${name})
    add_library(${name}::${name} UNKNOWN IMPORTED)
    set_target_properties(${name}::${name} PROPERTIES
      IMPORTED_LOCATION "${${name}_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE_DIR}")
  endif()
endmacro()
