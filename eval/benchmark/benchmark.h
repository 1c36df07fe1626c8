// SPDX-License-Identifier: Apache-2.0
// What others say that they scored on a set (configs/benchmarks), beside which ours is shown.
#pragma once

#include <string>
#include <vector>

#include "core/config/field.h"
#include "core/config_command.h"
#include "eval/evaluator.h"

namespace uls {

struct Benchmark {
  std::string set{}, split{}, task = "referring";
  std::vector<std::string> methods{}, metrics{};  // as many as are published
  std::vector<double> published{};                // per cent
  std::string source{}, caveat{}, convert{}, command{};
};

const FieldTable<Benchmark>& benchmark_table();

/// The file with its bases, and "key=value" on top. Raises Error with file and line, and for lists that
/// differ in length.
Benchmark read_benchmark(const std::string& path, const std::vector<std::string>& overrides = {});

/// What is published, line by line, then ours under both metrics. The result must have the task.
std::string comparison_text(const Benchmark& benchmark, const EvalResult& result);

/// What `config resolve` takes for a benchmark: files with the key `published`.
ConfigFileKind benchmark_file_kind();

}  // namespace uls
