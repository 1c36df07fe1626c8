// SPDX-License-Identifier: Apache-2.0
// The safetensors format: named tensors in one file, as the Python package of that name reads and writes it.
//
//   8 bytes   length of the header, little-endian
//   header    JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ...,
//             "__metadata__": {"key": "text", ...}}, padded with spaces
//   data      the tensors, row-major and little-endian, without holes; offsets count from its start
//
// Files may come from anywhere: what contradicts the format is one Error on opening, before any use of it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/io/mapped_file.h"
#include "core/tensor/tensor.h"

namespace uls {

class Json;

class SafetensorsFile {
 public:
  /// Maps the file and checks the whole header. Raises Error naming the path and, where one is to blame, the
  /// tensor.
  static SafetensorsFile open(const std::string& path);
  /// The same of a file that is mapped already.
  static SafetensorsFile read(std::shared_ptr<const MappedFile> file);

  /// In the order of their data.
  const std::vector<std::string>& names() const { return names_; }
  bool contains(const std::string& name) const { return entries_.contains(name); }

  /// Where a tensor lies, and what it is.
  struct Entry {
    std::string dtype;          ///< as the file spells it
    std::optional<DType> type;  ///< none where DType lacks it
    Shape shape;
    std::int64_t begin, end;  ///< of its data, from the start of the file
  };
  /// Raises Error for an unknown name.
  const Entry& entry(const std::string& name) const;

  /// The tensor, on the CPU, in the file's memory, which it keeps mapped: nothing is read before it is used,
  /// and what is written into it is seen by later calls but never reaches the file. Where the data is not
  /// aligned to the element size, a copy.
  /// Raises Error for an unknown name, for element types that DType lacks (other tensors of the file stay
  /// usable), and for a BOOL that is neither 0 nor 1.
  Tensor tensor(const std::string& name) const;

  /// The free texts of the header.
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  explicit SafetensorsFile(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {}
  void read_header();
  void add_entry(const std::string& name, const Json& value, std::int64_t data_begin);
  void order_entries(std::int64_t data_begin);
  Tensor read_entry(const Entry& entry) const;

  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> names_;
  std::map<std::string, std::string> metadata_;
};

/// Writes the tensors (on the CPU, of any strides) as one file, which appears complete or not at all. Larger
/// element types come first, so that all data is aligned; otherwise the order is kept, and equal arguments
/// give equal bytes. Raises Error for a name given twice, for "__metadata__", for text that is not UTF-8,
/// and where the file cannot be written.
void write_safetensors(const std::string& path, const std::vector<std::pair<std::string, Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace uls
