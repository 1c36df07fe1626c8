// SPDX-License-Identifier: Apache-2.0
// Values as text, with PyTorch's rules: four decimals, "1." where all are whole, exponents where the range is
// wide, one width for all, lines of at most 80 characters.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/tensor/tensor.h"

namespace uls {
namespace {

constexpr std::int64_t kEdge = 3;          // items kept at each end of a long dimension
constexpr std::int64_t kShortened = 1000;  // elements above which long dimensions are cut
constexpr std::int64_t kLineWidth = 80;

// Positions along a dimension; -1 stands for what is left out.
std::vector<std::int64_t> shown_positions(const Tensor& x, int dim) {
  const std::int64_t size = x.shape()[dim];
  const bool cut = x.numel() > kShortened && size > 2 * kEdge;
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; i < (cut ? kEdge : size); ++i) positions.push_back(i);
  if (cut) positions.push_back(-1);
  for (std::int64_t i = size - kEdge; cut && i < size; ++i) positions.push_back(i);
  return positions;
}

// Distances of the shown elements from the first, in row-major order.
void collect_offsets(const Tensor& x, int dim, std::int64_t offset, std::vector<std::int64_t>& offsets) {
  if (dim == x.rank()) return offsets.push_back(offset);
  for (const auto i : shown_positions(x, dim))
    if (i >= 0) collect_offsets(x, dim + 1, offset + i * x.strides()[dim], offsets);
}

std::vector<std::string> format_floats(const std::vector<double>& values) {
  double smallest = std::numeric_limits<double>::infinity(), largest = 0;
  bool whole = true;
  for (const double value : values) {
    if (value == 0 || !std::isfinite(value)) continue;
    smallest = std::min(smallest, std::abs(value));
    largest = std::max(largest, std::abs(value));
    whole &= value == std::ceil(value);
  }
  const bool any = largest > 0;
  const bool exponents = any && (largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4));
  std::vector<std::string> words;
  for (const double value : values) {
    if (!std::isfinite(value))
      words.push_back(fmt::format("{}", std::isnan(value) ? std::abs(value) : value));
    else if (exponents)
      words.push_back(fmt::format("{:.4e}", value));
    else
      words.push_back(whole ? fmt::format("{:.0f}.", value) : fmt::format("{:.4f}", value));
  }
  return words;
}

std::vector<std::string> format_elements(const Tensor& x) {
  std::vector<std::int64_t> offsets;
  collect_offsets(x, 0, 0, offsets);
  std::vector<std::string> words;
  dispatch_all(x.dtype(), [&]<typename T>(TypeTag<T>) {
    const T* const first = x.data<T>();
    if (is_floating(x.dtype())) {
      std::vector<double> values;
      for (const auto offset : offsets) values.push_back(double(ComputeType<T>(first[offset])));
      words = format_floats(values);
    } else {
      for (const auto offset : offsets) words.push_back(fmt::format("{}", ComputeType<T>(first[offset])));
    }
  });
  std::size_t width = 0;
  for (const auto& word : words) width = std::max(width, word.size());
  for (auto& word : words) word.insert(0, width - word.size(), ' ');
  return words;
}

using Word = std::vector<std::string>::const_iterator;

// The nested text of dimensions `dim` and after; `word` moves over the elements.
std::string nest(const Tensor& x, int dim, Word& word) {
  if (dim == x.rank()) return *word++;
  const bool is_row = dim + 1 == x.rank();
  const std::string indent(std::size_t(dim + 1), ' ');
  const std::int64_t per_line =
      is_row ? std::max<std::int64_t>(1, (kLineWidth - dim) / std::int64_t(word->size() + 2)) : 1;
  const std::string line_end =
      "," + std::string(std::size_t(x.rank() - dim - (is_row ? 0 : 1)), '\n') + indent;
  std::string text = "[";
  std::int64_t count = 0;
  for (const auto i : shown_positions(x, dim)) {
    if (count > 0) text += count % per_line == 0 ? line_end : ", ";
    text += i >= 0 ? nest(x, dim + 1, word) : is_row ? " ..." : "...";
    ++count;
  }
  return text + "]";
}

}  // namespace

std::string to_string(const Tensor& x) {
  if (!x || x.device() != kCpu) return describe(x);
  if (x.numel() == 0) return "[]\n" + describe(x);
  const std::vector<std::string> words = format_elements(x);
  Word word = words.begin();
  return nest(x, 0, word) + "\n" + describe(x);
}

}  // namespace uls
