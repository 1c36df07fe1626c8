# SPDX-License-Identifier: Apache-2.0
# Language, warnings, optimisation, sanitizers, compiler cache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_ENABLE_EXPORTS ON)  # the stack of a Bug names functions

find_program(ULS_CCACHE ccache)
if(ULS_CCACHE)
  # Relative paths, so that clones share what they compile.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${ULS_CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

# What every target of ours is compiled with; the sanitizers also reach programs that link an installed library.
add_library(uls_flags INTERFACE)
target_compile_options(uls_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Werror -march=${ULS_ARCH} -fno-math-errno -fno-trapping-math>)
# GCC 12 sees overlapping copies in std::string's operator+ where there are none (its bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(uls_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
# Vectors as wide as the processor has them; compilers default to half of that.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  target_compile_options(uls_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-mprefer-vector-width=512>)
endif()

set(CMAKE_CXX_FLAGS_RELEASE "-O3")
if(ULS_SANITIZE STREQUAL "address")
  set(CMAKE_CXX_FLAGS_RELEASE "-O1 -g1")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=address,undefined> -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  # GCC 12 sees uninitialised values in <regex> and in lambdas once the sanitizer has rewritten them.
  target_compile_options(uls_flags INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
elseif(ULS_SANITIZE STREQUAL "thread")
  set(CMAKE_CXX_FLAGS_RELEASE "-O1 -g1")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(NOT ULS_SANITIZE STREQUAL "none")
  message(FATAL_ERROR "ULS_SANITIZE: unknown word; got '${ULS_SANITIZE}'; expected none, address or thread")
endif()

# Threads of parallel loops are OpenMP's, or std::thread's where the sanitizer or the compiler brings no OpenMP.
set(ULS_OPENMP ON)
if(ULS_SANITIZE STREQUAL "thread" OR ULS_FUZZ)
  set(ULS_OPENMP OFF)
endif()

if(ULS_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "ULS_FUZZ: wrong compiler; got ${CMAKE_CXX_COMPILER_ID}; expected Clang (-DCMAKE_CXX_COMPILER=clang++)")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
