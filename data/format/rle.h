// SPDX-License-Identifier: Apache-2.0
// COCO's run-length masks: runs of a mask read column by column, background first. Results equal
// pycocotools' bit for bit (T.-Y. Lin, P. Dollar: maskApi.c).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace uls {

/// Of the largest mask: beyond, a size is taken for damage.
inline constexpr std::int64_t kMostPixels = std::int64_t(1) << 30;

struct Rle {
  std::int64_t height = 0, width = 0;
  std::vector<std::uint32_t> counts{};  // sum to height * width; none but the first is 0

  friend bool operator==(const Rle&, const Rle&) = default;
};

/// x, y, width, height in pixels; all 0 for an empty mask.
using Box = std::array<double, 4>;

/// Puts a mask together from runs in order. Runs of one kind join, empty ones vanish: one mask has one Rle.
class RleBuilder {
 public:
  RleBuilder(std::int64_t height, std::int64_t width);
  void add(std::uint32_t length, bool foreground) {
    if (length == 0) return;
    if (foreground == (rle_.counts.size() % 2 == 0))
      rle_.counts.back() += length;
    else
      rle_.counts.push_back(length);
  }
  Rle finish() && { return std::move(rle_); }

 private:
  Rle rle_;
};

/// Calls fn(x, y, length) for every piece of foreground within a column, in order.
template <typename Fn>
void for_each_column_run(const Rle& rle, Fn&& fn);

/// Nonzero is foreground; `mask` is [height, width] row-major.
Rle encode_mask(std::span<const std::uint8_t> mask, std::int64_t height, std::int64_t width);
/// [height, width] row-major of 0 and 1.
std::vector<std::uint8_t> decode_mask(const Rle& rle);
/// The same into memory that is there, of height * width bytes: foreground becomes `value`, the rest stays.
void paint_mask(const Rle& rle, std::uint8_t value, std::span<std::uint8_t> to);

std::int64_t area(const Rle& rle);
Box bounding_box(const Rle& rle);
/// The union, or the intersection, of masks of one size (at least one); another size raises Error.
Rle merge_masks(std::span<const Rle> masks, bool intersect = false);
/// Intersection over union; with `crowd`, over the area of `a`, as COCO treats crowds.
/// Another size raises Error.
double mask_iou(const Rle& a, const Rle& b, bool crowd = false);
Rle empty_mask(std::int64_t height, std::int64_t width);

/// One polygon x0, y0, x1, y1, ... in pixels, with COCO's tracing of edges on a grid of a fifth of a pixel.
/// Fewer than 3 points, or one beyond 100,000 pixels, raise Error.
Rle polygon_mask(std::span<const double> xy, std::int64_t height, std::int64_t width);
/// A box as COCO fills it.
Rle box_mask(const Box& box, std::int64_t height, std::int64_t width);

/// COCO's compressed ASCII form of the counts, and back. Raises DataError (with `where`) for text that is no
/// such form, runs that do not sum to the size, or absurd sizes; never allocates more than a small factor of
/// the text.
std::string compressed_counts(const Rle& rle);
Rle parse_compressed_counts(std::string_view text, std::int64_t height, std::int64_t width,
                            const std::string& where);
/// Checks a list of counts likewise. Empty runs in the middle, which some writers leave, are joined.
Rle checked_rle(std::vector<std::uint32_t> counts, std::int64_t height, std::int64_t width,
                const std::string& where);

/// Raises Error, with `where`, for a height or width below 1 and more than kMostPixels.
void check_mask_size(const std::string& where, std::int64_t height, std::int64_t width);

template <typename Fn>
void for_each_column_run(const Rle& rle, Fn&& fn) {
  std::int64_t at = 0;
  for (std::size_t i = 0; i < rle.counts.size(); ++i) {
    const std::int64_t end = at + rle.counts[i];
    while (i % 2 == 1 && at < end) {
      const std::int64_t y = at % rle.height, length = std::min(end - at, rle.height - y);
      fn(at / rle.height, y, length);
      at += length;
    }
    at = end;
  }
}

}  // namespace uls
