// SPDX-License-Identifier: Apache-2.0
#include "data/text/byte_pairs.h"

#include <array>
#include <functional>
#include <queue>

#include "core/base/error.h"
#include "data/text/code_points.h"

namespace uls {
namespace {

constexpr std::int32_t kNone = -1;
constexpr std::string_view kEndOfWord = "</w>";

// The bytes in the order of their ids: those that Latin-1 prints, then the others.
std::array<unsigned char, 256> ordered_bytes() {
  const auto is_printable = [](int b) {
    return (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff);
  };
  std::array<unsigned char, 256> bytes{};
  std::size_t next = 0;
  for (const bool printable : {true, false})
    for (int b = 0; b < 256; ++b)
      if (is_printable(b) == printable) bytes[next++] = static_cast<unsigned char>(b);
  return bytes;
}

// The bytes that a symbol of the file stands for: printable ones as they are, the others as U+0100 onward.
std::string symbol_bytes(std::string_view symbol, const std::array<unsigned char, 256>& bytes) {
  constexpr std::size_t kPrintable = 188;
  std::string out;
  for (std::size_t at = 0; at < symbol.size();) {
    const UChar32 c = next_code_point(symbol, at);
    ULS_ASSERT(c >= 0 && c < 0x100 + 256 - UChar32(kPrintable), "a symbol of the vocabulary is none: {}",
               symbol);
    out += char(c < 0x100 ? c : bytes[kPrintable + std::size_t(c - 0x100)]);
  }
  return out;
}

}  // namespace

BytePairs::BytePairs(std::string_view vocabulary, std::int32_t count) {
  const auto bytes = ordered_bytes();
  std::unordered_map<std::string, std::int32_t> ids;
  ids.reserve(std::size_t(count) + 512);
  const auto add = [&](std::string text) {
    ids.emplace(text, size());
    texts_.push_back(std::move(text));
  };
  for (const unsigned char b : bytes) {
    byte_ids_[b] = size();
    add(std::string(1, char(b)));
  }
  for (const unsigned char b : bytes) add(char(b) + std::string(kEndOfWord));

  merges_.reserve(std::size_t(count));
  const auto next_line = [&] {
    const std::size_t end = vocabulary.find('\n');
    ULS_ASSERT(end != std::string_view::npos, "the vocabulary ends after {} ids", size());
    const std::string_view line = vocabulary.substr(0, end);
    vocabulary.remove_prefix(end + 1);
    return line;
  };
  next_line();
  for (std::int32_t rank = 0; rank < count; ++rank) {
    const std::string_view line = next_line();
    const std::size_t blank = std::min(line.find(' '), line.size() - 1);
    const std::string left = symbol_bytes(line.substr(0, blank), bytes);
    const std::string right = symbol_bytes(line.substr(blank + 1), bytes);
    ULS_ASSERT(ids.contains(left) && ids.contains(right), "merge {} joins what is not there: {}", rank, line);
    merges_.emplace(std::uint32_t(ids[left]) << 16 | std::uint32_t(ids[right]), size());
    add(left + right);
  }
}

std::int32_t BytePairs::find_merge(std::int32_t left, std::int32_t right) const {
  const auto found = merges_.find(std::uint32_t(left) << 16 | std::uint32_t(right));
  return found == merges_.end() ? kNone : found->second;
}

std::vector<std::int32_t> BytePairs::encode(std::string_view word) const {
  // A list of symbols, linked by their places; `joined` is what the symbol and its right neighbour make.
  // Pairs wait in the order of rank, then place; one is out of date where `joined` has changed since. A pair
  // with a new symbol ranks behind it, so this joins in the same order as passes over the word, a rank a
  // pass.
  struct Symbol {
    std::int32_t id, joined;
    std::int64_t left, right;
  };
  const auto size = std::int64_t(word.size());
  std::vector<Symbol> symbols(word.size());
  using Pair = std::pair<std::int32_t, std::int64_t>;  // joined, place
  std::priority_queue<Pair, std::vector<Pair>, std::greater<>> pairs;
  const auto look = [&](std::int64_t place) {
    Symbol& symbol = symbols[std::size_t(place)];
    symbol.joined =
        symbol.right == size ? kNone : find_merge(symbol.id, symbols[std::size_t(symbol.right)].id);
    if (symbol.joined != kNone) pairs.emplace(symbol.joined, place);
  };
  for (std::int64_t i = 0; i < size; ++i)
    symbols[std::size_t(i)] = {byte_ids_[static_cast<unsigned char>(word[std::size_t(i)])], kNone, i - 1,
                               i + 1};
  symbols.back().id += 256;
  for (std::int64_t i = 0; i < size; ++i) look(i);

  while (!pairs.empty()) {
    const auto [joined, place] = pairs.top();
    pairs.pop();
    Symbol& symbol = symbols[std::size_t(place)];
    if (symbol.joined != joined) continue;
    Symbol& gone = symbols[std::size_t(symbol.right)];
    symbol.id = joined;
    symbol.right = gone.right;
    gone.joined = kNone;
    if (symbol.right < size) symbols[std::size_t(symbol.right)].left = place;
    look(place);
    if (symbol.left >= 0) look(symbol.left);
  }
  std::vector<std::int32_t> ids;
  for (std::int64_t i = 0; i < size; i = symbols[std::size_t(i)].right)
    ids.push_back(symbols[std::size_t(i)].id);
  return ids;
}

}  // namespace uls
