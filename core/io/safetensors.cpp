// SPDX-License-Identifier: Apache-2.0
#include "core/io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <set>
#include <string_view>

#include "core/base/strings.h"
#include "core/io/atomic_file.h"
#include "core/json/json.h"
#include "core/tensor/primitives.h"

namespace uls {
namespace {

static_assert(std::endian::native == std::endian::little, "data is used as it lies in the file");

constexpr std::int64_t kLengthBytes = 8;
constexpr std::int64_t kMaxHeaderBytes = 100'000'000;  // the Python package's own bound
constexpr const char* kMetadata = "__metadata__";

// In the order of DType.
constexpr std::array<std::string_view, kDTypes> kTypeNames{"F32", "F64", "BF16", "F16",
                                                           "I64", "I32", "U8",   "BOOL"};

std::string_view type_name(DType dtype) { return kTypeNames[std::size_t(dtype)]; }

std::optional<DType> find_type(std::string_view name) {
  const auto found = std::ranges::find(kTypeNames, name);
  if (found == kTypeNames.end()) return std::nullopt;
  return DType(found - kTypeNames.begin());
}

// Text of unknown origin, fit for one line of an error.
std::string shown(const std::string& text) {
  constexpr std::size_t kLongest = 120;
  const std::string quoted = Json(text).dump();
  return quoted.size() <= kLongest ? quoted : quoted.substr(0, kLongest) + "...";
}

}  // namespace

SafetensorsFile SafetensorsFile::open(const std::string& path) {
  SafetensorsFile file(std::make_shared<const MappedFile>(path));
  try {
    file.read_header();
  } catch (const Error& error) {
    fail("read {}: {}", path, error.what());
  }
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
    try {
      add_entry(name, value, data_begin);
    } catch (const Error& error) {
      fail("tensor {}: {}", shown(name), error.what());
    }
    names_.push_back(name);
  }
  order_entries(data_begin);
}

void SafetensorsFile::add_entry(const std::string& name, const Json& value, std::int64_t data_begin) {
  Entry entry{value.at("dtype").as_string(), {}, 0, 0};
  const Json& shape = value.at("shape");
  ULS_CHECK(shape.items().size() <= kMaxRank, "too many dimensions; got {}; expected at most {}",
            shape.size(), kMaxRank);
  const std::optional<DType> type = find_type(entry.dtype);
  // Sizes of 0 count as 1 for the bound: strides are products of the others.
  std::int64_t bytes = type ? size_of(*type) : 1;
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
  ULS_CHECK(!type || end - begin == (empty ? 0 : bytes),
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

Tensor SafetensorsFile::tensor(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end())
    fail("read {}: no tensor {}{}; expected one of its {}", file_->path(), shown(name),
         did_you_mean(name, names_), names_.size());
  const Entry& entry = found->second;
  const std::optional<DType> type = find_type(entry.dtype);
  if (!type)
    fail("read {}: tensor {}: element type not supported; got {}; expected {}", file_->path(), shown(name),
         shown(entry.dtype), join({kTypeNames.begin(), kTypeNames.end()}, ", "));
  char* const begin = file_->data() + entry.begin;
  const std::int64_t bytes = entry.end - entry.begin;
  if (*type == DType::boolean) {
    const auto* const wrong =
        std::find_if(begin, begin + bytes, [](char byte) { return byte != 0 && byte != 1; });
    ULS_CHECK(wrong == begin + bytes,
              "read {}: tensor {}: a truth value that is none; got {} at element {}; expected 0 or 1",
              file_->path(), shown(name), int(static_cast<unsigned char>(*wrong)), wrong - begin);
  }
  if (bytes > 0 && entry.begin % size_of(*type) != 0) {
    Tensor copy = empty(entry.shape, *type);
    std::memcpy(copy.raw_data(), begin, std::size_t(bytes));
    return copy;
  }
  return Tensor(std::make_shared<Storage>(begin, bytes, file_), *type, entry.shape,
                contiguous_strides(entry.shape), 0);
}

namespace {

std::string make_header(const std::vector<const std::pair<std::string, Tensor>*>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  std::vector<std::string> members;
  if (!metadata.empty()) {
    std::vector<std::string> texts;
    for (const auto& [key, text] : metadata) texts.push_back(Json(key).dump() + ":" + Json(text).dump());
    members.push_back(fmt::format("\"{}\":{{{}}}", kMetadata, join(texts, ",")));
  }
  std::int64_t begin = 0;
  for (const auto* named : tensors) {
    const auto& [name, x] = *named;
    const std::int64_t end = begin + x.numel() * size_of(x.dtype());
    members.push_back(fmt::format(R"({}:{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})",
                                  Json(name).dump(), type_name(x.dtype()), to_string(x.shape()), begin, end));
    begin = end;
  }
  std::string header = "{" + join(members, ",") + "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

void write_elements(AtomicFile& file, const Tensor& x) {
  const std::int64_t element_bytes = size_of(x.dtype());
  if (x.is_contiguous()) return file.write(x.raw_data(), x.numel() * element_bytes);
  constexpr std::size_t kChunk = std::size_t(1) << 20;
  std::vector<char> chunk;
  chunk.reserve(kChunk);
  const char* element = static_cast<const char*>(x.raw_data());
  Dims index = Dims::filled(x.rank(), 0);
  for (std::int64_t n = 0; n < x.numel(); ++n) {
    chunk.insert(chunk.end(), element, element + element_bytes);
    if (chunk.size() == kChunk) {
      file.write(chunk.data(), std::int64_t(chunk.size()));
      chunk.clear();
    }
    for (int d = x.rank() - 1; d >= 0; --d) {
      const std::int64_t step = x.strides()[d] * element_bytes;
      if (++index[d] < x.shape()[d]) {
        element += step;
        break;
      }
      element -= step * (index[d] - 1);
      index[d] = 0;
    }
  }
  file.write(chunk.data(), std::int64_t(chunk.size()));
}

}  // namespace

void write_safetensors(const std::string& path, const std::vector<std::pair<std::string, Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::set<std::string_view> names;
  std::vector<const std::pair<std::string, Tensor>*> ordered;
  for (const auto& named : tensors) {
    const auto& [name, x] = named;
    ULS_CHECK(name != kMetadata, "write {}: reserved name; got {}; expected another", path, name);
    ULS_CHECK(names.insert(name).second, "write {}: a name twice; got {}; expected each once", path,
              shown(name));
    ULS_CHECK(x && x.device() == kCpu,
              "write {}: tensor {} has no values at hand; got {}; expected one on the cpu", path, shown(name),
              describe(x));
    ordered.push_back(&named);
  }
  std::ranges::stable_sort(ordered, std::greater(),
                           [](const auto* named) { return size_of(named->second.dtype()); });
  const std::string header = make_header(ordered, metadata);
  const auto length = std::int64_t(header.size());
  ULS_CHECK(length <= kMaxHeaderBytes, "write {}: header too long; got {} bytes; expected at most {}", path,
            length, kMaxHeaderBytes);
  AtomicFile file(path);
  file.write(&length, kLengthBytes);
  file.write(header.data(), length);
  for (const auto* named : ordered) write_elements(file, named->second);
  file.commit();
}

}  // namespace uls
