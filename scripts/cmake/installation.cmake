# SPDX-License-Identifier: Apache-2.0
# cmake --install: the program, the libraries with their headers, and find_package(unilseg).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(folders GLOBAL PROPERTY ULS_FOLDERS)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/unilseg)
foreach(folder ${folders})
  install(TARGETS uls_${folder} EXPORT unilsegTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION include/unilseg FILES_MATCHING PATTERN "*.h" PATTERN "*.cuh")
endforeach()
install(TARGETS unilseg RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT unilsegTargets NAMESPACE unilseg:: DESTINATION ${package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/scripts/cmake/unilsegConfig.cmake.in
  ${PROJECT_BINARY_DIR}/unilsegConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/unilsegConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/unilsegConfig.cmake ${PROJECT_BINARY_DIR}/unilsegConfigVersion.cmake
  DESTINATION ${package_dir})
foreach(finder plain_library FindoneDNN Findmatio FindOpenCV)
  install(FILES ${PROJECT_SOURCE_DIR}/scripts/cmake/${finder}.cmake DESTINATION ${package_dir})
endforeach()
