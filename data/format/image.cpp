// SPDX-License-Identifier: Apache-2.0
#include "data/format/image.h"

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/base/error.h"
#include "core/io/atomic_file.h"
#include "data/format/file_bytes.h"
#include "data/format/image_skeleton.h"

namespace uls {
namespace {

// Our loops and loaders have their own threads. The list of codecs is made here, under a guard that
// ThreadSanitizer sees: OpenCV's own is not instrumented.
void prepare_opencv() {
  static const bool done = [] {
    cv::setNumThreads(1);
    ULS_ASSERT(cv::haveImageWriter(".png"), "OpenCV has no PNG");
    return true;
  }();
  (void)done;
}

Image copy_of(const cv::Mat& picture) {
  Image image{picture.rows, picture.cols, picture.channels(), {}};
  image.pixels.resize(picture.total() * picture.elemSize());
  cv::Mat target(picture.rows, picture.cols, picture.type(), image.pixels.data());
  if (image.channels == 3)
    cv::cvtColor(picture, target, cv::COLOR_BGR2RGB);
  else
    picture.copyTo(target);
  return image;
}

Image decode(std::string_view bytes, const std::string& where, int mode) {
  prepare_opencv();
  if (bytes.empty()) throw DataError(where + ": empty image; got 0 bytes");
  if (is_jpeg(bytes)) check_jpeg_end(bytes, where);
  if (is_png(bytes)) check_png_end(bytes, where);
  cv::Mat picture;
  std::string reason;
  try {
    const cv::Mat buffer(1, int(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
    picture = cv::imdecode(buffer, mode | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception& error) {
    reason = "; " + error.err;
  }
  if (picture.empty())
    throw DataError(
        fmt::format("{}: broken or unknown image{}; expected a whole PNG, JPEG or other file "
                    "that OpenCV reads",
                    where, reason));
  return copy_of(picture);
}

std::string encode(const char* extension, const Image& image, const std::vector<int>& options) {
  prepare_opencv();
  ULS_CHECK(image.height >= 1 && image.width >= 1 && (image.channels == 1 || image.channels == 3) &&
                std::int64_t(image.pixels.size()) == image.height * image.width * image.channels,
            "encode {}: no image; got {}x{}x{} and {} bytes; expected 1 or 3 channels of that size",
            extension, image.height, image.width, image.channels, image.pixels.size());
  const cv::Mat source(int(image.height), int(image.width), image.channels == 3 ? CV_8UC3 : CV_8UC1,
                       const_cast<std::uint8_t*>(image.pixels.data()));
  cv::Mat swapped;
  if (image.channels == 3) cv::cvtColor(source, swapped, cv::COLOR_RGB2BGR);
  const cv::Mat& picture = image.channels == 3 ? swapped : source;
  std::vector<std::uint8_t> bytes;
  ULS_CHECK(cv::imencode(extension, picture, bytes, options), "encode {}: OpenCV refuses {}x{} pixels",
            extension, image.height, image.width);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Image decode_image(std::string_view bytes, const std::string& where) {
  return decode(bytes, where, cv::IMREAD_COLOR);
}

std::string opencv_version() { return cv::getVersionString(); }

Image read_image(const std::string& path) { return decode_image(read_file_bytes(path), path); }

Image read_grey(const std::string& path) { return decode(read_file_bytes(path), path, cv::IMREAD_GRAYSCALE); }

std::string encode_png(const Image& image) { return encode(".png", image, {}); }

std::string encode_jpeg(const Image& image, int quality) {
  return encode(".jpg", image, {cv::IMWRITE_JPEG_QUALITY, quality});
}

void write_png(const std::string& path, const Image& image) { write_atomically(path, encode_png(image)); }

ImageSize image_size(std::string_view bytes, const std::string& where) {
  if (is_jpeg(bytes)) return jpeg_size(bytes, where);
  if (is_png(bytes)) return png_size(bytes, where);
  const Image image = decode_image(bytes, where);
  return {image.height, image.width};
}

ImageSize read_image_size(const std::string& path) { return image_size(read_file_bytes(path), path); }

}  // namespace uls
