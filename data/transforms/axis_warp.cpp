// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/axis_warp.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "core/base/error.h"

namespace uls {
namespace {

constexpr int kSteps = 32;      // of a pixel
constexpr int kOne = 1 << 15;   // the weights' sum
constexpr int kTaps = 4;        // of cubic interpolation, in each direction
constexpr int kMargin = kTaps;  // border pixels beside a row: the taps of a place that is all outside

int rounded(double value) { return int(std::lrint(value)); }

// Source coordinates of rows and columns, in units of 2^-10 before `place` cuts them to the steps in use.
class Coordinates {
 public:
  // half: what makes the cut a rounding.
  Coordinates(const Affine& inverse, std::int64_t side, int half)
      : inverse_(inverse), half_(half), deltas_(std::size_t(side)) {
    for (std::int64_t x = 0; x < side; ++x) {
      deltas_[std::size_t(x)] = rounded(inverse[0] * double(x) * 1024);
      ULS_ASSERT(rounded(inverse[3] * double(x) * 1024) == 0, "axis_warp: the matrix rotates");
    }
  }

  int row(std::int64_t y) const { return start(4, y); }
  // What column() adds for this row: the same for all rows, but for a tie that rounding error may break.
  int row_start(std::int64_t y) const { return start(1, y); }
  int column(int row_start, std::int64_t x) const { return row_start + deltas_[std::size_t(x)]; }

 private:
  int start(std::size_t at, std::int64_t y) const {
    return rounded((inverse_[at] * double(y) + inverse_[at + 1]) * 1024) + half_;
  }

  Affine inverse_;
  int half_;
  std::vector<int> deltas_;
};

std::array<float, kTaps> cubic_weights(float x) {
  constexpr float a = -0.75f;
  std::array<float, kTaps> w;
  w[0] = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
  w[1] = ((a + 2) * x - (a + 3)) * x * x + 1;
  w[2] = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
  w[3] = 1 - w[0] - w[1] - w[2];
  return w;
}

// 16 weights of 15 bits, row by row, that sum to kOne: the rounding error goes to the least or the greatest
// of the middle ones.
std::array<int, kTaps * kTaps> fixed_weights(int fy, int fx) {
  const auto wy = cubic_weights(float(fy) / kSteps), wx = cubic_weights(float(fx) / kSteps);
  std::array<int, kTaps * kTaps> fixed;
  int sum = 0;
  for (std::size_t k = 0; k < fixed.size(); ++k) {
    const float product = wy[k / kTaps] * wx[k % kTaps];
    fixed[k] = int(std::lrint(product * kOne));
    sum += fixed[k];
  }
  constexpr std::size_t kMiddle = 2;
  std::size_t least = kMiddle * kTaps + kMiddle, most = least;
  for (std::size_t y = kMiddle; y < kTaps; ++y)
    for (std::size_t x = kMiddle; x < kTaps; ++x) {
      const std::size_t k = y * kTaps + x;
      if (fixed[k] < fixed[least])
        least = k;
      else if (fixed[k] > fixed[most])
        most = k;
    }
  fixed[sum < kOne ? most : least] -= sum - kOne;
  return fixed;
}

// A row of taps of RGB: r0 g0 b0 ... r3 g3 b3, then 4 unused. Products of bytes and weights, and all their
// sums, are whole numbers below 2^24 (255 x 1.375^2 x 2^15), so float32 holds them exactly.
constexpr int kLanes = 16;
using Lanes [[gnu::vector_size(kLanes * sizeof(float))]] = float;

struct CubicTable {
  // [fy][fx][row of taps][lane]
  alignas(64) float weights[kSteps][kSteps][kTaps][kLanes];

  static const CubicTable& instance() {
    static const std::unique_ptr<const CubicTable> table = [] {
      auto made = std::make_unique<CubicTable>();
      for (int fy = 0; fy < kSteps; ++fy)
        for (int fx = 0; fx < kSteps; ++fx) {
          const auto fixed = fixed_weights(fy, fx);
          for (int y = 0; y < kTaps; ++y)
            for (int lane = 0; lane < kLanes; ++lane)
              made->weights[fy][fx][y][lane] =
                  lane < 3 * kTaps ? float(fixed[std::size_t(y * kTaps + lane / 3)]) : 0;
        }
      return made;
    }();
    return *table;
  }
};

// The four source rows that an output row needs, as float32 with border pixels around them.
class RowWindow {
 public:
  RowWindow(const Image& image, const std::array<std::uint8_t, 3>& border)
      : image_(image), length_((image.width + 2 * kMargin) * 3 + kLanes) {
    for (auto& row : rows_) {
      row.resize(std::size_t(length_));
      paint(row.data(), length_, border);
    }
    outside_ = rows_[0];
    numbers_.fill(-1);
  }

  const float* row(std::int64_t y) {
    if (y < 0 || y >= image_.height) return outside_.data();
    const auto slot = std::size_t(y % kTaps);
    if (numbers_[slot] != y) {
      std::copy_n(image_.row(y), image_.width * 3, rows_[slot].data() + kMargin * 3);
      numbers_[slot] = y;
    }
    return rows_[slot].data();
  }

