// SPDX-License-Identifier: Apache-2.0
// PyTorch reads what we write, and we read what it writes; where there is one (ULS_PEER).
#include <catch2/catch.hpp>

#include <cstdlib>

#include "core/config/settings.h"
#include "core/io/pytorch_file.h"
#include "core/io/safetensors.h"
#include "core/tensor/primitives.h"
#include "tests/core/io_fixture.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;

ProcessResult peer(const std::string& verb, const std::string& path) {
  return run_process({settings().peer, ULS_SOURCE_DIR "/tests/scripts/torch_archives.py", verb, path});
}

TEST_CASE("pytorch peer: we read what torch.save and torch.jit.save write", "[peer]") {
  if (!has_peer()) ULS_SKIP("peer", "no Python with PyTorch in ULS_PEER");
  const Folder folder;
  const ProcessResult saved = peer("save", folder.path());
  INFO(saved.err);
  REQUIRE(saved.code == 0);
  int archives = 0;
  for (const std::string& name : folder.names()) {
    if (!name.ends_with(".pth")) continue;
    ++archives;
    INFO(name);
    const WeightsFile file = open_weights(folder / name);
    const WeightsFile expected = open_weights(folder / (name.substr(0, name.size() - 4) + ".safetensors"));
    const auto tensors = flatten(*state_dict_of(file).node), wanted = flatten(expected.root);
    CHECK(tensors.size() == wanted.size());
    for (const auto& [tensor, stored] : wanted) {
      INFO(tensor);
      const WeightsNode* const found = find_part(*state_dict_of(file).node, tensor);
      REQUIRE(found);
      CHECK(same_bits(found->tensor->read(), stored->read()));
    }
  }
  CHECK(archives == 10);
}

TEST_CASE("pytorch peer: torch.load reads what we write, with weights_only", "[peer]") {
  if (!has_peer()) ULS_SKIP("peer", "no Python with PyTorch in ULS_PEER");
  const Folder folder;
  std::vector<std::pair<std::string, Tensor>> tensors;
  for (int type = 0; type < kDTypes; ++type)
    for (const Shape& shape : {Shape{2, 3}, Shape{}, Shape{0, 4}})
      tensors.emplace_back(to_string(DType(type)) + to_string(shape), full(shape, 1 + type % 2, DType(type)));
  std::vector<std::int64_t> values(2'000'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::int64_t(i * i);
  const Tensor large = from_values(Shape{1000, 2000}, values);
  tensors.emplace_back("café 😀", large.transposed(0, 1).sliced(0, 3, 90, 4));
  tensors.emplace_back("large", large);
  write_safetensors(folder / "a.safetensors", tensors);
  for (const char* key : {"", "state_dict"}) {
    write_pytorch(folder / "a.pth", tensors, key);
    const ProcessResult loaded = peer("load", folder / "a");
    INFO(loaded.err);
    CHECK(loaded.out == std::to_string(tensors.size()) + " equal tensors\n");
    CHECK(loaded.code == 0);
  }
}

}  // namespace
}  // namespace uls
