// SPDX-License-Identifier: Apache-2.0
// What the rooms that use oneDNN share: float32 primitives, made once for each shape and kept a thread.
// Only *_onednn.cpp include it; ULS_ONEDNN=OFF leaves those out.
#pragma once

#include <array>
#include <cstdint>
#include <dnnl.hpp>
#include <functional>
#include <initializer_list>
#include <unordered_map>
#include <utility>

namespace uls::kernels::onednn {

const dnnl::engine& engine();
dnnl::stream& stream();

/// An argument of a primitive: the caller's layout and, where the primitive wants another, the reorder
/// between.
class Argument {
 public:
  Argument(const dnnl::memory::desc& user, const dnnl::memory::desc& wanted, bool is_input);
  /// The memory to run on, for the caller's data; an input is reordered into it.
  dnnl::memory& before(float* data);
  /// Reorders a result to where the caller wants it.
  void after();

 private:
  bool is_input_, direct_;
  dnnl::memory user_, inner_;
  dnnl::reorder reorder_;
};

/// A primitive with its arguments.
struct Primitive {
  dnnl::primitive primitive;
  std::unordered_map<int, Argument> arguments{};

  /// Runs it on (DNNL_ARG_..., data) and waits. Null data stand for absent arguments.
  void run(std::initializer_list<std::pair<int, const void*>> data);
};

/// What a primitive was made for: an operation's number and its sizes.
using Key = std::array<std::int64_t, 14>;

/// The thread's primitive for the key, made by make() the first time. The least recently used ones of many
/// are dropped, with their reorder buffers.
Primitive& cached(const Key& key, const std::function<Primitive()>& make);

}  // namespace uls::kernels::onednn
