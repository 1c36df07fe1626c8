// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace uls {

/// "data check: 1200 of 5000 samples" on stderr: on a terminal one line that is written over, elsewhere a
/// line every ten seconds.
class Progress {
 public:
  Progress(std::string what, std::int64_t total);
  /// Ends the terminal's line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::int64_t done);

 private:
  std::string what_;
  std::int64_t total_;
  bool terminal_, begun_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace uls
