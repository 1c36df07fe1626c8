// SPDX-License-Identifier: Apache-2.0
// samples.jsonl: a sample a line, and the index that finds them (data/FORMAT.md).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/io/mapped_file.h"
#include "data/format/manifest.h"
#include "data/format/target_table.h"

namespace uls {

/// The sample of a line, as number `index` of the file `path`. DataError names the file and the line.
Sample parse_sample_line(std::string_view line, const std::string& path, std::int64_t index);

/// Gathers the index while samples are written or read in order, and checks what concerns several of them.
class IndexBuilder {
 public:
  explicit IndexBuilder(const Manifest& manifest) : manifest_(manifest) {}

  /// `bytes` is the line's length with its end. Raises Error, with `place`, for ids that were there before
  /// and for categories beyond the class list.
  void add(const Sample& sample, std::int64_t bytes, const std::string& place);
  /// The same without these checks.
  void add_any(const Sample& sample, std::int64_t bytes);
  /// The index file's content; `lines` is all of samples.jsonl.
  std::string finish(std::string_view lines) const;
  const TargetTableBuilder& targets() const { return targets_; }
  std::int64_t bytes() const { return offsets_.back(); }

 private:
  // 128 bits of an id: two different ids never share them in practice, at a third of the memory.
  struct IdHash {
    std::size_t first, second;
    friend bool operator==(const IdHash&, const IdHash&) = default;
  };
  struct First {
    std::size_t operator()(const IdHash& id) const { return id.first; }
  };
  using Ids = std::unordered_set<IdHash, First>;
  static bool insert(Ids& ids, const std::string& id);

  Manifest manifest_;
  TargetTableBuilder targets_;
  std::vector<std::int64_t> offsets_{0};
  Ids sample_ids_, target_ids_;
};

/// Reads whole lines: builder.add() for each. Raises DataError naming file and line; a last line that is cut
/// is one too.
void index_lines(std::string_view lines, const std::string& path, IndexBuilder& builder);
/// Likewise of lines that may be wrong: one that cannot be read is a sample without targets.
void index_any_lines(std::string_view lines, const std::string& path, IndexBuilder& builder);

/// The index file, used where it is mapped.
class LineIndex {
 public:
  /// Raises DataError, naming the file, for one that is damaged.
  explicit LineIndex(std::shared_ptr<const MappedFile> file);

  /// Whether it was made of these lines: their number of bytes, and both ends.
  bool belongs_to(std::string_view lines) const;
  std::int64_t samples() const { return samples_; }
  const TargetTable& targets() const { return targets_; }
  const std::vector<std::string>& splits() const { return splits_; }
  /// Line of sample `index`, without its end.
  std::string_view line(std::string_view lines, std::int64_t index) const;

 private:
  std::int64_t offset(std::int64_t index) const;

  std::shared_ptr<const MappedFile> file_;
  std::int64_t samples_ = 0, bytes_ = 0;
  std::uint32_t ends_ = 0;
  std::string_view offsets_;
  TargetTable targets_;
  std::vector<std::string> splits_;
};

}  // namespace uls
