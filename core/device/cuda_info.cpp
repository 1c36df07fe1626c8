// SPDX-License-Identifier: Apache-2.0
#include "core/device/cuda_info.h"

#include <cuda_runtime_api.h>
#include <fmt/core.h>

namespace uls {

CudaInfo cuda_info() {
  CudaInfo info{.built = true};
  cudaRuntimeGetVersion(&info.runtime_version);
  cudaDriverGetVersion(&info.driver_version);
  int count = 0;  // left untouched where the call fails
  if (const auto status = cudaGetDeviceCount(&count); status != cudaSuccess) {
    // A failed call must not surface as the error of the next kernel.
    static_cast<void>(cudaGetLastError());
    info.problem =
        info.driver_version == 0
            ? "no NVIDIA driver answers: install one (in a container: start it with access to the GPUs)"
            : fmt::format("the NVIDIA driver gives no device: {} (driver for CUDA {}.{}, build with {}.{})",
                          cudaGetErrorString(status), info.driver_version / 1000,
                          info.driver_version % 1000 / 10, info.runtime_version / 1000,
                          info.runtime_version % 1000 / 10);
    return info;
  }
  for (int index = 0; index < count; ++index) {
    cudaDeviceProp properties{};
    if (cudaGetDeviceProperties(&properties, index) != cudaSuccess) continue;
    info.devices.push_back({.name = properties.name,
                            .memory_bytes = std::int64_t(properties.totalGlobalMem),
                            .major = properties.major,
                            .minor = properties.minor,
                            .processors = properties.multiProcessorCount});
  }
  if (info.devices.empty())
    info.problem = "the NVIDIA driver shows no device; is CUDA_VISIBLE_DEVICES empty?";
  return info;
}

}  // namespace uls
