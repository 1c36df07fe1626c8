// SPDX-License-Identifier: Apache-2.0
#include "kernels/spatial/position_encoding/position_encoding.h"

#include <catch2/catch.hpp>

#include "core/tensor/primitives.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("position_encoding: golden", "[golden]") {
  // Tensors [1, C, H, W] and [1, C, L]: the shapes are all that the functions take. The file was computed in
  // float32 and its steps' roundings are most of the difference, hence a bound of its own.
  ULS_REPLAY_GOLDEN("op_position", [](const SafetensorsFile& tensors) {
    for (const std::string& key : tensors.names()) {
      INFO(key);
      const Tensor file = tensors.tensor(key);
      const bool image = key.starts_with("sine2d");
      REQUIRE((image || key.starts_with("sine1d")));
      const Tensor actual = image ? position_encoding_2d(file.size(2), file.size(3), file.size(1))
                                  : position_encoding_1d(file.size(2), file.size(1));
      const Tensor last = image ? file.permuted({0, 2, 3, 1}) : file.permuted({0, 2, 1});
      CHECK(test::largest_difference(actual, last.reshaped(actual.shape())) <= 1e-6);
    }
  });
}

TEST_CASE("position_encoding: by hand") {
  // Angles pi / 2, pi, 3 pi / 2, 2 pi, of which features 2 and 3 take a hundredth.
  const float s = 0.0157073173f, c = 0.999876632f;
  const Tensor y = position_encoding_1d(4, 4).sliced(0, 0, 1);
  CHECK(test::largest_difference(y, test::tensor({1, 4}, {1, 0, s, c})) < 1e-6);
  // One row and two columns: angle pi, and pi / 2 and 3 pi / 2.
  CHECK(test::largest_difference(position_encoding_2d(1, 2, 4),
                                 test::tensor({1, 2, 4}, {0, -1, 1, 0, 0, -1, -1, 0})) < 4e-6);
}

TEST_CASE("position_encoding: what does not fit is named") {
  CHECK(test::error_of([] { position_encoding_2d(2, 2, 3); }) ==
        "position_encoding_2d: no halves for rows and columns; got 3 channels; expected an even number");
  CHECK(test::error_of([] { position_encoding_1d(2, 2, DType::int64); }) ==
        "position_encoding_1d: not a floating type; got int64; expected a floating type");
}

}  // namespace
}  // namespace uls
