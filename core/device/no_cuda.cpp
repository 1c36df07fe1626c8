// SPDX-License-Identifier: Apache-2.0
// Stands in for the CUDA files of this folder where the build has none.
#include "core/device/cuda_info.h"

namespace uls {

CudaInfo cuda_info() {
  return {
      .built = false,
      .problem =
          "no CUDA in this build: configure with --preset cuda; needs the CUDA 13 toolkit, cuDNN 9 and NCCL"};
}

}  // namespace uls
