// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "data/text/clip_tokenizer.h"

namespace uls {

/// Tokens of a text, with its start and end.
inline std::int64_t token_count(const std::string& text) {
  return std::int64_t(ClipTokenizer::instance().encode(text).size()) + 2;
}

}  // namespace uls
