// SPDX-License-Identifier: Apache-2.0
#include "core/io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "core/base/strings.h"
#include "core/io/at_place.h"
#include "core/io/foreign_text.h"
#include "core/io/safetensors_format.h"
#include "core/io/tensor_bytes.h"
#include "core/json/json.h"
#include "core/tensor/primitives.h"

namespace uls {
namespace {

using namespace safetensors_format;

std::optional<DType> find_type(std::string_view name) {
  const auto found = std::ranges::find(kTypeNames, name);
  if (found == kTypeNames.end()) return std::nullopt;
  return DType(found - kTypeNames.begin());
}

}  // namespace

SafetensorsFile SafetensorsFile::open(const std::string& path) {
  return read(std::make_shared<const MappedFile>(path));
}

SafetensorsFile SafetensorsFile::read(std::shared_ptr<const MappedFile> mapped) {
  SafetensorsFile file(std::move(mapped));
  at_place("read " + file.file_->path(), [&] { file.read_header(); });
  return file;
}

void SafetensorsFile::read_header() {
  ULS_CHECK(file_->size() >= kLengthBytes, "not a safetensors file; got {} bytes; expected at least {}",
            file_->size(), kLengthBytes);
  std::uint64_t length = 0;
  std::memcpy(&length, file_->data(), sizeof length);
  ULS_CHECK(length <= std::uint64_t(kMaxHeaderBytes),
            "not a safetensors file; got a header of {} bytes; expected at most {}", length, kMaxHeaderBytes);
  const std::int64_t data_begin = kLengthBytes + std::int64_t(length);
  ULS_CHECK(data_begin <= file_->size(), "cut off in the header; got {} bytes; expected at least {}",
            file_->size(), data_begin);
  const std::string_view text(file_->data() + kLengthBytes, std::size_t(length));
  ULS_CHECK(text.starts_with('{'), "not a safetensors file; got a header without '{{'; expected JSON");
  const Json header = Json::parse(text, "header");
  for (const auto& [name, value] : header.members()) {
    if (name == kMetadata) {
      for (const auto& [key, free_text] : value.members()) metadata_[key] = free_text.as_string();
      continue;
    }
    at_place("tensor " + shown(name),
             [&, &name = name, &value = value] { add_entry(name, value, data_begin); });
    names_.push_back(name);
  }
  order_entries(data_begin);
}

void SafetensorsFile::add_entry(const std::string& name, const Json& value, std::int64_t data_begin) {
  Entry entry{value.at("dtype").as_string(), {}, {}, 0, 0};
  entry.type = find_type(entry.dtype);
  const Json& shape = value.at("shape");
  ULS_CHECK(shape.items().size() <= kMaxRank, "too many dimensions; got {}; expected at most {}",
            shape.size(), kMaxRank);
  // Sizes of 0 count as 1 for the bound: strides are products of the others.
  std::int64_t bytes = entry.type ? size_of(*entry.type) : 1;
  bool empty = false, overflow = false;
  for (const auto& item : shape.items()) {
    const std::int64_t size = item.as_int64();
    entry.shape.push_back(size);
    empty |= size == 0;
    ULS_CHECK(size >= 0, "negative size; got shape {}; expected sizes of at least 0", shape.dump());
    overflow |= __builtin_mul_overflow(bytes, std::max<std::int64_t>(size, 1), &bytes);
  }
  ULS_CHECK(!overflow, "too large; got shape {}; expected less than 2^63 bytes", shape.dump());

  const Json& offsets = value.at("data_offsets");
  ULS_CHECK(offsets.items().size() == 2, "data_offsets: wrong number; got {}; expected begin and end",
            offsets.size());
  const std::int64_t begin = offsets[0].as_int64(), end = offsets[1].as_int64(),
                     data = file_->size() - data_begin;
  ULS_CHECK(begin >= 0 && begin <= end && end <= data,
            "data outside of the file; got bytes {} to {}; expected 0 <= begin <= end <= {}", begin, end,
            data);
  ULS_CHECK(!entry.type || end - begin == (empty ? 0 : bytes),
            "size does not fit the shape; got {} bytes; expected {} for {} {}", end - begin,
            empty ? 0 : bytes, entry.dtype, shape.dump());
  entry.begin = data_begin + begin;
  entry.end = data_begin + end;
  entries_.emplace(name, std::move(entry));
}

void SafetensorsFile::order_entries(std::int64_t data_begin) {
  std::ranges::stable_sort(names_, {}, [this](const std::string& name) {
    const Entry& entry = entries_.at(name);
    return std::pair(entry.begin, entry.end);
  });
  std::int64_t reached = data_begin;
  for (const auto& name : names_) {
    const Entry& entry = entries_.at(name);
    ULS_CHECK(entry.begin == reached, "tensor {}: {} before its data; got its begin at {}; expected {}",
              shown(name), entry.begin < reached ? "overlap" : "hole", entry.begin - data_begin,
              reached - data_begin);
    reached = entry.end;
  }
  ULS_CHECK(reached == file_->size(), "bytes after the last tensor; got {} of data; expected {}",
            file_->size() - data_begin, reached - data_begin);
}

const SafetensorsFile::Entry& SafetensorsFile::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end())
    fail("read {}: no tensor {}{}; expected one of its {}", file_->path(), shown(name),
         did_you_mean(name, names_), names_.size());
  return found->second;
}

Tensor SafetensorsFile::tensor(const std::string& name) const {
  const Entry& wanted = entry(name);
  return at_place(fmt::format("read {}: tensor {}", file_->path(), shown(name)),
                  [&] { return read_entry(wanted); });
}

Tensor SafetensorsFile::read_entry(const Entry& entry) const {
  if (!entry.type)
    fail("element type not supported; got {}; expected {}", shown(entry.dtype),
         join({kTypeNames.begin(), kTypeNames.end()}, ", "));
  char* const begin = file_->data() + entry.begin;
  const std::int64_t bytes = entry.end - entry.begin;
  if (entry.type == DType::boolean) check_truth_values(begin, bytes);
  if (bytes > 0 && entry.begin % size_of(*entry.type) != 0) {
    Tensor copy = empty(entry.shape, *entry.type);
    std::memcpy(copy.raw_data(), begin, std::size_t(bytes));
    return copy;
  }
  return Tensor(std::make_shared<Storage>(begin, bytes, file_), *entry.type, entry.shape,
                contiguous_strides(entry.shape), 0);
}

}  // namespace uls
