// SPDX-License-Identifier: Apache-2.0
// Any bytes as a file of PyTorch, and as the pickle inside of one: read, or refused by an Error.
#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "core/io/tensor_bytes.h"
#include "core/io/weights_file.h"
#include "tests/core/io/pytorch_fixture.h"

namespace {

// Asks for every tensor, and looks at every element of the small ones.
void use(const uls::WeightsFile& file) {
  for (const auto& [name, tensor] : uls::flatten(file.root)) {
    const uls::Tensor x = tensor->read();
    unsigned sum = 0;
    if (tensor->bytes < 1 << 16)
      uls::for_each_piece(x, [&](const char* data, std::int64_t bytes) {
        for (std::int64_t i = 0; i < bytes; ++i) sum += static_cast<unsigned char>(data[i]);
      });
    volatile unsigned kept = sum;
    (void)kept;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const bool is_file = bytes.starts_with("PK") || bytes.starts_with("\x80\x02\x8a\x0a");
  try {
    use(uls::read_weights(uls::test::in_memory(is_file ? bytes : uls::test::made_module(bytes).text())));
  } catch (const uls::Error&) {
  }
  return 0;
}
