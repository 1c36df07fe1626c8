// SPDX-License-Identifier: Apache-2.0
// ULS_HD marks functions that run on both sides, such as the formulas in <op>_math.h.
#pragma once

#ifdef __CUDACC__
#define ULS_HD __host__ __device__
#else
#define ULS_HD
#endif
