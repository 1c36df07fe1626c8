// SPDX-License-Identifier: Apache-2.0
// Which target of which sample is number i of a set: 16 bytes each, used where they lie in a mapped file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/format/dataset.h"

namespace uls {

/// As the file has it, little-endian.
struct TargetRow {
  std::int64_t sample;
  std::int32_t target;
  std::uint16_t split;
  std::uint8_t task;
  std::uint8_t unused;
};
static_assert(sizeof(TargetRow) == 16);

/// Gathers the rows of samples in order.
class TargetTableBuilder {
 public:
  /// Raises Error for the 65,537th split.
  void add(const Sample& sample);

  const std::vector<TargetRow>& rows() const { return rows_; }
  /// In the order of their first sample.
  const std::vector<std::string>& splits() const { return splits_; }
  std::int64_t samples() const { return samples_; }
  /// Numbers of samples and of targets by split, as the manifest has them.
  const std::map<std::string, std::int64_t>& sample_counts() const { return sample_counts_; }
  const std::map<std::string, std::int64_t>& target_counts() const { return target_counts_; }

 private:
  std::vector<TargetRow> rows_;
  std::vector<std::string> splits_;
  std::int64_t samples_ = 0;
  std::map<std::string, std::int64_t> sample_counts_, target_counts_;
  std::map<std::string, std::uint16_t> split_numbers_;
};

/// Rows in memory that somebody else holds.
class TargetTable {
 public:
  TargetTable() = default;
  /// `rows` are whole ones; `where` names them in errors.
  TargetTable(std::string_view rows, std::int64_t samples, std::int64_t splits, std::string where);

  std::int64_t size() const { return std::int64_t(rows_.size() / sizeof(TargetRow)); }
  /// Raises Error for an index out of range, DataError for a row that no writer would write.
  TargetRef operator[](std::int64_t index) const;

 private:
  std::string_view rows_;
  std::int64_t samples_ = 0, splits_ = 0;
  std::string where_;
};

}  // namespace uls
