// SPDX-License-Identifier: Apache-2.0
// MATLAB's files of version 4 and 5, as far as annotations use them: numbers, texts, cells, structs. The
// library behind it is included by matlab.cpp alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/format/image.h"

namespace uls {

class MatlabValue {
 public:
  enum class Kind : unsigned char { numbers, text, cell, structure };

  Kind kind = Kind::numbers;
  std::vector<std::int64_t> sizes{};  // of each dimension
  std::vector<double> numbers{};      // in MATLAB's order, column by column; of matrices but uint8 ones
  std::vector<std::uint8_t> bytes{};  // the same of uint8 and logical matrices
  std::string text{};                 // UTF-8
  std::vector<std::string> fields{};  // of a structure
  std::vector<MatlabValue> parts{};   // of a cell; of a structure array: all fields of the first, then ...
  std::string where{};                // "FILE: anno.objects[2]", for errors

  /// Number of elements.
  std::int64_t size() const;
  /// Element `index` of a cell; raises DataError for another kind or range.
  const MatlabValue& item(std::int64_t index) const;
  /// Field number `field` of element `index` of a structure array; raises DataError.
  const MatlabValue& field(std::int64_t index, std::int64_t field) const;
  const std::string& as_text() const;  ///< raises DataError where it is none
  double as_number() const;            ///< of a single number
  /// A matrix of whole numbers from 0 to 65535, row-major; raises DataError where it is none.
  LabelMap as_label_map() const;

 private:
  const MatlabValue& part(Kind wanted, const char* expected, std::int64_t index) const;
};

/// Variable `name` of the file with all its parts. Raises DataError where the file is missing, cut short,
/// broken, of version 7.3 (HDF5), or has no such variable.
MatlabValue read_matlab(const std::string& path, const std::string& name);

}  // namespace uls
