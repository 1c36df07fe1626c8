// SPDX-License-Identifier: Apache-2.0
// COCO's text for run lengths: from the fourth on each is the difference to the one before the last, cut into
// groups of 5 bits, lowest first; bit 6 says that another follows, and 48 makes a printable character of it.
#include <limits>
#include <numeric>

#include "data/format/data_error.h"
#include "data/format/rle.h"

namespace uls {
namespace {

constexpr int kFirst = '0', kLast = kFirst + 63, kMore = 32, kSign = 16, kBits = 5;

}  // namespace

std::string compressed_counts(const Rle& rle) {
  std::string text;
  for (std::size_t i = 0; i < rle.counts.size(); ++i) {
    std::int64_t number = rle.counts[i];
    if (i > 2) number -= rle.counts[i - 2];
    for (bool more = true; more;) {
      int group = int(number & (kMore - 1));
      number >>= kBits;
      more = (group & kSign) != 0 ? number != -1 : number != 0;
      if (more) group |= kMore;
      text += char(kFirst + group);
    }
  }
  return text;
}

Rle parse_compressed_counts(std::string_view text, std::int64_t height, std::int64_t width,
                            const std::string& where) {
  constexpr int kLongest = 7;  // 35 bits hold every difference of two counts
  std::vector<std::uint32_t> counts;
  for (std::size_t at = 0; at < text.size();) {
    std::int64_t number = 0;
    for (int length = 0;;) {
      if (at == text.size()) throw DataError(where + ": mask cut short; the last count is not complete");
      const int c = static_cast<unsigned char>(text[at++]);
      if (c < kFirst || c > kLast || length == kLongest)
        throw DataError(
            fmt::format("{}: no compressed mask; got byte {} at position {}; expected COCO's "
                        "characters '0' to 'o', at most {} a count",
                        where, c, at - 1, kLongest));
      const std::int64_t group = c - kFirst;
      number |= (group & (kMore - 1)) << kBits * length++;
      if ((group & kMore) != 0) continue;
      if ((group & kSign) != 0) number -= std::int64_t(1) << kBits * length;
      break;
    }
    if (counts.size() > 2) number += counts[counts.size() - 2];
    if (number < 0 || number > std::numeric_limits<std::uint32_t>::max())
      throw DataError(fmt::format("{}: count {} of the mask is out of range; got {}; expected 0 to {}", where,
                                  counts.size(), number, std::numeric_limits<std::uint32_t>::max()));
    counts.push_back(std::uint32_t(number));
  }
  return checked_rle(std::move(counts), height, width, where);
}

Rle checked_rle(std::vector<std::uint32_t> counts, std::int64_t height, std::int64_t width,
                const std::string& where) {
  return as_data_error([&] {
    check_mask_size(where, height, width);
    const std::int64_t sum = std::accumulate(counts.begin(), counts.end(), std::int64_t(0));
    ULS_CHECK(sum == height * width, "{}: the mask's counts do not sum to its size; got {}; expected {}x{}",
              where, sum, height, width);
    RleBuilder rle(height, width);
    for (std::size_t i = 0; i < counts.size(); ++i) rle.add(counts[i], i % 2 == 1);
    return std::move(rle).finish();
  });
}

}  // namespace uls
