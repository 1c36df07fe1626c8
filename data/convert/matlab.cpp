// SPDX-License-Identifier: Apache-2.0
#include "data/convert/matlab.h"

#include <matio.h>

#include <memory>
#include <mutex>
#include <string_view>

#include "core/base/error.h"
#include "core/io/byte_reader.h"
#include "core/io/foreign_text.h"
#include "core/io/mapped_file.h"
#include "core/io/pickle_text.h"
#include "data/format/data_error.h"

namespace uls {
namespace {

constexpr std::int64_t kMostElements = std::int64_t(1) << 28;

[[noreturn]] void broken(const std::string& where, const std::string& what) {
  throw DataError(fmt::format("{}: {}", where, what));
}

// What the library says goes into our error, not to stderr.
std::string& library_message() {
  thread_local std::string message;
  return message;
}

void keep_message(int, char* text) { library_message() = text; }

// The library reads past the end of a cut file without a word, so its frame is checked first: a header of 128
// bytes, then elements of a kind and a length.
void check_frame(const std::string& path) {
  const MappedFile file(path);
  const std::string_view bytes = file.text();
  if (bytes.starts_with("MATLAB 7.3")) broken(path, "MATLAB 7.3 (HDF5); expected a file of version 5");
  const bool has_frame = bytes.starts_with("MATLAB 5");
  if (bytes.size() < 128 || (has_frame && bytes.substr(126, 2) != "IM"))
    broken(path, "no MATLAB file, cut short, or big-endian; expected one of version 5");
  if (!has_frame) return;  // version 4 has none
  try {
    ByteReader reader(bytes);
    reader.take(128);
    while (reader.left() > 0) {
      const std::size_t at = reader.position();
      reader.number<std::uint32_t>();
      const auto length = reader.number<std::uint32_t>();
      ULS_CHECK(length <= reader.left(), "byte {}: cut off; got {} more bytes; expected {}", at,
                reader.left(), length);
      reader.take(length);
    }
  } catch (const Error& error) {
    broken(path, error.what());
  }
}

template <typename From, typename To>
void copy_numbers(const matvar_t& variable, std::int64_t count, std::vector<To>& to) {
  const From* const data = static_cast<const From*>(variable.data);
  to.assign(data, data + count);
}

void read_numbers(const matvar_t& variable, std::int64_t count, MatlabValue& value) {
  switch (variable.data_type) {
    case MAT_T_UINT8:
      return copy_numbers<std::uint8_t>(variable, count, value.bytes);
    case MAT_T_INT8:
      return copy_numbers<std::int8_t>(variable, count, value.numbers);
    case MAT_T_INT16:
      return copy_numbers<std::int16_t>(variable, count, value.numbers);
    case MAT_T_UINT16:
      return copy_numbers<std::uint16_t>(variable, count, value.numbers);
    case MAT_T_INT32:
      return copy_numbers<std::int32_t>(variable, count, value.numbers);
    case MAT_T_UINT32:
      return copy_numbers<std::uint32_t>(variable, count, value.numbers);
    case MAT_T_SINGLE:
      return copy_numbers<float>(variable, count, value.numbers);
    case MAT_T_DOUBLE:
      return copy_numbers<double>(variable, count, value.numbers);
    default:
      broken(value.where, fmt::format("numbers of an unknown type {}", int(variable.data_type)));
  }
}

void read_text(const matvar_t& variable, std::int64_t count, MatlabValue& value) {
  value.kind = MatlabValue::Kind::text;
  if (count == 0) return;
  if (variable.data_size == 1) {
    value.text.assign(static_cast<const char*>(variable.data), variable.nbytes);
    return;
  }
  if (variable.data_size != 2) broken(value.where, "a text in an unknown encoding");
  const auto* const units = static_cast<const std::uint16_t*>(variable.data);
  for (std::int64_t i = 0; i < count; ++i) {
    if (units[i] >= 0x100) broken(value.where, "a text beyond Latin-1");
    value.text += char(units[i]);
  }
  value.text = latin1_text(value.text);
}

MatlabValue converted(const matvar_t* variable, const std::string& where, int depth) {
  if (depth > 16) broken(where, "nested deeper than 16 levels");
  MatlabValue value;
  value.where = where;
  if (!variable) {
    value.sizes = {0, 0};
    return value;
  }
  std::int64_t count = 1;
  for (int i = 0; i < variable->rank; ++i) {
    value.sizes.push_back(std::int64_t(variable->dims[i]));
    if (value.sizes.back() > kMostElements || count * value.sizes.back() > kMostElements)
      broken(where, "more than 2^28 elements");
    count *= value.sizes.back();
  }
  const bool nested = variable->class_type == MAT_C_CELL || variable->class_type == MAT_C_STRUCT;
  const auto bytes = std::int64_t(variable->nbytes);
  if (count > 0 && (!variable->data || (!nested && bytes < count * variable->data_size)))
    broken(where, fmt::format("cut short or broken; {}", printable(library_message())));
  if (variable->class_type == MAT_C_CELL) {
    value.kind = MatlabValue::Kind::cell;
    for (std::int64_t i = 0; i < count; ++i)
      value.parts.push_back(converted(static_cast<matvar_t* const*>(variable->data)[i],
                                      fmt::format("{}[{}]", where, i), depth + 1));
  } else if (variable->class_type == MAT_C_STRUCT) {
    value.kind = MatlabValue::Kind::structure;
    const unsigned fields = Mat_VarGetNumberOfFields(const_cast<matvar_t*>(variable));
    char* const* const names = Mat_VarGetStructFieldnames(variable);
    value.fields.assign(names, names + fields);
    for (std::int64_t i = 0; i < count * std::int64_t(fields); ++i)
      value.parts.push_back(converted(static_cast<matvar_t* const*>(variable->data)[i],
                                      count == 1
                                          ? fmt::format("{}.{}", where, names[i])
                                          : fmt::format("{}[{}].{}", where, i / fields, names[i % fields]),
                                      depth + 1));
  } else if (variable->class_type == MAT_C_CHAR) {
    read_text(*variable, count, value);
  } else if (count > 0) {
    read_numbers(*variable, count, value);
  }
  return value;
}

}  // namespace

std::int64_t MatlabValue::size() const {
  std::int64_t count = 1;
  for (const std::int64_t one : sizes) count *= one;
  return count;
}

const MatlabValue& MatlabValue::part(Kind wanted, const char* expected, std::int64_t index) const {
  if (kind != wanted) broken(where, fmt::format("wrong kind of value; expected {}", expected));
  if (index < 0 || index >= std::int64_t(parts.size()))
    broken(where, fmt::format("missing part; got {}; expected part {}", parts.size(), index));
  return parts[std::size_t(index)];
}

const MatlabValue& MatlabValue::item(std::int64_t index) const { return part(Kind::cell, "a cell", index); }

const MatlabValue& MatlabValue::field(std::int64_t index, std::int64_t field) const {
  if (field >= std::int64_t(fields.size()) && kind == Kind::structure)
    broken(where, fmt::format("missing field; got {}; expected field {}", fields.size(), field));
  return part(Kind::structure, "a structure", index * std::int64_t(fields.size()) + field);
}

const std::string& MatlabValue::as_text() const {
  if (kind != Kind::text) broken(where, "wrong kind of value; expected a text");
  return text;
}

double MatlabValue::as_number() const {
  if (kind != Kind::numbers || size() != 1) broken(where, "wrong kind of value; expected a number");
  return bytes.empty() ? numbers[0] : bytes[0];
}

LabelMap MatlabValue::as_label_map() const {
  if (kind != Kind::numbers || sizes.size() != 2 || size() == 0)
    broken(where, "wrong kind of value; expected a matrix of whole numbers");
  LabelMap map{.height = sizes[0], .width = sizes[1]};
  map.labels.resize(std::size_t(size()));
  for (std::int64_t x = 0, at = 0; x < map.width; ++x)
    for (std::int64_t y = 0; y < map.height; ++y, ++at) {
      const double number = bytes.empty() ? numbers[std::size_t(at)] : bytes[std::size_t(at)];
      if (!(number >= 0 && number <= 65535) || number != double(std::uint16_t(number)))
        broken(where,
               fmt::format("wrong value at column {}, row {}; got {}; expected a whole number to 65535", x, y,
                           number));
      map.labels[std::size_t(y * map.width + x)] = std::uint16_t(number);
    }
  return map;
}

MatlabValue read_matlab(const std::string& path, const std::string& name) {
  static std::once_flag once;
  std::call_once(once, [] { Mat_LogInitFunc("unilseg", keep_message); });
  as_data_error([&] { check_frame(path); });
  library_message().clear();
  const std::unique_ptr<mat_t, int (*)(mat_t*)> file(Mat_Open(path.c_str(), MAT_ACC_RDONLY), &Mat_Close);
  if (!file) broken(path, fmt::format("no MATLAB file; {}", printable(library_message())));
  const std::unique_ptr<matvar_t, void (*)(matvar_t*)> variable(Mat_VarRead(file.get(), name.c_str()),
                                                                &Mat_VarFree);
  if (!variable) broken(path, fmt::format("no variable '{}'; {}", name, printable(library_message())));
  return converted(variable.get(), path + ": " + name, 0);
}

}  // namespace uls
