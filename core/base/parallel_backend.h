// SPDX-License-Identifier: Apache-2.0
// What a threading backend provides to parallel.cpp. CMake compiles exactly one of them.
#pragma once

#include <exception>
#include <mutex>
#include <utility>

#include "core/base/parallel.h"

namespace uls::detail {

struct PartRunner {
  PartFunction function;
  void* context;
  std::mutex mutex{};
  std::exception_ptr error{};
  int error_part = 0;

  void operator()(int part) noexcept;
};

/// Runs the parts [0, parts), each on a thread of its own, and waits for all.
void backend_run(int parts, PartRunner& runner);

/// What the machine offers.
int backend_threads();

/// Tells libraries that share the backend (oneDNN under OpenMP) how many threads to use.
void backend_set_threads(int count);

}  // namespace uls::detail
