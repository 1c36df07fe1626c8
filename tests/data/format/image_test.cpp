// SPDX-License-Identifier: Apache-2.0
// Pictures and label PNGs; the small PNGs were written by Python's zlib, chunk by chunk.
#include "data/format/image.h"

#include <catch2/catch.hpp>

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "tests/core/io_fixture.h"
#include "tests/data/format/format_fixture.h"

using namespace uls;
using namespace uls::test;

namespace {

// A PNG between its signature and its end chunk.
std::string png(std::string_view hex) {
  std::string bytes = "\x89PNG\r\n\x1a\n";
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    bytes += char(byte);
  }
  return bytes + std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12);
}

const std::string kPalette2 =
    png("0000000d4948445200000003000000020203000000e01a8e890000000c504c5445000000ff000000ff00090807efaed87500"
        "00000c"
        "4944415478da639060780200013000fd6830cfdf");
const std::string kPalette8 =
    png("0000000d49484452000000020000000208030000004568fd160000000c504c5445000000ff000000ff00090807efaed87500"
        "00000e"
        "4944415478da636066606064020000190007256a63bb");
const std::string kGrey1 =
    png("0000000d4948445200000003000000020100000000b50f5bb70000000c4944415478da637060580000016400e1afc70c80");
const std::string kGrey16 =
    png("0000000d4948445200000002000000021000000000074d8ebb000000124944415478da636060646462f8ff9f910100072002"
        "044cbd"
        "212c");
const std::string kInterlaced =
    png("0000000d494844520000000200000002080000000120da626e0000000f4944415478da63e062106190d3000000f70065262e"
        "0e42");
const std::string kRgb =
    png("0000000d49484452000000020000000108020000007b40e8dd0000000f4944415478da63606462fe95c2000003d90165f9f8"
        "1ff0");

// Smooth, so that JPEG keeps it well.
Image smooth_image() {
  Image image{24, 37, 3, {}};
  for (std::int64_t y = 0; y < 24; ++y)
    for (std::int64_t x = 0; x < 37; ++x)
      for (const std::int64_t value : {6 * x, 10 * y, 255 - 6 * x})
        image.pixels.push_back(std::uint8_t(value));
  return image;
}

// An orientation of 6 (turn right) behind the start marker.
std::string with_orientation(const std::string& jpeg) {
  const std::string exif(
      "\xFF\xE1\0\x22"
      "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0",
      36);
  return jpeg.substr(0, 2) + exif + jpeg.substr(2);
}

}  // namespace

TEST_CASE("image: label PNGs give their numbers, not colours") {
  using Labels = std::vector<std::uint16_t>;
  CHECK(decode_label_png(kPalette2, "").labels == Labels{0, 1, 2, 3, 2, 1});
  CHECK(decode_label_png(kPalette8, "").labels == Labels{3, 0, 1, 2});
  CHECK(decode_label_png(kGrey1, "").labels == Labels{0, 1, 0, 1, 0, 1});
  CHECK(decode_label_png(kGrey16, "").labels == Labels{1, 258, 65535, 256});
  CHECK(decode_label_png(kInterlaced, "").labels == Labels{10, 20, 30, 40});
  const LabelMap map = decode_label_png(kPalette2, "");
  CHECK((map.height == 2 && map.width == 3));
}

TEST_CASE("image: broken label PNGs are refused with the place") {
  CHECK(data_error_of([] { decode_label_png(kRgb, "a.png"); }) ==
        "a.png: a PNG of colours; expected palette indices or greys");
  CHECK(data_error_of([] { decode_label_png("this is no PNG", "a.png"); }) ==
        "a.png: broken PNG; got 'Not a PNG file'");
  for (std::size_t cut = 0; cut < kPalette8.size(); ++cut) {
    INFO(cut);
    CHECK(data_error_of([&] {
            decode_label_png(kPalette8.substr(0, cut), "a.png");
          }).starts_with("a.png: broken PNG; got '"));
  }
  std::string flipped = kGrey16;
  flipped[flipped.size() - 20] ^= 1;
  CHECK(data_error_of([&] { decode_label_png(flipped, "a.png"); }).starts_with("a.png: broken PNG; got '"));
  const Folder folder;
  put(folder / "empty.png", "");
  CHECK(data_error_of([&] {
          read_label_png(folder / "empty.png");
        }).ends_with("/empty.png: the file is empty; got 0 bytes; expected a file with content"));
  CHECK(
      data_error_of([&] {
        read_label_png(folder / "none.png");
      }).ends_with("/none.png: cannot be read; got No such file or directory; expected a file with content"));
  CHECK(data_error_of([&] {
          read_label_png(folder.path());
        }).ends_with(": not a regular file; expected a file with content"));
}

