// SPDX-License-Identifier: Apache-2.0
// What the numbers of a run depend on besides its weights: kept in every checkpoint, compared on resume.
#pragma once

#include <string>
#include <vector>

#include "core/json/json.h"
#include "data/loader/parts.h"
#include "train/checkpoint/checkpoint.h"

namespace uls {

/// {"data": {DIR: "300 samples, 900 targets, sha256 ..."}, "config": SHA256, "bits": {"program": TEXT, ...}}.
/// "bits" is what results are bit-identical for: the program with its compiler, libraries, processor, threads
/// of the compute pool. `config` is the resolved one.
Json fingerprint(const std::vector<LoaderSet>& sets, const Json& config);

/// On going on from a checkpoint. Raises DataError naming the sets that changed. Other differences are a
/// warning each: keys of the config (which keys may change at all is the trainer's to say), and what keeps
/// the run from being bit-identical to an uninterrupted one.
void check_fingerprint(const Checkpoint& checkpoint, const Json& config, const Json& now);

/// "optimizer.lr: 0.1, now 0.2" of every key in which two configs differ.
std::vector<std::string> config_differences(const Json& before, const Json& now);

}  // namespace uls
