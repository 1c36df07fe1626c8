// SPDX-License-Identifier: Apache-2.0
// Bytes read from front to back. Every step is checked against their end.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/base/error.h"

namespace uls {

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::size_t position() const { return position_; }
  std::size_t left() const { return bytes_.size() - position_; }

  /// The next `count` bytes; raises Error where there are fewer.
  std::string_view take(std::uint64_t count) {
    ULS_CHECK(count <= left(), "cut off; got {} more bytes; expected {}", left(), count);
    const std::string_view taken = bytes_.substr(position_, std::size_t(count));
    position_ += std::size_t(count);
    return taken;
  }

  /// The next number, little-endian.
  template <std::integral T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  /// The text up to the next line end, which is passed over.
  std::string_view line() {
    const std::size_t end = bytes_.find('\n', position_);
    ULS_CHECK(end != std::string_view::npos, "cut off; got no line end; expected one");
    const std::string_view text = bytes_.substr(position_, end - position_);
    position_ = end + 1;
    return text;
  }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
};

}  // namespace uls
