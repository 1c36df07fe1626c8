// SPDX-License-Identifier: Apache-2.0
// Somebody who watches the device functions of the calling thread: profiles, and counts of arithmetic.
#pragma once

namespace uls {

class SlotObserver {
 public:
  virtual ~SlotObserver() = default;
  /// A slot ran, or on `meta` would have run. `op` is the operation that it belongs to (OpScope), or nullptr;
  /// `flops` the slot's own count, a multiply-add as two, 0 where it has none. Slots that the function calls
  /// in turn are not seen.
  virtual void ran(const char* slot, const char* op, double seconds, double flops) = 0;

  /// Of this thread; nullptr where nobody watches.
  static SlotObserver* current() { return current_; }

 private:
  friend class SlotObserverScope;
  static inline thread_local SlotObserver* current_ = nullptr;
};

/// `observer` (nullptr: nobody) watches this thread for a scope.
class SlotObserverScope {
 public:
  explicit SlotObserverScope(SlotObserver* observer) : previous_(SlotObserver::current_) {
    SlotObserver::current_ = observer;
  }
  ~SlotObserverScope() { SlotObserver::current_ = previous_; }
  SlotObserverScope(const SlotObserverScope&) = delete;
  SlotObserverScope& operator=(const SlotObserverScope&) = delete;

 private:
  SlotObserver* previous_;
};

}  // namespace uls
