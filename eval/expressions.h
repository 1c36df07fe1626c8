// SPDX-License-Identifier: Apache-2.0
// Which sentences an evaluation asks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eval/evaluator.h"

namespace uls {

struct Expression {
  std::int64_t sample = 0;
  std::int32_t target = 0;
  Task task = Task::referring;
  std::string text{}, asked{};  // see EvalRow
};

/// In the order of the set. Raises Error as evaluate() says.
std::vector<Expression> expressions_of(const Dataset& set, const EvalRequest& request);

}  // namespace uls
