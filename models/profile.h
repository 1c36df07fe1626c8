// SPDX-License-Identifier: Apache-2.0
// Where the time of a run goes, by operation.
#pragma once

#include <map>
#include <string>

#include "core/base/stopwatch.h"
#include "core/device/slot_observer.h"
#include "core/json/json.h"

namespace uls {

class Profile : public SlotObserver {
 public:
  struct Entry {
    std::int64_t calls = 0;
    double seconds = 0, flops = 0;
  };

  /// What runs from now on belongs to the phase "forward", "backward" ...
  void begin_phase(const std::string& phase);
  /// Ends the last phase.
  void finish();
  void ran(const char* slot, const char* op, double seconds, double flops) override;

  /// Of all phases together.
  double flops() const;
  /// A table: a line for each phase and operation, most time first; what no kernel took is "between kernels".
  std::string text() const;
  Json to_json() const;

 private:
  struct Phase {
    std::string name;
    double seconds = 0;  // of the wall clock
    std::map<std::string, Entry> operations;
  };
  std::vector<Phase> phases_;
  Stopwatch watch_{};
};

}  // namespace uls
