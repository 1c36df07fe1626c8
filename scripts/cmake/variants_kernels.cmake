# SPDX-License-Identifier: Apache-2.0
# Which of several ways the kernels are built, and the generated lists of rooms.
if(ULS_ONEDNN)
  list(FILTER sources EXCLUDE REGEX "/onednn_absent\\.cpp$")
  target_link_libraries(uls_kernels PRIVATE oneDNN::oneDNN)
else()
  list(FILTER sources EXCLUDE REGEX "onednn\\.cpp$")
endif()

uls_room_functions(ULS_BIND_DECLARATIONS ULS_BIND_CALLS "_(cpu|cuda|onednn)" "void bind_@();" "bind_@();" ${sources})
uls_room_functions(ULS_CASE_DECLARATIONS ULS_CASE_CALLS "_cases" "void @(OpTable&);" "@(table);" ${sources})
configure_file(${PROJECT_SOURCE_DIR}/kernels/common/room_lists.cpp.in ${PROJECT_BINARY_DIR}/generated/room_lists.cpp)
list(APPEND sources ${PROJECT_BINARY_DIR}/generated/room_lists.cpp)
