// SPDX-License-Identifier: Apache-2.0
// An evaluation on paper.
#pragma once

#include <string>

#include "core/json/json.h"
#include "eval/evaluator.h"

namespace uls {

/// A table: a line for each task, its kinds of sentence and its classes; then saliency and label maps.
std::string report_text(const EvalResult& result);

/// Everything but the rows.
Json to_json(const EvalResult& result);

/// One sentence.
Json to_json(const EvalRow& row);

}  // namespace uls
