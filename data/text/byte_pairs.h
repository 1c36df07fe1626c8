// SPDX-License-Identifier: Apache-2.0
// Byte-pair encoding: a word's bytes, the last one marked as the end, are joined two by two into longer
// symbols, the pair with the lowest rank first, until no pair of neighbours has a rank.
//
// Ids: 0..255 the bytes, in the vocabulary's order of printable code points; 256..511 the same at the end of
// a word; 512 + rank the joined pairs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace uls {

class BytePairs {
 public:
  /// Takes the first `count` merges of a vocabulary (vocabulary.h).
  BytePairs(std::string_view vocabulary, std::int32_t count);

  /// The ids of a word, which is not empty. Takes n log n steps for n bytes.
  std::vector<std::int32_t> encode(std::string_view word) const;

  /// Number of ids.
  std::int32_t size() const { return std::int32_t(texts_.size()); }
  /// The bytes of an id in [0, size()), with "</w>" behind where it ends a word.
  const std::string& text(std::int32_t id) const { return texts_[std::size_t(id)]; }

 private:
  std::int32_t find_merge(std::int32_t left, std::int32_t right) const;

  std::int32_t byte_ids_[256];
  std::vector<std::string> texts_;
  std::unordered_map<std::uint32_t, std::int32_t> merges_;  // left * 2^16 + right -> id
};

}  // namespace uls
