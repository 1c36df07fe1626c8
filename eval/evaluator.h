// SPDX-License-Identifier: Apache-2.0
// Scores of a model on a set of the unified format, from masks of the images' own size. The model is a
// function in memory, so that training scores what it has.
//
//   const EvalResult result = evaluate(*Dataset::open("sets/scenes"), {.split = "val"}, predictor);
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/format/dataset.h"
#include "eval/metrics/label_maps.h"
#include "eval/metrics/referring.h"
#include "eval/metrics/saliency.h"
#include "eval/predictor.h"

namespace uls {

/// One sentence. Of referring targets each wording counts, as the field's benchmarks count; of others, whose
/// wordings are templates, the first.
struct EvalRow {
  std::string sample{}, target{}, kind{}, category{};  // kind and category: "" for none
  Task task = Task::referring;
  std::string text{}, asked{};  // the target's, and what the model read; they differ where shuffled
  MaskCounts counts{};          // without the sample's ignored pixels
};

/// A sentence that was just scored, for whoever shows or measures more than scores.
struct EvalView {
  const EvalRow& row;
  const Image& image;
  std::span<const std::uint8_t> truth, prediction;  // [height, width], ignored pixels are background
  std::span<const std::uint8_t> ignored;            // [height, width], or none
};

struct EvalRequest {
  std::string split{};           // "": all
  std::vector<Task> tasks{};     // none: all
  std::int64_t max_targets = 0;  // of each task, spread evenly over the set; 0: all
  float threshold = float(kMaskThreshold);
  /// The control: each sentence is asked of the target that another one of its task belongs to.
  bool shuffle = false;
  std::int64_t seed = 0;  // of the shuffling
  /// Also puts label maps together, which asks every image for every class.
  bool label_maps = false;
  std::function<void(const EvalView&)> show{};  // called with each sentence, in the order of the rows
};

struct GroupScores {
  ReferringScores masks{};
  /// Of the different texts, each with its overall IoU; those without any pixel, predicted or true, are left
  /// out. NaN where none is left.
  double mean_iou_of_sentences = 0;
};

struct TaskScores {
  Task task = Task::referring;
  GroupScores all{};
  std::map<std::string, GroupScores> kinds{}, classes{};  // of the sentences that have one
  std::optional<GeneralizedScores> generalized{};         // where some sentence has no target
  std::optional<SaliencyScores> saliency{};               // salient; ignored pixels are background there
  std::optional<LabelMapScores> label_map{};              // if asked for, of tasks with a class list
};

struct EvalResult {
  std::vector<EvalRow> rows{};  // in the order of the set
  std::vector<TaskScores> tasks{};
};

/// Raises Error for a split that the set lacks, where nothing is left to score, and for label maps of
/// shuffled sentences; DataError for samples that cannot be read.
EvalResult evaluate(const Dataset& set, const EvalRequest& request, const Predict& predict);

}  // namespace uls
