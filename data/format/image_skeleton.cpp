// SPDX-License-Identifier: Apache-2.0
#include "data/format/image_skeleton.h"

#include <optional>

#include "core/base/error.h"

namespace uls {
namespace {

constexpr int kStartOfScan = 0xDA, kEndOfImage = 0xD9;

// The number of `count` bytes, highest first.
std::int64_t number_at(std::string_view bytes, std::size_t at, std::size_t count) {
  std::int64_t value = 0;
  for (const char c : bytes.substr(at, count)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

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
    const auto length = std::size_t(number_at(bytes_, at_, 2));
    if (length < 2 || length > bytes_.size() - at_) return {};
    const Marker marker{kind, bytes_.substr(at_ + 2, length - 2)};
    at_ += length;
    return marker;
  }

 private:
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
    return {number_at(marker->content, 1, 2), number_at(marker->content, 3, 2)};
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

bool is_png(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }

ImageSize png_size(std::string_view bytes, const std::string& where) {
  if (bytes.size() < 24) throw DataError(fmt::format("{}: PNG cut short; got {} bytes", where, bytes.size()));
  return {number_at(bytes, 20, 4), number_at(bytes, 16, 4)};
}

void check_png_end(std::string_view bytes, const std::string& where) {
  constexpr std::size_t kAround = 12;  // of a chunk's content: length and kind before, checksum behind
  for (std::size_t at = 8; bytes.size() - at >= kAround;) {
    const auto length = std::size_t(number_at(bytes, at, 4));
    if (length > bytes.size() - at - kAround) break;
    if (bytes.substr(at + 4, 4) == "IEND") return;
    at += kAround + length;
  }
  throw DataError(
      fmt::format("{}: PNG cut short; the last chunk is missing after {} bytes", where, bytes.size()));
}

}  // namespace uls
