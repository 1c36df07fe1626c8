// SPDX-License-Identifier: Apache-2.0
// Plain threads: what ThreadSanitizer understands. It starts them anew for every loop; speed is not its
// purpose.
#include <thread>
#include <vector>

#include "core/base/parallel_backend.h"

namespace uls {

const char* threading_backend() { return "std::thread"; }

namespace detail {

void backend_run(int parts, PartRunner& runner) {
  std::vector<std::jthread> threads;
  for (int part = 1; part < parts; ++part) threads.emplace_back([&runner, part] { runner(part); });
  runner(0);
}

int backend_threads() { return int(std::thread::hardware_concurrency()); }
void backend_set_threads(int) {}

}  // namespace detail
}  // namespace uls
