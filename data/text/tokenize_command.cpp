// SPDX-License-Identifier: Apache-2.0
#include "data/text/tokenize_command.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/strings.h"
#include "data/text/clip_tokenizer.h"

namespace uls {
namespace {

// Appends what there is to read now to `text`; false at the end of the input.
bool read_more(std::string& text) {
  constexpr std::size_t kPiece = std::size_t(1) << 20;
  const std::size_t size = text.size();
  text.resize(size + kPiece);
  ssize_t count = 0;
  do count = read(STDIN_FILENO, text.data() + size, kPiece);
  while (count < 0 && errno == EINTR);
  ULS_CHECK(count >= 0, "tokenize: the input cannot be read: {}", system_reason());
  text.resize(size + std::size_t(count));
  return count > 0;
}

std::string json_row(std::string_view line, std::int64_t number, std::int64_t length) {
  try {
    std::string row = "[";
    for (const std::int32_t id : ClipTokenizer::instance().encode_row(line, length)) {
      if (row.size() > 1) row += ", ";
      row += std::to_string(id);
    }
    return row += "]\n";
  } catch (const Error& error) {
    fail("tokenize: line {}: {}", number, error.what());
  }
}

class LineTokenizer {
 public:
  explicit LineTokenizer(std::int64_t length) : length_(length) {}

  // Prints the rows of whole lines.
  void operator()(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
      const std::size_t size = std::min(text.find('\n'), text.size());
      lines.push_back(text.substr(0, size));
      text.remove_prefix(std::min(size + 1, text.size()));
    }
    std::vector<std::string> rows(lines.size());
    parallel_for(0, std::int64_t(lines.size()), 64, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i)
        rows[std::size_t(i)] = json_row(lines[std::size_t(i)], done_ + i + 1, length_);
    });
    done_ += std::int64_t(lines.size());
    std::string out;
    for (const std::string& row : rows) out += row;
    print_text(out);
  }

 private:
  std::int64_t length_, done_ = 0;
};

void tokenize_input(std::int64_t length) {
  ULS_CHECK(length >= 2 && length <= 1'000'000,
            "tokenize: --length: wrong value; got {}; expected 2 to 1000000", length);
  LineTokenizer tokenize(length);
  std::string text;
  while (read_more(text)) {
    const std::size_t whole = text.rfind('\n') + 1;  // 0 where no line is complete
    tokenize(std::string_view(text).substr(0, whole));
    text.erase(0, whole);
  }
  tokenize(text);
}

}  // namespace

Command tokenize_command() {
  return {"tokenize", "token ids of each line of standard input", [](Options& options) {
            const auto length = std::make_shared<std::int64_t>(17);
            options.option("length", *length, "N", "ids a line: the text is cut or followed by zeros");
            return [length] { tokenize_input(*length); };
          }};
}

}  // namespace uls
