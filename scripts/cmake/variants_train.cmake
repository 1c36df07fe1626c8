# SPDX-License-Identifier: Apache-2.0
# Without files and images a training step in memory is left, and its benchmark.
if(ULS_IO)
  list(FILTER sources EXCLUDE REGEX "/no_[a-z_]*\\.cpp$")
else()
  list(FILTER sources INCLUDE REGEX "/(step/[a-z_]*|no_[a-z_]*)\\.cpp$")
endif()
