// SPDX-License-Identifier: Apache-2.0
// Zip archives, written: stored entries whose data is aligned to 64 bytes in the file, as PyTorch lays them
// out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/atomic_file.h"
#include "core/io/tensor_bytes.h"

namespace uls {

class ZipWriter {
 public:
  /// Appends to `file`, in which nothing stands yet.
  explicit ZipWriter(AtomicFile& file) : file_(file) {}

  /// An entry of `bytes` bytes that feed(consume) hands over in pieces; it is called twice, for the checksum
  /// and for the data. Names differ from each other.
  void add(const std::string& name, std::int64_t bytes, const std::function<void(const ConsumeBytes&)>& feed);
  void add(const std::string& name, std::string_view content);

  /// Writes the directory. Once only, and last.
  void finish();

 private:
  void write(std::string_view bytes);

  AtomicFile& file_;
  std::int64_t written_ = 0;
  std::string directory_;
  std::int64_t entries_ = 0;
};

}  // namespace uls
