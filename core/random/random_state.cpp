// SPDX-License-Identifier: Apache-2.0
#include "core/random/random_state.h"

#include <utility>

namespace uls {

std::uint64_t splitmix64(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ std::uint8_t(c)) * 0x100000001b3ull;
  return hash;
}

RandomState& RandomState::current() {
  static thread_local RandomState state;
  return state;
}

void RandomState::begin_step(std::uint64_t seed, std::uint32_t step, std::int64_t first_sample) {
  seed_ = seed;
  step_ = step;
  first_sample_ = first_sample;
  calls_.clear();
}

RandomKey RandomState::next_key() {
  const std::uint64_t call = calls_[path_]++;
  const std::uint64_t key = splitmix64(splitmix64(seed_ + 0x9E3779B97F4A7C15ull) ^
                                       splitmix64(path_ + call * 0xD1342543DE82EF95ull));
  return {{std::uint32_t(key), std::uint32_t(key >> 32)}, step_, first_sample_};
}

ModuleScope::ModuleScope(std::string_view name) : outer_path_(RandomState::current().path_) {
  RandomState::current().path_ = fnv1a(name, fnv1a(".", outer_path_));
}
ModuleScope::~ModuleScope() { RandomState::current().path_ = outer_path_; }

RandomStateScope::RandomStateScope(RandomState state)
    : outer_(std::exchange(RandomState::current(), std::move(state))) {}
RandomStateScope::~RandomStateScope() { RandomState::current() = std::move(outer_); }

}  // namespace uls
