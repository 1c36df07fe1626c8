// SPDX-License-Identifier: Apache-2.0
// The machine's processor, as the system describes it.
#pragma once

#include <string>

namespace uls {

struct Processor {
  std::string model;    ///< "AMD EPYC 7763 64-Core Processor", or "unknown"
  std::string vectors;  ///< its extensions that our kernels or oneDNN have code for: "avx2 fma"
};
Processor processor();

}  // namespace uls
