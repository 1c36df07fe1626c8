// SPDX-License-Identifier: Apache-2.0
#include "core/io/tensor_bytes.h"

#include <algorithm>
#include <vector>

namespace uls {

void for_each_piece(const Tensor& x, const ConsumeBytes& consume) {
  const std::int64_t element_bytes = size_of(x.dtype());
  if (x.is_contiguous()) return consume(static_cast<const char*>(x.raw_data()), x.numel() * element_bytes);
  constexpr std::size_t kPiece = std::size_t(1) << 20;
  std::vector<char> piece;
  piece.reserve(kPiece);
  const char* element = static_cast<const char*>(x.raw_data());
  Dims index = Dims::filled(x.rank(), 0);
  for (std::int64_t n = 0; n < x.numel(); ++n) {
    piece.insert(piece.end(), element, element + element_bytes);
    if (piece.size() == kPiece) {
      consume(piece.data(), std::int64_t(piece.size()));
      piece.clear();
    }
    for (int d = x.rank() - 1; d >= 0; --d) {
      const std::int64_t step = x.strides()[d] * element_bytes;
      if (++index[d] < x.shape()[d]) {
        element += step;
        break;
      }
      element -= step * (index[d] - 1);
      index[d] = 0;
    }
  }
  consume(piece.data(), std::int64_t(piece.size()));
}

void check_truth_values(const char* data, std::int64_t bytes) {
  const char* const wrong =
      std::find_if(data, data + bytes, [](char byte) { return byte != 0 && byte != 1; });
  ULS_CHECK(wrong == data + bytes, "a truth value that is none; got {} at element {}; expected 0 or 1",
            int(static_cast<unsigned char>(*wrong)), wrong - data);
}

}  // namespace uls
