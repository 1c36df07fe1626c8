// SPDX-License-Identifier: Apache-2.0
// What a random draw depends on: (seed, step, global index of the sample in the step, op id from the module's
// path and the number of the call, element). Nothing is consumed, so masks are the same on every device, in
// recomputation, after a resume, and however a step is split into micro-batches and ranks.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "core/random/philox.h"

namespace uls {

/// Everything a kernel needs for its draws. `first_sample` is the global index of the batch's first sample.
struct RandomKey {
  PhiloxKey key{};
  std::uint32_t step = 0;
  std::int64_t first_sample = 0;

  /// Four words for elements 4 block ... 4 block + 3 of a sample.
  ULS_HD PhiloxCounter words(std::int64_t sample, std::uint64_t block) const {
    std::uint64_t words[4];
    draw(sample, block, words);
    return {std::uint32_t(words[0]), std::uint32_t(words[1]), std::uint32_t(words[2]),
            std::uint32_t(words[3])};
  }

  /// The same for one block or for a vector of blocks; see philox_rounds().
  template <typename Word>
  ULS_HD void draw(std::int64_t sample, const Word& block, Word (&words)[4]) const {
    words[0] = block;
    words[1] = (block >> 32) ^ step * 0x9E3779B9u;
    words[2] = Word{} + std::uint32_t(first_sample + sample);
    words[3] = Word{} + step;
    philox_rounds(words, key);
  }
};

/// The calling thread's state: which step and samples it computes, and where in the model it is.
class RandomState {
 public:
  static RandomState& current();

  /// Starts a step (or one of its micro-batches): call numbers begin anew.
  void begin_step(std::uint64_t seed, std::uint32_t step, std::int64_t first_sample = 0);
  /// The key of the next draw at this place in the model; each call at one place gets another.
  RandomKey next_key();

 private:
  friend class ModuleScope;

  std::uint64_t seed_ = 0;
  std::uint32_t step_ = 0;
  std::int64_t first_sample_ = 0;
  std::uint64_t path_ = 0xcbf29ce484222325ull;
  std::unordered_map<std::uint64_t, std::uint64_t> calls_;  // by path
};

/// Names the module whose forward runs: `const ModuleScope scope("layers.0");`. Scopes nest to a path.
class ModuleScope {
 public:
  explicit ModuleScope(std::string_view name);
  ~ModuleScope();
  ModuleScope(const ModuleScope&) = delete;
  ModuleScope& operator=(const ModuleScope&) = delete;

 private:
  std::uint64_t outer_path_;
};

/// Another state for a scope, e.g. the one a recomputation ran under the first time.
class RandomStateScope {
 public:
  explicit RandomStateScope(RandomState state);
  ~RandomStateScope();
  RandomStateScope(const RandomStateScope&) = delete;
  RandomStateScope& operator=(const RandomStateScope&) = delete;

 private:
  RandomState outer_;
};

/// Spreads the bits of a number over all of it: the output function of splitmix64 (Steele, Lea, Flood 2014).
std::uint64_t splitmix64(std::uint64_t x);

/// FNV-1a of 64 bits, continued from `hash`.
std::uint64_t fnv1a(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325ull);

}  // namespace uls
