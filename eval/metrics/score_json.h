// SPDX-License-Identifier: Apache-2.0
// Scores in JSON, which has no NaN: one that is not defined is null.
#pragma once

#include <cmath>
#include <span>

#include "core/json/json.h"

namespace uls {

inline Json score_json(double score) { return std::isnan(score) ? Json() : Json(score); }

inline Json score_json(std::span<const double> scores) {
  Json list = Json::array();
  for (const double score : scores) list.push_back(score_json(score));
  return list;
}

}  // namespace uls
