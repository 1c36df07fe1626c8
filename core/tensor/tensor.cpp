// SPDX-License-Identifier: Apache-2.0
#include "core/tensor/tensor.h"

#include <algorithm>

#include "core/autograd/node.h"
#include "core/memory/device_memory.h"

namespace uls {

namespace {

std::atomic<std::int64_t> meta_live{0}, meta_peak{0};

void raise_meta_peak(std::int64_t live) {
  std::int64_t peak = meta_peak;
  while (live > peak && !meta_peak.compare_exchange_weak(peak, live)) {
  }
}

}  // namespace

MetaBytes meta_bytes() { return {meta_live, meta_peak}; }

void reset_meta_peak() { meta_peak = meta_live.load(); }

Storage::Storage(std::int64_t bytes, Device device) : bytes_(bytes), device_(device) {
  if (device.type == DeviceType::meta)
    raise_meta_peak(meta_live += bytes);
  else if (bytes > 0)
    data_ = device_allocator(device).allocate(bytes);
}

Storage::Storage(void* data, std::int64_t bytes, std::shared_ptr<const void> owner)
    : data_(data), bytes_(bytes), device_(kCpu), owner_(std::move(owner)) {}

Storage::~Storage() {
  if (device_.type == DeviceType::meta) meta_live -= bytes_;
  if (data_ && !owner_) device_allocator(device_).free(data_);
}

Tensor::Tensor(std::shared_ptr<Storage> storage, DType dtype, const Shape& shape, const Strides& strides,
               std::int64_t offset) {
  const std::int64_t numel = count_elements(shape);
  ULS_ASSERT(strides.size() == shape.size(), "{} strides for {} sizes", strides.size(), shape.size());
  std::int64_t lowest = offset, highest = offset;
  for (int i = 0; i < shape.size(); ++i)
    (strides[i] < 0 ? lowest : highest) += numel ? strides[i] * (shape[i] - 1) : 0;
  ULS_CHECK(numel == 0 || (lowest >= 0 && highest < storage->bytes() / size_of(dtype)),
            "tensor: a view outside of its storage; got elements {} to {} of {}; expected less than {}",
            lowest, highest, to_string(dtype), storage->bytes() / size_of(dtype));
  impl_ = std::make_shared<Impl>(Impl{std::move(storage), dtype, shape, strides, offset, numel, nullptr, 0});
}

bool Tensor::is_contiguous() const {
  std::int64_t expected = 1;
  for (int i = rank() - 1; i >= 0; --i) {
    if (shape()[i] != 1 && strides()[i] != expected) return numel() == 0;
    expected *= shape()[i];
  }
  return true;
}

bool Tensor::is_sole_owner() const { return impl_.use_count() == 1 && impl().storage.use_count() == 1; }

void* Tensor::raw_data() const {
  auto* base = static_cast<char*>(impl().storage->data());
  return base && numel() > 0 ? base + offset() * size_of(dtype()) : nullptr;
}

void* Tensor::checked_data(DType wanted) const {
  ULS_CHECK(dtype() == wanted, "data: wrong element type; got {}; expected {}", describe(*this),
            to_string(wanted));
  ULS_CHECK(device().type != DeviceType::meta,
            "data: a meta tensor has no values; got {}; expected one on a device", describe(*this));
  return raw_data();
}

void* Tensor::checked_item(DType wanted) const {
  ULS_CHECK(numel() == 1, "item: not one element; got {}; expected a tensor with one element",
            describe(*this));
  ULS_CHECK(device() == kCpu, "item: not on the cpu; got {}; expected a tensor on the cpu", describe(*this));
  return checked_data(wanted);
}

Tensor Tensor::view_of(const Shape& shape, const Strides& strides, std::int64_t offset) const {
  return Tensor(storage(), dtype(), shape, strides, offset);
}

Tensor Tensor::detached() const { return view_of(shape(), strides(), offset()); }

Tensor Tensor::permuted(const Dims& dims) const {
  ULS_CHECK(dims.size() == rank(), "permute: wrong number of dimensions; got {} for {}; expected {}",
            to_string(dims), to_string(shape()), rank());
  Shape new_shape = shape();
  Strides new_strides = strides();
  unsigned seen = 0;
  for (int i = 0; i < rank(); ++i) {
    const int from = normalize_dim("permute", int(dims[i]), rank());
    ULS_CHECK(!(seen >> from & 1u), "permute: a dimension twice; got {}; expected each once",
              to_string(dims));
    seen |= 1u << from;
    new_shape[i] = shape()[from];
    new_strides[i] = strides()[from];
  }
  return view_of(new_shape, new_strides, offset());
}

Tensor Tensor::transposed(int a, int b) const {
  Dims dims = Dims::filled(rank(), 0);
  for (int i = 0; i < rank(); ++i) dims[i] = i;
  std::swap(dims[normalize_dim("transpose", a, rank())], dims[normalize_dim("transpose", b, rank())]);
  return permuted(dims);
}

Tensor Tensor::sliced(int dim, std::int64_t first, std::int64_t last, std::int64_t step) const {
  dim = normalize_dim("slice", dim, rank());
  ULS_CHECK(step >= 1, "slice: step below 1; got {}; expected at least 1", step);
  const std::int64_t size = shape()[dim];
  const auto bound = [size](std::int64_t i) {
    return std::clamp<std::int64_t>(i < 0 ? i + size : i, 0, size);
  };
  first = bound(first);
  last = std::max(first, bound(last));
  Shape new_shape = shape();
  Strides new_strides = strides();
  new_shape[dim] = (last - first + step - 1) / step;
  new_strides[dim] *= step;
  return view_of(new_shape, new_strides, offset() + first * strides()[dim]);
}

Tensor Tensor::expanded(const Shape& wanted) const {
  const int extra = wanted.size() - rank();
  ULS_CHECK(extra >= 0, "expand: too few dimensions; got {} to {}; expected at least {}", to_string(shape()),
            to_string(wanted), rank());
  Strides new_strides = Dims::filled(wanted.size(), 0);
  for (int i = 0; i < rank(); ++i) {
    ULS_CHECK(shape()[i] == wanted[i + extra] || shape()[i] == 1,
              "expand: sizes differ; got {} to {}; expected equal sizes, or 1 where it is repeated",
              to_string(shape()), to_string(wanted));
    if (shape()[i] == wanted[i + extra]) new_strides[i + extra] = strides()[i];
  }
  return view_of(wanted, new_strides, offset());
}

namespace {

// `asked` with its -1 replaced.
Shape complete_shape(const Shape& from, const Shape& asked, std::int64_t numel) {
  Shape wanted = asked;
  int unknown = -1;
  for (int i = 0; i < asked.size(); ++i) {
    if (asked[i] != -1) continue;
    ULS_CHECK(unknown < 0, "reshape: more than one -1; got {}; expected one at most", to_string(asked));
    unknown = i;
    wanted[i] = 1;
  }
  const std::int64_t known = count_elements(wanted);
  if (unknown >= 0 && known > 0) wanted[unknown] = numel / known;
  ULS_CHECK((unknown < 0 || known > 0) && count_elements(wanted) == numel,
            "reshape: sizes do not fit; got {} to {}; expected {} elements", to_string(from),
            to_string(asked), numel);
  return wanted;
}

}  // namespace

// Strides under which `wanted` is a view of this layout, if there are any.
std::optional<Strides> Tensor::strides_for(const Shape& wanted) const {
  if (numel() == 0 || is_contiguous()) return contiguous_strides(wanted);
  // Sizes of 1 have no say. A view exists where every run of the other dimensions that the new shape cuts up
  // is itself evenly strided.
  Shape old_shape;
  Strides old_strides;
  for (int i = 0; i < rank(); ++i)
    if (shape()[i] != 1) old_shape.push_back(shape()[i]), old_strides.push_back(strides()[i]);
  Strides new_strides = wanted;
  int new_dim = wanted.size() - 1;
  std::int64_t run = 1, run_stride = old_strides.back();
  for (int i = old_shape.size() - 1; i >= 0; --i) {
    run *= old_shape[i];
    if (i > 0 && old_strides[i - 1] == run * run_stride) continue;
    std::int64_t covered = 1;
    for (; new_dim >= 0 && (covered < run || wanted[new_dim] == 1); --new_dim) {
      new_strides[new_dim] = covered * run_stride;
      covered *= wanted[new_dim];
    }
    if (covered != run) return std::nullopt;
    run = 1;
    if (i > 0) run_stride = old_strides[i - 1];
  }
  return new_strides;
}

bool Tensor::can_reshape(const Shape& asked) const {
  return strides_for(complete_shape(shape(), asked, numel())).has_value();
}

Tensor Tensor::reshaped(const Shape& asked) const {
  const Shape wanted = complete_shape(shape(), asked, numel());
  const std::optional<Strides> new_strides = strides_for(wanted);
  ULS_CHECK(
      new_strides,
      "reshape: no such view of this layout; got {} with strides {} to {}; expected a contiguous tensor",
      to_string(shape()), to_string(strides()), to_string(asked));
  return view_of(wanted, *new_strides, offset());
}

Tensor& Tensor::set_requires_grad(bool on) {
  ULS_CHECK(!on || is_floating(dtype()),
            "requires_grad: only floating types have gradients; got {}; expected a floating type",
            describe(*this));
  ULS_CHECK(!impl().node || impl().node->is_leaf(),
            "requires_grad: not a leaf; got the result of '{}'; expected a leaf",
            impl_->node ? impl_->node->name() : "");
  if (on && !impl_->node) set_node(Node::make_leaf(*this), 0);
  if (!on) impl_->node = nullptr;
  return *this;
}

Tensor Tensor::grad() const { return impl().node ? impl().node->leaf_gradient() : Tensor(); }

void Tensor::set_grad(const Tensor& buffer) const { leaf("set_grad").set_leaf_gradient(buffer); }

void Tensor::set_grad_source(std::function<Tensor()> source) const {
  leaf("set_grad_source").set_gradient_source(std::move(source));
}

Node& Tensor::leaf(const char* op) const {
  ULS_CHECK(impl().node && impl().node->is_leaf(),
            "{}: not a leaf; got {}; expected a leaf that requires grad", op, describe(*this));
  return *impl().node;
}

void Tensor::set_node(std::shared_ptr<Node> node, int index) {
  impl_->node = std::move(node);
  impl_->output_index = index;
}

std::string describe(const Tensor& x) {
  if (!x) return "an undefined tensor";
  return fmt::format("{} {} on {}", to_string(x.dtype()), to_string(x.shape()), to_string(x.device()));
}

}  // namespace uls
