// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include "core/base/parallel_backend.h"

namespace uls {

const char* threading_backend() { return "OpenMP"; }

namespace detail {

void backend_run(int parts, PartRunner& runner) {
#pragma omp parallel for num_threads(parts) schedule(static, 1)
  for (int part = 0; part < parts; ++part) runner(part);
}

int backend_threads() { return omp_get_max_threads(); }
void backend_set_threads(int count) { omp_set_num_threads(count); }

}  // namespace detail
}  // namespace uls