TEST_CASE("image: pictures are RGB") {
  const Image image = decode_image(kRgb, "");
  CHECK((image.height == 1 && image.width == 2 && image.channels == 3));
  CHECK(image.pixels == std::vector<std::uint8_t>{1, 2, 3, 250, 100, 0});
  // Palettes become colours here.
  CHECK(decode_image(kPalette8, "").pixels ==
        std::vector<std::uint8_t>{9, 8, 7, 0, 0, 0, 255, 0, 0, 0, 255, 0});
}

TEST_CASE("image: PNG and back is exact, JPEG nearly") {
  const Image image = smooth_image();
  REQUIRE(image.pixels[1] == 0);
  REQUIRE(image.pixels[2] == 255);
  CHECK(decode_image(encode_png(image), "").pixels == image.pixels);
  CHECK(encode_png(image) == encode_png(image));
  const std::string jpeg = encode_jpeg(image, 95);
  const Image again = decode_image(jpeg, "");
  REQUIRE(again.pixels.size() == image.pixels.size());
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    CHECK(std::abs(int(again.pixels[i]) - int(image.pixels[i])) <= 16);
  CHECK(decode_image(with_orientation(jpeg), "").pixels == again.pixels);
  CHECK(image_size(with_orientation(jpeg), "") == ImageSize{24, 37});
  CHECK(image_size(encode_png(image), "") == ImageSize{24, 37});

  const Folder folder;
  Image grey{2, 3, 1, {1, 2, 3, 4, 5, 255}};
  write_png(folder / "grey.png", grey);
  CHECK(read_grey(folder / "grey.png").pixels == grey.pixels);
  CHECK(read_image_size(folder / "grey.png") == ImageSize{2, 3});
  CHECK(read_label_png(folder / "grey.png").labels == std::vector<std::uint16_t>{1, 2, 3, 4, 5, 255});
  CHECK(folder.names() == std::vector<std::string>{"grey.png"});
  grey.pixels.pop_back();
  CHECK_THROWS_WITH(encode_png(grey),
                    "encode .png: no image; got 2x3x1 and 5 bytes; expected 1 or 3 channels "
                    "of that size");
}

TEST_CASE("image: a picture that is cut short is refused, wherever the cut is") {
  const Image image = smooth_image();
  const std::string jpeg = with_orientation(encode_jpeg(image, 90)), whole = encode_png(image);
  for (std::size_t cut = 0; cut < jpeg.size(); ++cut) {
    INFO(cut);
    CHECK(data_error_of([&] { decode_image(jpeg.substr(0, cut), "a.jpg"); }).starts_with("a.jpg: "));
  }
  CHECK(data_error_of([&] { decode_image(jpeg.substr(0, jpeg.size() - 1), "a.jpg"); }) ==
        fmt::format("a.jpg: JPEG cut short; the end marker is missing after {} bytes", jpeg.size() - 1));
  // A download that stopped: zeros instead of the rest.
  CHECK(data_error_of([&] {
          decode_image(jpeg.substr(0, jpeg.size() / 2) + std::string(jpeg.size() / 2, '\0'), "a.jpg");
        }).starts_with("a.jpg: JPEG cut short"));
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    INFO(cut);
    CHECK(data_error_of([&] { decode_image(whole.substr(0, cut), "a.png"); }).starts_with("a.png: "));
  }
  CHECK(data_error_of([] {
          decode_image("GIF? no", "a.gif");
        }).starts_with("a.gif: broken or unknown image; expected a whole PNG, JPEG or other file"));
  CHECK(data_error_of([] { image_size("\x89PNG\r\n\x1a\n", "a.png"); }) ==
        "a.png: PNG cut short; got 8 bytes");
  CHECK(data_error_of([] { image_size("\xFF\xD8\xFF\xD9", "a.jpg"); }) ==
        "a.jpg: broken JPEG; no frame header found");
}
