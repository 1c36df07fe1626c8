# SPDX-License-Identifier: Apache-2.0
# Without files and images the metrics are left.
if(ULS_IO)
  list(FILTER sources EXCLUDE REGEX "/no_[a-z_]*\\.cpp$")
else()
  list(FILTER sources INCLUDE REGEX "/(metrics/[a-z_]*|no_[a-z_]*)\\.cpp$")
endif()
