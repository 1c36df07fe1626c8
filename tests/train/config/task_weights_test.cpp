// SPDX-License-Identifier: Apache-2.0
#include "train/config/task_weights.h"

#include <catch2/catch.hpp>

#include "tests/support/support.h"

namespace uls {
namespace {

TEST_CASE("task weights: of the items' tasks, 1 for those that are not named") {
  const std::vector<BatchItem> items{
      {.task = Task::salient}, {.task = Task::referring}, {.task = Task::part}, {.task = Task::salient}};
  CHECK_FALSE(TaskWeights({}).of(items));
  CHECK(
      test::same_bits(TaskWeights({"salient=0.5", "part=0"}).of(items), test::tensor({4}, {0.5, 1, 0, 0.5})));
  const auto error = [](const std::string& assignment) {
    return test::error_of([&] { TaskWeights({assignment}); });
  };
  for (const char* wrong : {"part", "part=", "part=-1", "part=much"})
    CHECK(error(wrong) == fmt::format("loss.task_weights: no weight of a task; got '{}'; expected "
                                      "TASK=NUMBER, at least 0",
                                      wrong));
  CHECK_THAT(error("parts=1"), Catch::Contains("part"));
}

}  // namespace
}  // namespace uls
