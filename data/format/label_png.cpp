// SPDX-License-Identifier: Apache-2.0
// PNGs of numbers through libpng, because decoders of pictures turn palette indices into colours and stretch
// few bits to eight.
#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstring>

#include "core/base/error.h"
#include "data/format/file_bytes.h"
#include "data/format/image.h"
#include "data/format/rle.h"

namespace uls {
namespace {

struct Input {
  std::string_view bytes;
  std::size_t at = 0;
  char reason[160] = "";
};

void read_piece(png_structp png, png_bytep to, std::size_t count) {
  Input& input = *static_cast<Input*>(png_get_io_ptr(png));
  if (count > input.bytes.size() - input.at) png_error(png, "cut short");
  std::memcpy(to, input.bytes.data() + input.at, count);
  input.at += count;
}

[[noreturn]] void keep_reason(png_structp png, png_const_charp message) {
  Input& input = *static_cast<Input*>(png_get_error_ptr(png));
  std::strncpy(input.reason, message, sizeof input.reason - 1);
  png_longjmp(png, 1);
}

void ignore_warning(png_structp, png_const_charp) {}

// libpng leaves by longjmp: below it, nothing that has a destructor comes to life.
class PngReader {
 public:
  explicit PngReader(Input& input)
      : png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &input, keep_reason, ignore_warning)),
        info_(png_create_info_struct(png_)) {
    png_set_read_fn(png_, &input, read_piece);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  bool read_header() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_info(png_, info_);
    png_set_packing(png_);
    if (std::endian::native == std::endian::little) png_set_swap(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return true;
  }
  bool read_rows(png_bytepp rows) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }

  std::int64_t height() const { return png_get_image_height(png_, info_); }
  std::int64_t width() const { return png_get_image_width(png_, info_); }
  bool has_numbers() const {
    const int type = png_get_color_type(png_, info_);
    return type == PNG_COLOR_TYPE_PALETTE || type == PNG_COLOR_TYPE_GRAY;
  }
  bool is_wide() const { return png_get_bit_depth(png_, info_) == 16; }

 private:
  png_structp png_;
  png_infop info_;
};

void check(bool condition, const Input& input, const std::string& where) {
  if (!condition) throw DataError(fmt::format("{}: broken PNG; got '{}'", where, input.reason));
}

}  // namespace

LabelMap decode_label_png(std::string_view bytes, const std::string& where) {
  Input input{bytes};
  PngReader png(input);
  check(png.read_header(), input, where);
  if (!png.has_numbers()) throw DataError(where + ": a PNG of colours; expected palette indices or greys");
  if (png.height() > kMostPixels / png.width())
    throw DataError(fmt::format("{}: PNG too large; got {}x{}; expected at most {} pixels", where,
                                png.height(), png.width(), kMostPixels));
  LabelMap map{png.height(), png.width(), {}};
  map.labels.resize(std::size_t(map.height * map.width));
  // Bytes are read into the front half and widened from the back.
  const std::int64_t stride = png.is_wide() ? 2 * map.width : map.width;
  auto* const pixels = reinterpret_cast<png_bytep>(map.labels.data());
  std::vector<png_bytep> rows(std::size_t(map.height));
  for (std::int64_t y = 0; y < map.height; ++y) rows[std::size_t(y)] = pixels + y * stride;
  check(png.read_rows(rows.data()), input, where);
  if (!png.is_wide())
    for (std::size_t i = map.labels.size(); i-- > 0;) {
      const std::uint8_t value = pixels[i];
      map.labels[i] = value;
    }
  return map;
}

LabelMap read_label_png(const std::string& path) { return decode_label_png(read_file_bytes(path), path); }

}  // namespace uls
