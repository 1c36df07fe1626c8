// SPDX-License-Identifier: Apache-2.0
#include "data/convert/json_elements.h"

#include <algorithm>
#include <string_view>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/io/at_place.h"
#include "data/format/data_error.h"

namespace uls {
namespace {

// Walks over JSON and checks as much as it needs to find its way.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::int64_t at() const { return std::int64_t(at_); }

  char next() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
    ULS_CHECK(at_ < text_.size(), "byte {}: cut off; got the end of the file", at_);
    return text_[at_];
  }

  bool take(char c) {
    if (next() != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    ULS_CHECK(take(c), "byte {}: broken JSON; got '{}'; expected '{}'", at_, text_[at_], c);
  }

  // A string with its quotes.
  std::string_view string() {
    expect('"');
    const std::size_t first = at_ - 1;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    ULS_CHECK(at_ < text_.size(), "byte {}: cut off inside a string", first);
    ++at_;
    return text_.substr(first, at_ - first);
  }

  void value() {
    std::int64_t depth = 0;
    do {
      const char c = next();
      if (c == '"') {
        string();
      } else if (c == '[' || c == '{') {
        ++depth;
        ++at_;
      } else if (c == ']' || c == '}') {
        ULS_CHECK(depth > 0, "byte {}: broken JSON; got '{}'; expected a value", at_, c);
        --depth;
        ++at_;
      } else if (c == ',' || c == ':') {
        ULS_CHECK(depth > 0, "byte {}: broken JSON; got '{}'; expected a value", at_, c);
        ++at_;
      } else {
        const std::size_t end = text_.find_first_of(",:]} \t\r\n[{\"", at_);
        at_ = std::min(end, text_.size());
      }
    } while (depth > 0);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

JsonElements::JsonElements(const std::string& path, const std::vector<std::string>& members)
    : path_(path), file_(path) {
  at_place(path, [&] {
    Scanner scan(file_.text());
    scan.expect('{');
    for (bool first = true; !scan.take('}'); first = false) {
      if (!first) scan.expect(',');
      const std::string key = Json::parse(scan.string(), path).as_string();
      scan.expect(':');
      if (std::ranges::find(members, key) == members.end()) {
        scan.value();
        continue;
      }
      std::vector<Piece>& pieces = members_[key];
      scan.expect('[');
      while (!scan.take(']')) {
        if (!pieces.empty()) scan.expect(',');
        scan.next();
        const std::int64_t begin = scan.at();
        scan.value();
        pieces.push_back({begin, scan.at()});
      }
    }
    for (const std::string& member : members)
      ULS_CHECK(members_.contains(member), "missing key '{}'; expected {}", member, join(members, ", "));
  });
}

std::int64_t JsonElements::size(const std::string& member) const {
  return std::int64_t(members_.at(member).size());
}

Json JsonElements::element(const std::string& member, std::int64_t index) const {
  const Piece& piece = members_.at(member)[std::size_t(index)];
  const std::string where = fmt::format("{}: {}[{}]", path_, member, index);
  return as_data_error([&] {
    return Json::parse(std::string_view(file_.data() + piece.first, std::size_t(piece.last - piece.first)),
                       where);
  });
}

}  // namespace uls
