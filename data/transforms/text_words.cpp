// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/text_words.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

namespace uls {
namespace {

using Words = std::set<std::string, std::less<>>;

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kSides{{{"left", "right"},
                                                                               {"leftmost", "rightmost"},
                                                                               {"lefthand", "righthand"},
                                                                               {"leftward", "rightward"},
                                                                               {"leftwards", "rightwards"},
                                                                               {"leftside", "rightside"},
                                                                               {"lefts", "rights"},
                                                                               {"lefty", "righty"}}};

const Words& unmirrored_words() {
  static const Words words{"lft",
                           "lf",
                           "lt",
                           "l",
                           "rght",
                           "rt",
                           "rgt",
                           "r",
                           "rite",
                           "clockwise",
                           "counterclockwise",
                           "clock",
                           "east",
                           "west",
                           "eastern",
                           "western",
                           "anticlockwise",
                           "leftest",
                           "rightest"};
  return words;
}

// Behind them "right" means just, or correct.
const Words& words_after_right() {
  static const Words words{"next",  "behind", "above",   "below",  "under",  "over",   "near",  "beside",
                           "there", "here",   "now",     "angle",  "angled", "before", "after", "beneath",
                           "at",    "by",     "against", "across", "up",     "through"};
  return words;
}

const Words& colour_words() {
  static const Words words{
      "red",      "green",    "blue",     "yellow",    "orange",    "purple",   "pink",        "brown",
      "black",    "white",    "gray",     "grey",      "cyan",      "magenta",  "violet",      "indigo",
      "gold",     "golden",   "silver",   "beige",     "tan",       "maroon",   "navy",        "turquoise",
      "teal",     "lavender", "khaki",    "crimson",   "scarlet",   "ivory",    "cream",       "bronze",
      "blond",    "blonde",   "brunette", "ginger",    "dark",      "darker",   "darkest",     "light",
      "lighter",  "lightest", "bright",   "brighter",  "brightest", "pale",     "paler",       "color",
      "colour",   "colors",   "colours",  "colored",   "coloured",  "colorful", "colourful",   "reddish",
      "greenish", "bluish",   "blueish",  "yellowish", "orangish",  "pinkish",  "brownish",    "blackish",
      "whitish",  "grayish",  "greyish",  "purplish",  "reds",      "greens",   "blues",       "whites",
      "blacks",   "lime",     "olive",    "aqua",      "peach",     "plaid",    "multicolored"};
  return words;
}

const Words& place_words() {
  static const Words words{
      "left",    "right",     "leftmost",   "rightmost",  "lefthand", "righthand", "leftward", "rightward",
      "lefty",   "righty",    "leftside",   "rightside",  "top",      "bottom",    "upper",    "lower",
      "middle",  "center",    "centre",     "central",    "centered", "corner",    "edge",     "side",
      "far",     "farthest",  "furthest",   "closest",    "nearest",  "first",     "second",   "third",
      "fourth",  "fifth",     "last",       "1st",        "2nd",      "3rd",       "4th",      "5th",
      "topmost", "uppermost", "lowest",     "highest",    "end",      "lft",       "rt",       "lt",
      "back",    "front",     "background", "foreground", "between",  "l",         "r",        "mid"};
  return words;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c + 'a' - 'A') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? char(c + 'A' - 'a') : c; }

// Calls fn(begin, end, lower-case word) for the words of the text.
template <typename Fn>
void for_each_word(std::string_view text, Fn&& fn) {
  const auto within = [](char c) { return is_letter(c) || is_digit(c); };
  for (std::size_t i = 0; i < text.size();) {
    if (!within(text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    std::string word;
    while (i < text.size() && within(text[i])) word += lower(text[i++]);
    fn(begin, i, std::as_const(word));
  }
}

bool has_any(std::string_view text, const Words& words) {
  bool found = false;
  for_each_word(text, [&](std::size_t, std::size_t, const std::string& word) {
    found = found || words.contains(word);
  });
  return found;
}

// The word with the capitals of `like`: all, the first, or none.
std::string with_case_of(std::string_view like, std::string_view word) {
  const bool first = like[0] != lower(like[0]), all = first && like[1] != lower(like[1]);
  std::string result(word);
  for (std::size_t i = 0; i < result.size(); ++i)
    if (all || (first && i == 0)) result[i] = upper(result[i]);
  return result;
}

}  // namespace

std::string swap_sides(std::string_view text) {
  std::string result;
  std::size_t done = 0;
  for_each_word(text, [&](std::size_t begin, std::size_t end, const std::string& word) {
    for (const auto& [left, right] : kSides) {
      if (word != left && word != right) continue;
      result += text.substr(done, begin - done);
      result += with_case_of(text.substr(begin, end - begin), word == left ? right : left);
      done = end;
    }
  });
  return result += text.substr(done);
}

bool allows_flip(std::string_view text) {
  if (has_any(text, unmirrored_words())) return false;
  std::vector<std::string> words;
  for_each_word(text, [&](std::size_t, std::size_t, const std::string& word) { words.push_back(word); });
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "right" && words_after_right().contains(words[i + 1])) return false;
    // "right in front of", but not "the right in red"
    const bool in_front = i + 2 < words.size() && words[i + 1] == "in" && words[i + 2] == "front";
    if (words[i] == "right" && in_front) return false;
    if (words[i + 1] == "right" && (words[i] == "all" || words[i] == "o")) return false;
    if (words[i] == "o" && words[i + 1] == "clock") return false;
  }
  return true;
}

bool has_colour_word(std::string_view text) { return has_any(text, colour_words()); }

bool has_place_word(std::string_view text) { return has_any(text, place_words()); }

}  // namespace uls