 private:
  static void paint(float* row, std::int64_t length, const std::array<std::uint8_t, 3>& border) {
    for (std::int64_t i = 0; i < length; ++i) row[i] = border[std::size_t(i % 3)];
  }

  const Image& image_;
  std::int64_t length_;
  std::array<std::vector<float>, kTaps> rows_;
  std::array<std::int64_t, kTaps> numbers_;
  std::vector<float> outside_;
};

// Where the taps of each column begin in a row of RowWindow, and the column's part of the weights.
struct Columns {
  std::vector<std::int32_t> offset, fraction;

  void fill(const Coordinates& coordinates, int row_start, std::int64_t width) {
    for (std::size_t x = 0; x < offset.size(); ++x) {
      const int at = coordinates.column(row_start, std::int64_t(x)) >> 5;
      // Further out there is nothing but border either.
      const auto pixel = std::clamp<std::int64_t>(at >> 5, -3, width + 1);
      offset[x] = std::int32_t((pixel - 1 + kMargin) * 3);
      fraction[x] = at & (kSteps - 1);
    }
  }
};

void warp_row(const std::array<const float*, kTaps>& rows, const Columns& columns,
              const float (*weights)[kTaps][kLanes], float* sums) {
  for (std::size_t x = 0; x < columns.offset.size(); ++x) {
    const float(*w)[kLanes] = weights[columns.fraction[x]];
    Lanes sum{};
    for (std::size_t y = 0; y < kTaps; ++y) {
      Lanes taps, weight;
      std::memcpy(&taps, rows[y] + columns.offset[x], sizeof taps);
      std::memcpy(&weight, w[y], sizeof weight);
      sum += taps * weight;
    }
    sum += __builtin_shufflevector(sum, sum, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15, 15, 15, 15, 15, 15);
    sum += __builtin_shufflevector(sum, sum, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15, 15, 15);
    std::memcpy(sums + 3 * x, &sum, 4 * sizeof(float));  // the fourth is overwritten by the next pixel
  }
}

}  // namespace

Image warp_cubic(const Image& image, const Affine& inverse, std::int64_t side,
                 const std::array<std::uint8_t, 3>& border) {
  const CubicTable& table = CubicTable::instance();
  const Coordinates coordinates(inverse, side, 1024 / kSteps / 2);
  RowWindow window(image, border);
  Columns columns{std::vector<std::int32_t>(std::size_t(side)), std::vector<std::int32_t>(std::size_t(side))};
  std::vector<float> sums(std::size_t(side * 3 + 1));
  Image result{side, side, 3, std::vector<std::uint8_t>(std::size_t(side * side * 3))};
  for (std::int64_t y = 0; y < side; ++y) {
    const int start = coordinates.row_start(y);
    if (y == 0 || start != coordinates.row_start(y - 1)) columns.fill(coordinates, start, image.width);
    const int at = coordinates.row(y) >> 5;
    std::array<const float*, kTaps> rows;
    for (int k = 0; k < kTaps; ++k) rows[std::size_t(k)] = window.row((at >> 5) - 1 + k);
    warp_row(rows, columns, table.weights[at & (kSteps - 1)], sums.data());
    std::uint8_t* out = result.row(y);
    for (std::int64_t i = 0; i < side * 3; ++i)
      out[i] = std::uint8_t(std::clamp((int(sums[std::size_t(i)]) + kOne / 2) >> 15, 0, 255));
  }
  return result;
}

std::vector<std::uint8_t> warp_mask(std::span<const std::uint8_t> mask, std::int64_t height,
                                    std::int64_t width, const Affine& inverse, std::int64_t side,
                                    MaskWarp how, std::int64_t step) {
  ULS_CHECK(std::int64_t(mask.size()) == height * width && step >= 1,
            "warp_mask: another size; got {} pixels and step {}; expected {}x{} and 1 or more", mask.size(),
            step, height, width);
  const bool linear = how == MaskWarp::linear;
  const Coordinates coordinates(inverse, side, linear ? 1024 / kSteps / 2 : 1024 / 2);
  const auto pixel = [&](std::int64_t y, std::int64_t x) {
    return y >= 0 && y < height && x >= 0 && x < width && mask[std::size_t(y * width + x)] != 0;
  };
  std::vector<std::uint8_t> result;
  result.reserve(std::size_t((side + step - 1) / step * ((side + step - 1) / step)));
  for (std::int64_t y = 0; y < side; y += step) {
    const int start = coordinates.row_start(y), row = coordinates.row(y);
    for (std::int64_t x = 0; x < side; x += step) {
      const int column = coordinates.column(start, x);
      if (!linear) {
        result.push_back(pixel(row >> 10, column >> 10) ? 255 : 0);
        continue;
      }
      const int px = column >> 10, py = row >> 10;
      const int fx = (column >> 5) & (kSteps - 1), fy = (row >> 5) & (kSteps - 1);
      const int sum = (kSteps - fy) * ((kSteps - fx) * pixel(py, px) + fx * pixel(py, px + 1)) +
                      fy * ((kSteps - fx) * pixel(py + 1, px) + fx * pixel(py + 1, px + 1));
      result.push_back(std::uint8_t((255 * sum + kSteps * kSteps / 2) / (kSteps * kSteps)));
    }
  }
  return result;
}

}  // namespace uls
