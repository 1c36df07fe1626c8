// SPDX-License-Identifier: Apache-2.0
// The golden cases of small operations that share one file.
#include <catch2/catch.hpp>

#include "core/autograd/autograd.h"
#include "kernels/attention/mask_head/mask_head.h"
#include "kernels/pointwise/dropout/dropout.h"
#include "kernels/primitives/embedding/embedding.h"
#include "kernels/primitives/take_rows/take_rows.h"
#include "kernels/primitives/views/views.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

void replay_mask_head(const test::GoldenCase& golden) {
  const Tensor query = golden.get("in.query").set_requires_grad(),
               pixel = golden.get("in.pixel").set_requires_grad();  // [B, C, H, W]
  const Tensor maps = mask_head(query, permute(pixel, {0, 2, 3, 1}));
  golden.compare("out.maps", maps, query.size(3));
  backward(maps, golden.get("cot.maps"));
  golden.compare("grad.in.query", query.grad(), maps.size(3) * maps.size(4));
  golden.compare("grad.in.pixel", pixel.grad(), maps.size(0) * maps.size(2));
}

// y of one differentiable input; `terms` are summed for an element of its gradient.
void replay(const test::GoldenCase& golden, const std::string& input, std::int64_t terms,
            Tensor (*run)(const test::GoldenCase& golden, const Tensor& x)) {
  const Tensor x = golden.get("in." + input).set_requires_grad();
  const Tensor y = run(golden, x);
  golden.compare("out.y", y, 1);
  backward(y, golden.get("cot.y"));
  golden.compare("grad.in." + input, x.grad(), terms);
}

Tensor run_embedding(const test::GoldenCase& golden, const Tensor& table) {
  return embedding(table, golden.get("in.ids"));
}
Tensor run_end_rows(const test::GoldenCase& golden, const Tensor& x) {
  return take_rows(x, first_of_largest(golden.get("in.words")));
}
Tensor run_dropout(const test::GoldenCase& golden, const Tensor& x) {
  return dropout_by_mask(x, golden.get("in.keep"), golden.op().at("p").as_double());
}

TEST_CASE("misc: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_misc", [](const test::GoldenCase& golden) {
    const std::string& name = golden.name();
    if (name == "mask_head")
      replay_mask_head(golden);
    else if (name == "embedding")
      replay(golden, "table", golden.get("in.ids").numel(), run_embedding);
    else if (name == "eot_rows")
      replay(golden, "x", 1, run_end_rows);
    else if (name == "dropout" || name == "drop_path")
      replay(golden, "x", 1, run_dropout);
    else
      FAIL("no operation of this name");
  });
}

}  // namespace
}  // namespace uls
