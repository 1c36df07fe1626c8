// SPDX-License-Identifier: Apache-2.0
// CLIP's tokenizer: a sentence as ids of byte pairs, 0..49407. The text is cleaned (text_cleaning.h), cut
// into words (word_scanner.h), and each word into pieces that the vocabulary knows (byte_pairs.h).
//
//   ClipTokenizer::instance().encode_row("a cat", 6)  ->  49406 320 2368 49407 0 0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/text/byte_pairs.h"

namespace uls {

/// Any thread may use it. Texts are UTF-8 of at most a million bytes; others raise Error.
class ClipTokenizer {
 public:
  static constexpr std::int32_t kStart = 49406, kEnd = 49407;  ///< of a sentence

  /// The only one; the vocabulary is unpacked at the first call.
  static const ClipTokenizer& instance();

  /// The ids of the words alone. "<|startoftext|>" and "<|endoftext|>" in the text become kStart and kEnd, as
  /// in CLIP.
  std::vector<std::int32_t> encode(std::string_view text) const;

  /// What the model reads: kStart, the ids, kEnd, then zeros up to `length`, which is at least 2. A longer
  /// text is cut, with kEnd as the last.
  std::vector<std::int32_t> encode_row(std::string_view text, std::int64_t length) const;

  /// The text of ids: cleaned, with a blank behind each word. Bytes that make no character become U+FFFD. An
  /// id out of range raises Error.
  std::string decode(std::span<const std::int32_t> ids) const;

  /// The text that encode() cuts into words.
  static std::string clean(std::string_view text);

 private:
  ClipTokenizer();
  void append_text(std::string_view text, std::vector<std::int32_t>& ids) const;
  void append_word(std::string_view word, std::vector<std::int32_t>& ids) const;

  BytePairs pairs_;
};

}  // namespace uls
