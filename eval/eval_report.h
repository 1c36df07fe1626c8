// SPDX-License-Identifier: Apache-2.0
// An evaluation on paper.
#pragma once

#include <string>
#include <vector>

#include "core/json/json.h"
#include "data/tools/constant_mask.h"
#include "eval/evaluator.h"

namespace uls {

/// A table: a line for each task, its kinds of sentence and its classes; then saliency and label maps.
/// `constants`: rows of the best constant masks on the same sentences, for a column beside ours.
std::string report_text(const EvalResult& result, const std::vector<ConstantRow>& constants = {});

/// Everything but the rows.
Json to_json(const EvalResult& result);

/// One sentence.
Json to_json(const EvalRow& row);

}  // namespace uls
