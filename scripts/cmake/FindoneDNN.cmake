# SPDX-License-Identifier: Apache-2.0
# The package's own CMake file asks for OpenCL headers that the library does not depend on.
include(plain_library)
plain_library(oneDNN dnnl.hpp dnnl)
