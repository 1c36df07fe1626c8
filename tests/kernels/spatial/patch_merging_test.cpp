// SPDX-License-Identifier: Apache-2.0
#include "kernels/spatial/patch_merging/patch_merging.h"

#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("patch_merging: columns of a patch come before its rows") {
  const Tensor x = test::tensor({1, 2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(test::same_bits(patch_merging(x), test::tensor({1, 1, 1, 8}, {1, 2, 5, 6, 3, 4, 7, 8})));
}

TEST_CASE("patch_merging: odd sides are filled up with zeros, which have no gradient") {
  Tensor x = test::tensor({1, 1, 3, 1}, {1, 2, 3}).set_requires_grad();
  const Tensor y = patch_merging(x);
  CHECK(test::same_bits(y.detached(), test::tensor({1, 1, 2, 4}, {1, 0, 2, 0, 3, 0, 0, 0})));
  backward(y, test::tensor({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}));
  CHECK(test::same_bits(x.grad(), test::tensor({1, 1, 3, 1}, {1, 3, 5})));
}

TEST_CASE("patch_merging: what does not fit is named") {
  CHECK(test::error_of([] {
          patch_merging(zeros({2, 3, 4}));
        }) == "patch_merging: not an image; got float32 [2, 3, 4] on cpu; expected [B, H, W, C]");
  CHECK(test::error_of([] { patch_merging({}); }) ==
        "patch_merging: not an image; got an undefined tensor; expected [B, H, W, C]");
}

}  // namespace
}  // namespace uls
