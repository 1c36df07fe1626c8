// SPDX-License-Identifier: Apache-2.0
// A pseudo-random permutation of [0, size) that is computed, not stored: a Feistel network over the smallest
// square of a power of two that holds `size`, walked on until the result lies within (J. Black, P. Rogaway:
// "Ciphers with arbitrary finite domains", CT-RSA 2002).
#pragma once

#include <cstdint>

namespace uls {

class Permutation {
 public:
  Permutation(std::int64_t size, std::uint64_t key);
  /// `index` of [0, size) goes to one of [0, size); each is hit once.
  std::int64_t operator()(std::int64_t index) const;

 private:
  std::uint64_t size_, key_;
  int half_bits_ = 1;
};

/// A key from several numbers: another for any other numbers.
std::uint64_t permutation_key(std::uint64_t seed, std::uint64_t stream, std::uint64_t pass);

}  // namespace uls
