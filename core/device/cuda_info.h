// SPDX-License-Identifier: Apache-2.0
// Which CUDA devices this process can use. Asking needs no driver and starts nothing on a device.
// cuda_info.cpp is built with ULS_CUDA, no_cuda.cpp without.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace uls {

struct CudaDevice {
  std::string name;
  std::int64_t memory_bytes = 0;
  int major = 0, minor = 0;  ///< compute capability
  int processors = 0;        ///< streaming multiprocessors
};

struct CudaInfo {
  bool built = false;
  int runtime_version = 0;  ///< 13000 is 13.0
  int driver_version = 0;   ///< the newest that the driver supports; 0 without a driver
  std::vector<CudaDevice> devices{};
  std::string problem{};  ///< why there is no device and how to get one; "" where there is
};

CudaInfo cuda_info();

}  // namespace uls
