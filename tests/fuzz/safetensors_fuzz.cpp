// SPDX-License-Identifier: Apache-2.0
// Any bytes as a safetensors file, and as the header of one: read, or refused by an Error.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/io/safetensors.h"
#include "core/io/tensor_bytes.h"

namespace {

void use(const std::vector<char>& bytes) {
  try {
    const auto file =
        uls::SafetensorsFile::read(std::make_shared<const uls::MappedFile>("made.safetensors", bytes));
    for (const std::string& name : file.names()) {
      try {
        unsigned sum = 0;
        uls::for_each_piece(file.tensor(name), [&](const char* data, std::int64_t count) {
          for (std::int64_t i = 0; i < count; ++i) sum += static_cast<unsigned char>(data[i]);
        });
        volatile unsigned kept = sum;
        (void)kept;
      } catch (const uls::Error&) {
      }
    }
  } catch (const uls::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<char> bytes(data, data + size);
  use(bytes);
  // With a length in front that fits, and 24 bytes of data behind.
  std::vector<char> whole(8);
  for (std::size_t i = 0; i < 8; ++i) whole[i] = char(size >> 8 * i);
  whole.insert(whole.end(), bytes.begin(), bytes.end());
  whole.resize(whole.size() + 24);
  use(whole);
  return 0;
}
