# SPDX-License-Identifier: Apache-2.0
# Which of several ways data is built, and the vocabulary that goes into the program.
if(ULS_IO)
  list(FILTER sources EXCLUDE REGEX "/no_[a-z_]*\\.cpp$")
  target_link_libraries(uls_data PRIVATE ICU::uc ZLIB::ZLIB PNG::PNG matio::matio OpenCV::core
    OpenCV::imgproc OpenCV::imgcodecs)
  set(vocabulary ${PROJECT_SOURCE_DIR}/data/text/bpe_simple_vocab_16e6.txt.gz)
  set_source_files_properties(${PROJECT_SOURCE_DIR}/data/text/vocabulary.cpp PROPERTIES
    COMPILE_DEFINITIONS ULS_VOCABULARY="${vocabulary}" OBJECT_DEPENDS ${vocabulary})
else()
  list(FILTER sources INCLUDE REGEX "/no_[a-z_]*\\.cpp$")
endif()
