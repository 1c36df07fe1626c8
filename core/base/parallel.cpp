// SPDX-License-Identifier: Apache-2.0
// What both threading backends share; run_parts itself is in parallel_openmp.cpp or parallel_threads.cpp.
#include "core/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>

#include "core/base/error.h"
#include "core/base/parallel_backend.h"

namespace uls {
namespace {

int initial_threads() {
  const char* text = std::getenv("ULS_THREADS");
  char* end = nullptr;
  const long count = text && *text ? std::strtol(text, &end, 10) : 0;
  ULS_CHECK((!end || *end == '\0') && count >= 0 && count <= 4096,
            "ULS_THREADS: not a number of threads; got '{}'; expected 0 (what the machine offers) to 4096",
            text);
  if (count == 0) return std::max(1, detail::backend_threads());
  detail::backend_set_threads(int(count));
  return int(count);
}

std::atomic<int>& thread_setting() {
  static std::atomic<int> setting{initial_threads()};
  return setting;
}

thread_local bool inside_parallel_loop = false;

}  // namespace

int num_threads() { return thread_setting().load(); }

void set_num_threads(int count) {
  ULS_CHECK(count >= 1, "set_num_threads: too few; got {}; expected at least 1", count);
  thread_setting() = count;
  detail::backend_set_threads(count);
}

namespace detail {

void PartRunner::operator()(int part) noexcept {
  const bool outer = std::exchange(inside_parallel_loop, true);
  try {
    function(context, part);
  } catch (...) {
    // The exception of the lowest part wins, so that a failure reads the same on every run.
    const std::lock_guard lock(mutex);
    if (!error || part < error_part) error = std::current_exception(), error_part = part;
  }
  inside_parallel_loop = outer;
}

void run_parts(int parts, PartFunction function, void* context) {
  PartRunner runner{function, context};
  backend_run(parts, runner);
  if (runner.error) std::rethrow_exception(runner.error);
}

int count_parts(std::int64_t size, std::int64_t grain) {
  if (inside_parallel_loop) return 1;
  const std::int64_t most = std::max<std::int64_t>(1, size / std::max<std::int64_t>(1, grain));
  return int(std::min<std::int64_t>(most, num_threads()));
}

}  // namespace detail
}  // namespace uls
