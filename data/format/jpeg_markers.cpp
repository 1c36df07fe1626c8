// SPDX-License-Identifier: Apache-2.0
#include "data/format/jpeg_markers.h"

#include <optional>

#include "core/base/error.h"

namespace uls {
namespace {

constexpr int kStartOfScan = 0xDA, kEndOfImage = 0xD9;

struct Marker {
  int kind;
  std::string_view content;  // of its segment, without the length
};

bool stands_alone(int kind) { return kind == 0x01 || (kind >= 0xD0 && kind <= kEndOfImage); }

// Baseline, progressive ...; the rest of C0 to CF are tables.
bool is_frame(int kind) {
  return kind >= 0xC0 && kind <= 0xCF && kind != 0xC4 && kind != 0xC8 && kind != 0xCC;
}

class MarkerReader {
 public:
  explicit MarkerReader(std::string_view bytes) : bytes_(bytes), at_(2) {}

  // The next marker; nothing where the file ends before.
  std::optional<Marker> next() {
    // Coded data holds FF 00 for FF, and restart markers; between segments there may be any number of FF.
    int kind = 0;
    while (kind == 0x00 || kind == 0xFF || (kind >= 0xD0 && kind <= 0xD7)) {
      at_ = bytes_.find('\xFF', at_);
      if (at_ == std::string_view::npos || at_ + 1 >= bytes_.size()) return {};
      kind = static_cast<unsigned char>(bytes_[++at_]);
    }
    ++at_;
    if (stands_alone(kind)) return Marker{kind, {}};
    if (bytes_.size() - at_ < 2) return {};
    const std::size_t length = number(at_);
    if (length < 2 || length > bytes_.size() - at_) return {};
    const Marker marker{kind, bytes_.substr(at_ + 2, length - 2)};
    at_ += length;
    return marker;
  }

 private:
  std::size_t number(std::size_t at) const {
    return std::size_t(static_cast<unsigned char>(bytes_[at])) << 8 |
           static_cast<unsigned char>(bytes_[at + 1]);
  }

  std::string_view bytes_;
  std::size_t at_;
};

}  // namespace

bool is_jpeg(std::string_view bytes) { return bytes.starts_with("\xFF\xD8\xFF"); }

ImageSize jpeg_size(std::string_view bytes, const std::string& where) {
  MarkerReader reader(bytes);
  while (const auto marker = reader.next()) {
    if (marker->kind == kStartOfScan || marker->kind == kEndOfImage) break;
    if (!is_frame(marker->kind) || marker->content.size() < 5) continue;
    const auto byte = [&](std::size_t at) {
      return std::int64_t(static_cast<unsigned char>(marker->content[at]));
    };
    return {byte(1) << 8 | byte(2), byte(3) << 8 | byte(4)};
  }
  throw DataError(where + ": broken JPEG; no frame header found");
}

void check_jpeg_end(std::string_view bytes, const std::string& where) {
  MarkerReader reader(bytes);
  bool scan = false;
  while (const auto marker = reader.next()) {
    if (marker->kind == kEndOfImage && scan) return;
    scan |= marker->kind == kStartOfScan;
  }
  throw DataError(
      fmt::format("{}: JPEG cut short; the end marker is missing after {} bytes", where, bytes.size()));
}

}  // namespace uls
