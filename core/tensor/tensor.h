// SPDX-License-Identifier: Apache-2.0
// The tensor: a handle to (storage, type, shape, strides, offset). Copies of a handle share everything.
//
// Its methods describe, and make views that share memory and carry no history (permuted, sliced, ...).
// What is differentiable is a free function of a room under kernels/ (permute, slice, ...).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/device/device.h"
#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

namespace uls {

class Node;

/// One block of memory, shared by all views into it. On `meta` there is no memory (data is null).
class Storage {
 public:
  /// Takes `bytes` from the device's allocator; raises OutOfMemory where it has none.
  Storage(std::int64_t bytes, Device device);
  /// Memory that `owner` keeps alive, e.g. a mapped file.
  Storage(void* data, std::int64_t bytes, std::shared_ptr<const void> owner);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  void* data() const { return data_; }
  std::int64_t bytes() const { return bytes_; }
  Device device() const { return device_; }

  /// How often the contents were changed in place: saved tensors compare it.
  std::uint64_t version() const { return version_; }
  void bump_version() { ++version_; }

 private:
  void* data_ = nullptr;
  std::int64_t bytes_ = 0;
  Device device_;
  std::shared_ptr<const void> owner_;
  std::uint64_t version_ = 0;
};

/// What the tensors on `meta` of this process would take, had they memory.
struct MetaBytes {
  std::int64_t live = 0, peak = 0;  // peak since the start, or reset_meta_peak()
};
MetaBytes meta_bytes();
void reset_meta_peak();

class Tensor {
 public:
  /// The undefined tensor: stands for "none", e.g. an absent bias.
  Tensor() = default;
  /// A view of `storage`; strides and offset count elements. Raises Error where it would reach outside.
  Tensor(std::shared_ptr<Storage> storage, DType dtype, const Shape& shape, const Strides& strides,
         std::int64_t offset);

  explicit operator bool() const { return impl_ != nullptr; }

  const Shape& shape() const { return impl().shape; }
  const Strides& strides() const { return impl().strides; }
  std::int64_t offset() const { return impl().offset; }
  DType dtype() const { return impl().dtype; }
  Device device() const { return impl().storage->device(); }
  int rank() const { return shape().size(); }
  std::int64_t numel() const { return impl().numel; }
  /// Size of a dimension; negative ones count from the last.
  std::int64_t size(int dim) const { return shape()[normalize_dim("size", dim, rank())]; }
  bool is_contiguous() const;
  const std::shared_ptr<Storage>& storage() const { return impl().storage; }
  /// True where no other handle or view shares the memory.
  bool is_sole_owner() const;

  /// First element. T must match dtype(); raises Error otherwise, and on `meta`.
  template <typename T>
  T* data() const {
    return static_cast<T*>(checked_data(kDTypeOf<T>));
  }
  /// First element, untyped; null on `meta` and for empty tensors.
  void* raw_data() const;
  /// The value of a tensor with one element, of type T, on the CPU.
  template <typename T>
  T item() const {
    return *static_cast<T*>(checked_item(kDTypeOf<T>));
  }

  // Views without history.
  /// The same elements in another shape; one size may be -1. Raises Error where strides forbid a view.
  Tensor reshaped(const Shape& shape) const;
  /// Whether reshaped() finds a view for a shape with the right number of elements.
  bool can_reshape(const Shape& shape) const;
  /// Dimension i of the result is dims[i] of this.
  Tensor permuted(const Dims& dims) const;
  Tensor transposed(int a, int b) const;
  /// Elements first, first + step, ... below last, along `dim`; negative bounds count from the end.
  Tensor sliced(int dim, std::int64_t first, std::int64_t last, std::int64_t step = 1) const;
  /// Sizes of 1 repeated without a copy, as PyTorch's expand.
  Tensor expanded(const Shape& shape) const;
  /// The same view without history.
  Tensor detached() const;

  // History: see core/autograd.
  bool requires_grad() const { return impl_ && impl_->node != nullptr; }
  /// Makes a leaf whose gradient backward() fills. Floating types only.
  Tensor& set_requires_grad(bool on = true);
  /// The gradient of a leaf; undefined before backward().
  Tensor grad() const;
  /// Gives the leaf the contiguous buffer that gradients are added to from now on (a view into a bucket,
  /// say); an undefined tensor drops the gradient.
  void set_grad(const Tensor& buffer) const;
  /// The same at the last moment: `source` is called for the buffer when a gradient arrives and the leaf has
  /// none; an empty function ends that.
  void set_grad_source(std::function<Tensor()> source) const;

  const std::shared_ptr<Node>& node() const { return impl().node; }
  int output_index() const { return impl().output_index; }
  /// Used by record(): this handle becomes output `index` of `node`.
  void set_node(std::shared_ptr<Node> node, int index);

 private:
  struct Impl {
    std::shared_ptr<Storage> storage;
    DType dtype;
    Shape shape;
    Strides strides;
    std::int64_t offset, numel;
    std::shared_ptr<Node> node;
    int output_index;
  };
  const Impl& impl() const {
    ULS_CHECK(impl_, "tensor: used before it was made; got an undefined tensor; expected a defined one");
    return *impl_;
  }
  Node& leaf(const char* op) const;
  void* checked_data(DType wanted) const;
  void* checked_item(DType wanted) const;
  Tensor view_of(const Shape& shape, const Strides& strides, std::int64_t offset) const;
  std::optional<Strides> strides_for(const Shape& shape) const;

  std::shared_ptr<Impl> impl_;
};

/// "float32 [2, 3] on cpu", for messages.
std::string describe(const Tensor& x);

/// The values, nested like PyTorch prints them; long dimensions are cut to three from each end.
std::string to_string(const Tensor& x);

}  // namespace uls
