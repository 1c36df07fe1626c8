// SPDX-License-Identifier: Apache-2.0
#include "core/io/file_layout.h"

namespace uls {

Shape file_shape(const Shape& shape, FileLayout layout) {
  return layout == FileLayout::same ? shape : Shape{shape[0], shape[3], shape[1], shape[2]};
}

Tensor to_file_layout(const Tensor& x, FileLayout layout) {
  return layout == FileLayout::same ? x.detached() : x.permuted({0, 3, 1, 2});
}

Tensor from_file_layout(const Tensor& x, FileLayout layout) {
  return layout == FileLayout::same ? x.detached() : x.permuted({0, 2, 3, 1});
}

}  // namespace uls
