# SPDX-License-Identifier: Apache-2.0
# Finds a library of NVIDIA's that comes with the toolkit, as a system package, or as a Python wheel (nvidia-cudnn-cu13,
# nvidia-nccl-cu13), whose place the interpreter tells.
#
#   nvidia_library(cuDNN cudnn cudnn.h cudnn_version.h CUDNN 9): the variables of find_package(cuDNN) and the target
#   cuDNN::cuDNN, from its folder in a wheel, its header, the header with its version macros, their prefix, and the
#   major version in the library's file name
include(plain_library)

if(NOT DEFINED NVIDIA_WHEEL_DIRS)
  execute_process(COMMAND python3 -c "import nvidia; print(';'.join(nvidia.__path__))"
    OUTPUT_VARIABLE wheel_dirs OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  set(NVIDIA_WHEEL_DIRS "${wheel_dirs}" CACHE STRING "nvidia/ folders of Python wheels")
endif()

macro(nvidia_library name folder header version_header prefix major)
  set(roots ${${name}_ROOT} $ENV{${name}_ROOT} ${CUDAToolkit_INCLUDE_DIRS} ${NVIDIA_WHEEL_DIRS})
  find_path(${name}_INCLUDE_DIR ${header} HINTS ${roots} PATH_SUFFIXES include ${folder}/include)
  # The library beside the header first, so that two installed versions do not mix. A wheel ships
  # lib${folder}.so.${major} without the link that ends in .so.
  find_library(${name}_LIBRARY NAMES ${folder} lib${folder}.so.${major} NAMES_PER_DIR
    HINTS ${${name}_INCLUDE_DIR}/../lib ${${name}_INCLUDE_DIR}/../lib64 ${CUDAToolkit_LIBRARY_DIR} ${roots}
    PATH_SUFFIXES lib lib64 ${folder}/lib)
  if(${name}_INCLUDE_DIR)
    file(STRINGS ${${name}_INCLUDE_DIR}/${version_header} numbers
      REGEX "#define ${prefix}_(MAJOR|MINOR|PATCH|PATCHLEVEL) [0-9]+")
    string(REGEX REPLACE "[^0-9;]" "" numbers "${numbers}")
    list(JOIN numbers "." ${name}_VERSION)
  endif()
  imported_library(${name})
endmacro()
