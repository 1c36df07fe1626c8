// SPDX-License-Identifier: Apache-2.0
#include "data/text/clip_tokenizer.h"

#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <memory>

#include "core/base/error.h"
#include "data/text/text_cleaning.h"
#include "data/text/vocabulary.h"
#include "data/text/word_scanner.h"

namespace uls {
namespace {

constexpr std::int32_t kMerges = ClipTokenizer::kStart - 512;

// Words of late with their ids, one set a thread: a word has one place, and a newcomer takes it over. 1 MiB.
struct CachedWord {
  static constexpr std::size_t kBytes = 30, kIds = 16;
  std::uint8_t size = 0, count = 0;
  char word[kBytes];
  std::uint16_t ids[kIds];
};
static_assert(sizeof(CachedWord) == 64);
using Cache = std::array<CachedWord, 16384>;

CachedWord& cached(std::string_view word) {
  thread_local const auto cache = std::make_unique<Cache>();
  return (*cache)[std::hash<std::string_view>()(word) % std::tuple_size_v<Cache>];
}

}  // namespace

ClipTokenizer::ClipTokenizer() : pairs_(unpack_vocabulary(), kMerges) {}

const ClipTokenizer& ClipTokenizer::instance() {
  static const ClipTokenizer tokenizer;
  return tokenizer;
}

std::string ClipTokenizer::clean(std::string_view text) { return clean_text(text); }

void ClipTokenizer::append_word(std::string_view word, std::vector<std::int32_t>& ids) const {
  if (word == kStartOfText || word == kEndOfText) {
    ids.push_back(word == kStartOfText ? kStart : kEnd);
    return;
  }
  const bool is_short = word.size() <= CachedWord::kBytes;
  CachedWord* const entry = is_short ? &cached(word) : nullptr;
  if (is_short && word == std::string_view(entry->word, entry->size)) {
    ids.insert(ids.end(), entry->ids, entry->ids + entry->count);
    return;
  }
  const auto found = pairs_.encode(word);
  ids.insert(ids.end(), found.begin(), found.end());
  if (is_short && found.size() <= CachedWord::kIds) {
    entry->size = std::uint8_t(word.size());
    entry->count = std::uint8_t(found.size());
    std::ranges::copy(word, entry->word);
    std::ranges::copy(found, entry->ids);
  }
}

void ClipTokenizer::append_text(std::string_view text, std::vector<std::int32_t>& ids) const {
  const std::string cleaned = clean_text(text);
  std::string_view rest = cleaned;
  for (std::string_view word; !(word = next_word(rest)).empty();) append_word(word, ids);
}

std::vector<std::int32_t> ClipTokenizer::encode(std::string_view text) const {
  std::vector<std::int32_t> ids;
  append_text(text, ids);
  return ids;
}

std::vector<std::int32_t> ClipTokenizer::encode_row(std::string_view text, std::int64_t length) const {
  ULS_CHECK(length >= 2, "tokenizer: a row is too short; got {}; expected at least 2", length);
  std::vector<std::int32_t> row{kStart};
  row.reserve(std::size_t(length));
  append_text(text, row);
  row.resize(std::min(row.size(), std::size_t(length - 1)));
  row.push_back(kEnd);
  row.resize(std::size_t(length));
  return row;
}

std::string ClipTokenizer::decode(std::span<const std::int32_t> ids) const {
  std::string bytes;
  for (const std::int32_t id : ids) {
    ULS_CHECK(id >= 0 && id <= kEnd, "tokenizer: no such id; got {}; expected 0 to {}", id, kEnd);
    bytes += id == kStart ? kStartOfText : id == kEnd ? kEndOfText : std::string_view(pairs_.text(id));
  }
  icu::UnicodeString text = icu::UnicodeString::fromUTF8(bytes);
  std::string out;
  text.findAndReplace("</w>", " ").toUTF8String(out);
  return out;
}

}  // namespace uls
