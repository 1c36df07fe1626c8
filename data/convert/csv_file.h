// SPDX-License-Identifier: Apache-2.0
// Comma-separated tables with quoted fields (RFC 4180).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace uls {

struct CsvFile {
  std::vector<std::string> header{};
  std::vector<std::vector<std::string>> rows{};
  std::vector<std::int64_t> lines{};  // where each row begins

  /// Index of a column; raises Error naming it where there is none.
  std::size_t column(const std::string& name) const;
  bool has_column(const std::string& name) const;
};

/// Raises DataError naming file and line for a quote that stays open or a row of another length.
CsvFile read_csv(const std::string& path);

}  // namespace uls
