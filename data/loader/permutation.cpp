// SPDX-License-Identifier: Apache-2.0
#include "data/loader/permutation.h"

#include "core/base/error.h"
#include "core/random/random_state.h"

namespace uls {
namespace {

// A step of splitmix64.
std::uint64_t mix(std::uint64_t x) { return splitmix64(x + 0x9E3779B97F4A7C15u); }

constexpr int kRounds = 6;

}  // namespace

Permutation::Permutation(std::int64_t size, std::uint64_t key) : size_(std::uint64_t(size)), key_(key) {
  ULS_CHECK(size >= 1 && size <= std::int64_t(1) << 60,
            "permutation: size out of range; got {}; expected 1 to 2^60", size);
  while (std::uint64_t(1) << 2 * half_bits_ < size_) ++half_bits_;
}

std::int64_t Permutation::operator()(std::int64_t index) const {
  ULS_ASSERT(index >= 0 && std::uint64_t(index) < size_, "permutation: {} of {}", index, size_);
  const std::uint64_t mask = (std::uint64_t(1) << half_bits_) - 1;
  auto x = std::uint64_t(index);
  do {
    std::uint64_t left = x >> half_bits_, right = x & mask;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      const std::uint64_t next = left ^ (mix(key_ + mix(right * kRounds + round)) & mask);
      left = right;
      right = next;
    }
    x = left << half_bits_ | right;
  } while (x >= size_);
  return std::int64_t(x);
}

std::uint64_t permutation_key(std::uint64_t seed, std::uint64_t stream, std::uint64_t pass) {
  return mix(mix(mix(seed) ^ stream) ^ pass);
}

}  // namespace uls
