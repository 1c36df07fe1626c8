// SPDX-License-Identifier: Apache-2.0
// Words of a text, and the byte pairs of a word.
#include <catch2/catch.hpp>

#include <map>
#include <random>
#include <sstream>

#include "data/text/byte_pairs.h"
#include "data/text/vocabulary.h"
#include "data/text/word_scanner.h"

using namespace uls;

namespace {

using Texts = std::vector<std::string>;

Texts words_of(std::string_view text) {
  Texts words;
  for (std::string_view word; !(word = next_word(text)).empty();) words.emplace_back(word);
  return words;
}

constexpr std::int32_t kMerges = 48894;

const BytePairs& byte_pairs() {
  static const BytePairs pairs(unpack_vocabulary(), kMerges);
  return pairs;
}

// CLIP's own way, for words of printable ASCII: passes over a list of symbols, a pair of the lowest rank a
// pass.
class Passes {
 public:
  Passes() {
    std::istringstream text(unpack_vocabulary());
    std::string line, left, right;
    std::getline(text, line);
    for (int rank = 0; rank < kMerges && text >> left >> right; ++rank) ranks_[{left, right}] = rank;
  }

  Texts operator()(const std::string& word) const {
    Texts symbols;
    for (const char c : word) symbols.emplace_back(1, c);
    symbols.back() += "</w>";
    for (;;) {
      int best = kMerges;
      for (std::size_t i = 0; i + 1 < symbols.size(); ++i) best = std::min(best, rank(symbols, i));
      if (best == kMerges) return symbols;
      Texts joined;
      for (std::size_t i = 0; i < symbols.size(); ++i) {
        const bool is_pair = i + 1 < symbols.size() && rank(symbols, i) == best;
        joined.push_back(is_pair ? symbols[i] + symbols[i + 1] : symbols[i]);
        i += is_pair;
      }
      symbols = joined;
    }
  }

 private:
  int rank(const Texts& symbols, std::size_t i) const {
    const auto found = ranks_.find({symbols[i], symbols[i + 1]});
    return found == ranks_.end() ? kMerges : found->second;
  }

  std::map<std::pair<std::string, std::string>, int> ranks_;
};

Texts symbols_of(const std::string& word) {
  Texts symbols;
  for (const std::int32_t id : byte_pairs().encode(word)) symbols.push_back(byte_pairs().text(id));
  return symbols;
}

}  // namespace

TEST_CASE("words: letters, digits one by one, runs of others") {
  CHECK(words_of("") == Texts{});
  CHECK(words_of(" \t\u00a0\u2003") == Texts{});
  CHECK(words_of("a1b22 c") == Texts{"a", "1", "b", "2", "2", "c"});
  CHECK(words_of("a_b-c ...") == Texts{"a", "_", "b", "-", "c", "..."});
  CHECK(words_of("\u4e2d\u6587\u3002 \u0664\u00b2\u2167") ==
        Texts{"\u4e2d\u6587", "\u3002", "\u0664", "\u00b2", "\u2167"});
  CHECK(words_of("e\u0301 \u0e33\u0301") == Texts{"e", "\u0301", "\u0e33", "\u0301"});
  CHECK(words_of("\U0001f468\u200d\U0001f469!") == Texts{"\U0001f468\u200d\U0001f469!"});
}

TEST_CASE("words: contractions, at the start of a word alone") {
  CHECK(words_of("don't we'll i've you're i'm he'd it's") ==
        Texts{"don", "'t", "we", "'ll", "i", "'ve", "you", "'re", "i", "'m", "he", "'d", "it", "'s"});
  CHECK(words_of("!?'s 's! 'x 'tis") == Texts{"!?'", "s", "'s", "!", "'", "x", "'t", "is"});
}

TEST_CASE("words: special ones, long s, and the mark that separates") {
  CHECK(words_of("<|startoftext|><|endoftext|>!<|endoftext|> <|endoftext") ==
        Texts{"<|startoftext|>", "<|endoftext|>", "!<|", "endoftext", "|>", "<|", "endoftext"});
  CHECK(words_of("x'\u017f <|\u017ftartoftext|>") == Texts{"x", "'\u017f", "<|\u017ftartoftext|>"});
  CHECK(words_of("a\u0345b!\u0345?") == Texts{"a", "b", "!", "?"});
}

TEST_CASE("byte pairs: bytes and symbols") {
  CHECK(byte_pairs().size() == 512 + kMerges);
  CHECK(byte_pairs().text(0) == "!");
  CHECK(byte_pairs().text(256) == "!</w>");
  CHECK(byte_pairs().text(188) == std::string(1, '\0'));
  CHECK(byte_pairs().text(512) == "in");
  CHECK(byte_pairs().encode("!") == std::vector<std::int32_t>{256});
  for (int b = 0; b < 256; ++b) {
    const std::string byte(1, char(b));
    CHECK(symbols_of(byte) == Texts{byte + "</w>"});
  }
}

TEST_CASE("byte pairs: as passes over the word join them") {
  const Passes passes;
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string word(1 + random() % 40, ' ');
    const int letters = 1 + int(random() % 26);
    for (char& c : word) c = i % 10 ? char('a' + random() % letters) : char('!' + random() % ('~' - '!'));
    INFO(word);
    REQUIRE(symbols_of(word) == passes(word));
  }
  for (const char* word :
       {"hippopotamus", "aaaaaaaaaaaaaaaaa", "mississippi", "!!!!!!!!!!!", "........................"})
    CHECK(symbols_of(word) == passes(word));
}

TEST_CASE("byte pairs: a very long word") {
  std::mt19937 random(2);
  std::string word(300'000, ' ');
  for (char& c : word) c = char('a' + random() % 26);
  std::string joined;
  for (const std::string& symbol : symbols_of(word)) joined += symbol;
  CHECK(joined == word + "</w>");
}
