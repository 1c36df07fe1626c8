# SPDX-License-Identifier: Apache-2.0
# Rooms are found, not listed: a source file in a folder belongs to the folder's library by its name.
#
#   *_cpu.cpp     CPU kernels; defines  void uls::kernels::bind_<op>_cpu()
#   *_cuda.cu     CUDA kernels; defines void uls::kernels::bind_<op>_cuda(); left out without ULS_CUDA
#   *_cases.cpp   rows of the table of op cases; defines void uls::kernels::<op>_cases(OpTable&)
# Where a file exists in several ways (no_yaml.cpp, yaml.cpp), scripts/cmake/variants_<folder>.cmake chooses.

# uls_add_folder(NAME [DEPENDENCY...]): the library uls_NAME of a top-level folder. Its headers are reached
# through a folder that holds nothing but a link to it, so that including one of a folder that is not
# among the dependencies does not compile.
function(uls_add_folder name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.cpp)
  if(ULS_CUDA)
    file(GLOB_RECURSE cuda_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*_cuda.cu)
    list(APPEND sources ${cuda_sources})
  endif()

  add_library(uls_${name} STATIC)
  add_library(unilseg::${name} ALIAS uls_${name})
  include(${PROJECT_SOURCE_DIR}/scripts/cmake/variants_${name}.cmake OPTIONAL)

  set(doorway ${PROJECT_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${doorway})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${name} ${doorway}/${name} SYMBOLIC)

  target_sources(uls_${name} PRIVATE ${sources})
  target_include_directories(uls_${name} PUBLIC $<BUILD_INTERFACE:${doorway}> $<INSTALL_INTERFACE:include/unilseg>)
  target_link_libraries(uls_${name} PRIVATE $<BUILD_INTERFACE:uls_flags>)
  target_compile_features(uls_${name} PUBLIC cxx_std_20)
  foreach(dependency ${ARGN})
    target_link_libraries(uls_${name} PUBLIC uls_${dependency})
  endforeach()
  set_target_properties(uls_${name} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY ULS_FOLDERS ${name})
endfunction()

# uls_room_functions(DECLARATIONS CALLS SUFFIX SIGNATURE CALL FILE...): for every file whose stem ends in SUFFIX,
# SIGNATURE and CALL with @ replaced by the stem.
function(uls_room_functions out_declarations out_calls suffix signature call)
  set(declarations "")
  set(calls "")
  foreach(file ${ARGN})
    get_filename_component(stem ${file} NAME_WE)
    if(stem MATCHES "${suffix}$")
      string(REPLACE "@" "${stem}" declaration "${signature}")
      string(REPLACE "@" "${stem}" one_call "${call}")
      string(APPEND declarations "${declaration}\n")
      string(APPEND calls "  ${one_call}\n")
    endif()
  endforeach()
  set(${out_declarations} "${declarations}" PARENT_SCOPE)
  set(${out_calls} "${calls}" PARENT_SCOPE)
endfunction()
