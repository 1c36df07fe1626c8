// SPDX-License-Identifier: Apache-2.0
// CLIP's words: the regular expression
//
//   <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
//
// of Python's `regex` module, which ignores case. On text in lower case this means two things alone: a long s
// counts as s in the words that are spelled out, and U+0345 (a mark whose capital is a letter) belongs to no
// word and separates like white space.
#pragma once

#include <string_view>

namespace uls {

inline constexpr std::string_view kStartOfText = "<|startoftext|>", kEndOfText = "<|endoftext|>";

/// The next word of cleaned text, and `rest` moves behind it; empty where there is none. Words are never
/// empty, and what lies between them is dropped.
std::string_view next_word(std::string_view& rest);

}  // namespace uls
