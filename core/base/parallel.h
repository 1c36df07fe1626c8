// SPDX-License-Identifier: Apache-2.0
// Parallel loops on the CPU: the only place that knows how threads are made (OpenMP, or std::thread
// under the `tsan` preset).
//
// The partition is static and depends on (range, grain, number of threads) alone, and reductions combine
// their parts in order. Hence bit-identical results from run to run for one number of threads.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace uls {

/// Threads that a parallel loop may use: ULS_THREADS, or what the machine offers.
int num_threads();

/// Sets the number of threads of later loops (at least 1).
void set_num_threads(int count);

/// "OpenMP" or "std::thread".
const char* threading_backend();

namespace detail {

using PartFunction = void (*)(void* context, int part);

/// Calls function(context, part) for part in [0, parts), concurrently. The first exception is rethrown here.
void run_parts(int parts, PartFunction function, void* context);

/// How many parts a loop of `size` items is cut into; 1 inside a running parallel loop.
int count_parts(std::int64_t size, std::int64_t grain);

}  // namespace detail

/// Calls fn(first, last) on disjoint pieces that cover [begin, end). A piece has at least `grain` items,
/// unless the whole range has fewer.
template <typename Fn>
void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain, Fn&& fn) {
  const std::int64_t size = end - begin;
  if (size <= 0) return;
  const int parts = detail::count_parts(size, grain);
  if (parts == 1) {
    fn(begin, end);
    return;
  }
  auto body = [&](int part) { fn(begin + size * part / parts, begin + size * (part + 1) / parts); };
  detail::run_parts(
      parts, [](void* context, int part) { (*static_cast<decltype(body)*>(context))(part); }, &body);
}

/// Combines fn(first, last) of the pieces in order: combine(combine(identity, piece 0), piece 1) ...
template <typename T, typename Fn, typename Combine>
T parallel_reduce(std::int64_t begin, std::int64_t end, std::int64_t grain, T identity, Fn&& fn,
                  Combine&& combine) {
  static_assert(!std::is_same_v<T, bool>, "vector<bool> packs neighbours into one word: threads would race");
  const std::int64_t size = end - begin;
  if (size <= 0) return identity;
  const int parts = detail::count_parts(size, grain);
  std::vector<T> partial(std::size_t(parts), identity);
  parallel_for(0, parts, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t p = first; p < last; ++p)
      partial[std::size_t(p)] = fn(begin + size * p / parts, begin + size * (p + 1) / parts);
  });
  T result = std::move(identity);
  for (auto& part : partial) result = combine(std::move(result), std::move(part));
  return result;
}

}  // namespace uls
