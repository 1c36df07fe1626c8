// SPDX-License-Identifier: Apache-2.0
// Writing a set of the unified format as a folder: samples in order, one a line. Killed at any moment and
// started again with the same samples, the result has the same bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "data/format/manifest.h"

namespace uls {

class DatasetWriter {
 public:
  /// Begins the set in `path`, or goes on with one that was interrupted. Raises Error where a complete set,
  /// or an unfinished one of another source, is there already, or where the folder takes no files.
  DatasetWriter(const std::string& path, const Manifest& manifest);
  ~DatasetWriter();

  /// Samples that are there already: the next to add() is number done().
  std::int64_t done() const;
  /// Checks and appends. Raises Error for what readers refuse; the writer is then of no more use.
  void add(const Sample& sample);
  /// Before the sample that needs it: a file beside the samples, e.g. an image that no source file holds;
  /// `name` stays within the set. It reaches the disk with finish(): after a power cut, unlike a kill, an
  /// unfinished set is to be begun anew.
  void add_file(const std::string& name, std::string_view bytes);
  /// The index and manifest.json, which make the set complete. Once, and last.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uls
