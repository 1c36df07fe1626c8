// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/onednn.h"

#include <algorithm>
#include <list>
#include <memory>

#include "kernels/common/library_versions.h"

namespace uls::kernels {

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
}

namespace onednn {

const dnnl::engine& engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& stream() {
  static thread_local dnnl::stream stream(engine());
  return stream;
}

Argument::Argument(const dnnl::memory::desc& user, const dnnl::memory::desc& wanted, bool is_input)
    : is_input_(is_input), direct_(user == wanted), user_(user, engine(), nullptr) {
  if (direct_) return;
  inner_ = dnnl::memory(wanted, engine());
  reorder_ = is_input ? dnnl::reorder(user_, inner_) : dnnl::reorder(inner_, user_);
}

dnnl::memory& Argument::before(float* data) {
  user_.set_data_handle(data);
  if (direct_) return user_;
  if (is_input_) reorder_.execute(stream(), user_, inner_);
  return inner_;
}

void Argument::after() {
  if (!direct_ && !is_input_) reorder_.execute(stream(), inner_, user_);
}

void Primitive::run(std::initializer_list<std::pair<int, const void*>> data) {
  std::unordered_map<int, dnnl::memory> memories;
  for (const auto& [id, pointer] : data)
    if (pointer)
      memories.emplace(id, arguments.at(id).before(static_cast<float*>(const_cast<void*>(pointer))));
  primitive.execute(stream(), memories);
  for (const auto& [id, pointer] : data)
    if (pointer) arguments.at(id).after();
  stream().wait();
}

Primitive& cached(const Key& key, const std::function<Primitive()>& make) {
  // A training step uses about a hundred shapes; images of any size would fill memory without a limit.
  constexpr std::size_t kMost = 512;
  static thread_local std::list<std::pair<Key, Primitive>> primitives;  // most recently used first
  const auto found =
      std::find_if(primitives.begin(), primitives.end(), [&](const auto& p) { return p.first == key; });
  if (found != primitives.end()) {
    primitives.splice(primitives.begin(), primitives, found);
  } else {
    primitives.emplace_front(key, make());
    if (primitives.size() > kMost) primitives.pop_back();
  }
  return primitives.front().second;
}

}  // namespace onednn
}  // namespace uls::kernels
