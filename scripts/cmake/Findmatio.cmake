# SPDX-License-Identifier: Apache-2.0
include(plain_library)
plain_library(matio matio.h matio)
