// SPDX-License-Identifier: Apache-2.0
// Any bytes: refused as no UTF-8, or tokens that give the cleaned text back.
#include <algorithm>
#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "data/text/clip_tokenizer.h"

namespace {

void erase_all(std::string& text, std::string_view part) {
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;) text.erase(at, part.size());
}

void require(bool condition) {
  if (!condition) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using uls::ClipTokenizer;
  const ClipTokenizer& tokenizer = ClipTokenizer::instance();
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    std::string cleaned = tokenizer.clean(text);
    const auto ids = tokenizer.encode(text);
    std::string decoded = tokenizer.decode(ids);
    erase_all(cleaned, " ");
    erase_all(cleaned, "\u0345");  // belongs to no word
    erase_all(decoded, " ");
    require(cleaned == decoded);

    constexpr std::size_t kLength = 17;
    const auto row = tokenizer.encode_row(text, kLength);
    const std::size_t kept = std::min(ids.size(), kLength - 2);
    require(row.size() == kLength && row[0] == ClipTokenizer::kStart && row[kept + 1] == ClipTokenizer::kEnd);
    require(std::equal(ids.begin(), ids.begin() + std::ptrdiff_t(kept), row.begin() + 1));
    require(std::all_of(row.begin() + std::ptrdiff_t(kept + 2), row.end(), [](auto id) { return id == 0; }));
  } catch (const uls::Error&) {
  }
  return 0;
}
