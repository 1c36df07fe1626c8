// SPDX-License-Identifier: Apache-2.0
#include "data/convert/csv_file.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/io/at_place.h"
#include "data/convert/source_files.h"
#include "data/format/data_error.h"

namespace uls {
namespace {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  std::int64_t line() const { return line_; }

  std::vector<std::string> row() {
    std::vector<std::string> fields{field()};
    while (!at_end() && text_[at_] == ',') {
      ++at_;
      fields.push_back(field());
    }
    if (!at_end() && text_[at_] == '\r') ++at_;
    ULS_CHECK(at_end() || text_[at_] == '\n', "line {}: text behind a quoted field", line_);
    ++at_;
    ++line_;
    return fields;
  }

 private:
  std::string field() {
    if (at_end() || text_[at_] != '"') {
      const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
      return std::string(text_.substr(std::exchange(at_, end), end - at_));
    }
    const std::int64_t first = line_;
    std::string value;
    for (++at_; !at_end(); ++at_) {
      if (text_[at_] == '"') {
        if (at_ + 1 >= text_.size() || text_[at_ + 1] != '"') {
          ++at_;
          return value;
        }
        ++at_;
      }
      if (text_[at_] == '\n') ++line_;
      value += text_[at_];
    }
    fail("line {}: a quote stays open", first);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

}  // namespace

bool CsvFile::has_column(const std::string& name) const {
  return std::ranges::find(header, name) != header.end();
}

std::size_t CsvFile::column(const std::string& name) const {
  const auto found = std::ranges::find(header, name);
  ULS_CHECK(found != header.end(), "no column '{}'", name);
  return std::size_t(found - header.begin());
}

CsvFile read_csv(const std::string& path) {
  CsvFile file;
  as_data_error([&] {
    const std::string text = read_bytes(path);
    at_place(path, [&] {
      CsvReader reader(text);
      file.header = reader.row();
      while (!reader.at_end()) {
        file.lines.push_back(reader.line());
        file.rows.push_back(reader.row());
        ULS_CHECK(file.rows.back().size() == file.header.size(),
                  "line {}: wrong number of fields; got {}; expected {}", file.lines.back(),
                  file.rows.back().size(), file.header.size());
      }
    });
  });
  return file;
}

}  // namespace uls
