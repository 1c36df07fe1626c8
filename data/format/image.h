// SPDX-License-Identifier: Apache-2.0
// Pictures and label maps as bytes. Decoders are OpenCV's and libpng's, behind image.cpp and label_png.cpp
// alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace uls {

/// [height, width, channels], row-major; 3 channels are RGB.
struct Image {
  std::int64_t height = 0, width = 0, channels = 0;
  std::vector<std::uint8_t> pixels{};

  const std::uint8_t* row(std::int64_t y) const { return pixels.data() + y * width * channels; }
  std::uint8_t* row(std::int64_t y) { return pixels.data() + y * width * channels; }
};

/// Class or instance numbers: [height, width], row-major.
struct LabelMap {
  std::int64_t height = 0, width = 0;
  std::vector<std::uint16_t> labels{};
};

/// Of the library that decodes: "4.6.0".
std::string opencv_version();

/// RGB, however the file stores it (the orientation in EXIF is not applied, as the field's loaders do not).
/// Raises DataError naming the path where it is missing, empty, broken or cut short. A JPEG is followed to
/// its end marker first; damage between its markers, which decoders only warn of, goes unseen.
Image read_image(const std::string& path);
/// The same from memory; `where` names it in errors.
Image decode_image(std::string_view bytes, const std::string& where);
/// One channel.
Image read_grey(const std::string& path);

/// A PNG's numbers as stored: palette indices or grey values of 1 to 16 bits, never colours.
/// Raises DataError naming the path where it is missing, empty, broken, cut short, or of colours.
LabelMap read_label_png(const std::string& path);
LabelMap decode_label_png(std::string_view bytes, const std::string& where);

/// PNG of 1 or 3 channels; the file appears complete or not at all.
void write_png(const std::string& path, const Image& image);
std::string encode_png(const Image& image);
/// JPEG of an RGB image, quality 0 to 100.
std::string encode_jpeg(const Image& image, int quality);

/// Height and width without decoding the pixels (PNG, JPEG; others are decoded).
struct ImageSize {
  std::int64_t height = 0, width = 0;
  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};
ImageSize read_image_size(const std::string& path);
ImageSize image_size(std::string_view bytes, const std::string& where);

}  // namespace uls
