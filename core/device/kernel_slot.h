// SPDX-License-Identifier: Apache-2.0
// A slot holds one device function (operation x device). An operation's room declares its slots in
// <op>_kernel.h; <op>_cpu.cpp and <op>_cuda.cu fill them in bind_<op>_cpu() and bind_<op>_cuda(), and
// bind_kernels() calls every such function once: no static constructors, so no kernel gets lost in a library.
#pragma once

#include <array>

#include "core/base/error.h"
#include "core/base/op_scope.h"
#include "core/base/stopwatch.h"
#include "core/device/device.h"
#include "core/device/slot_observer.h"

namespace uls {

template <typename Signature>
class KernelSlot;

template <typename... Args>
class KernelSlot<void(Args...)> {
 public:
  using Function = void (*)(Args...);
  /// The arithmetic of a call, a multiply-add as two.
  using FlopCount = double (*)(Args...);

  explicit constexpr KernelSlot(const char* name, FlopCount flops = nullptr) : name_(name), flops_(flops) {}

  void bind(DeviceType device, Function function) { table_[int(device)] = function; }
  bool bound(DeviceType device) const { return table_[int(device)] != nullptr; }

  /// Runs the device's function. On `meta` nothing runs: shapes are all there is.
  void operator()(Device device, Args... args) const {
    if (SlotObserver* observer = SlotObserver::current()) {
      const SlotObserverScope inner(nullptr);
      const Stopwatch watch;
      run(device, args...);
      const double seconds = watch.seconds();
      observer->ran(name_, OpScope::current(), seconds, flops_ ? flops_(args...) : 0);
    } else {
      run(device, args...);
    }
  }

 private:
  void run(Device device, Args... args) const {
    if (device.type == DeviceType::meta) return;
    const Function function = table_[int(device.type)];
    ULS_CHECK(function, "{}: this build has no {} kernel; got a tensor on {}; expected {}", name_,
              device.type == DeviceType::cuda ? "CUDA" : "CPU", to_string(device),
              device.type == DeviceType::cuda ? "a tensor on the cpu, or a build with CUDA"
                                              : "a call of uls::bind_kernels() at the start of main");
    function(static_cast<Args&&>(args)...);
  }

  const char* name_;
  FlopCount flops_;
  std::array<Function, kDeviceTypes> table_{};
};

}  // namespace uls
