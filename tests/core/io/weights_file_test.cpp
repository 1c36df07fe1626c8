// SPDX-License-Identifier: Apache-2.0
#include "core/io/weights_file.h"

#include <catch2/catch.hpp>

#include "core/io/safetensors.h"
#include "core/tensor/primitives.h"
#include "tests/core/io/pytorch_fixture.h"
#include "tests/core/io_fixture.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;

std::string refusal(const std::string& bytes) {
  return error_of([&] { read_weights(in_memory(bytes)); });
}

// A file of one dict; `opcodes` are keys and values, where "@" stands for a tensor.
WeightsFile made(std::string opcodes) {
  for (std::size_t at; (at = opcodes.find('@')) != std::string::npos;)
    opcodes.replace(at, 1, MadeTensor().opcodes());
  return read_weights(in_memory(made_pytorch("\x80\2}(" + opcodes + "u.", std::string(8, '\0')).text()));
}

TEST_CASE("weights: safetensors are a flat tree") {
  const Folder folder;
  const Tensor x = from_values(Shape{2}, std::vector<float>{1, 2});
  write_safetensors(folder / "a", {{"b.c", x}, {"a", x}}, {{"note", "hi"}});
  const WeightsFile file = open_weights(folder / "a");
  CHECK(file.path == folder / "a");
  CHECK(file.format == "safetensors");
  CHECK(file.metadata.at("note") == "hi");
  const auto tensors = flatten(file.root);
  REQUIRE(tensors.size() == 2);
  CHECK(tensors[0].first == "b.c");
  CHECK(tensors[0].second->dtype == "float32");
  CHECK(tensors[0].second->bytes == 8);
  CHECK(same_bits(tensors[1].second->read(), x));
  CHECK(state_dict_of(file).path.empty());
}

TEST_CASE("weights: what is no such file is told by its start") {
  CHECK(refusal("hello, world") ==
        "read made.pth: not a file of weights; got \"hello, w\" at its start; expected safetensors or an "
        "archive of PyTorch");
  CHECK(refusal("?") ==
        "read made.pth: not a file of weights; got \"?\" at its start; expected safetensors or an "
        "archive of PyTorch");
  CHECK_THAT(refusal("PK\3\4 but no more than that"), Catch::Contains("end of the zip archive"));
  CHECK_THAT(refusal(le(2, 8) + "{"), Catch::Contains("read made.pth: cut off in the header"));
  CHECK(error_of([] { MappedFile("made.pth", {}); }) ==
        "read made.pth: the file is empty; got 0 bytes; expected some");
}

TEST_CASE("weights: the state dict is found under the usual keys") {
  const auto found = [](const std::string& opcodes) { return state_dict_of(made(opcodes)).path; };
  CHECK(found(text("state_dict") + "}" + text("a") + "@s" + text("epoch") + "K\1") == "state_dict");
  CHECK(found(text("optimizer") + "}" + text("a") + "@s" + text("model") + "}" + text("b") + "@s") ==
        "model");
  CHECK(found(text("model") + "}" + text("state_dict") + "}" + text("b") + "@ss") == "model.state_dict");
  // A flat dict, a value of that name, and unknown keys.
  CHECK(found(text("model.weight") + "@" + text("model") + "}" + text("b") + "@s") == "");
  CHECK(found(text("model") + "K\1" + text("a") + "}" + text("b") + "@s") == "");
}

TEST_CASE("weights: parts by dotted paths, also where keys hold dots") {
  const WeightsFile file =
      made(text("a.b") + "}" + text("c") + "@s" + text("a") + "}" + text("d") + "]@aK\1as");
  CHECK(find_part(file.root, "")->children.size() == 2);
  CHECK(find_part(file.root, "a.b.c")->tensor);
  CHECK(find_part(file.root, "a.d.0")->tensor);
  CHECK(find_part(file.root, "a.d.1")->plain == "1");
  CHECK(find_part(file.root, "a.e") == nullptr);
  CHECK(find_part(file.root, "a.d.0.x") == nullptr);
  const auto tensors = flatten(file.root);
  REQUIRE(tensors.size() == 2);
  CHECK(tensors[0].first == "a.b.c");
  CHECK(tensors[1].first == "a.d.0");
  CHECK(flatten_plain(file.root) == std::vector<std::pair<std::string, std::string>>{{"a.d.1", "1"}});
}

TEST_CASE("weights: a file that is a single tensor, or none") {
  const WeightsFile file = read_weights(
      in_memory(made_pytorch("\x80\2" + MadeTensor().opcodes() + ".", std::string(8, '\0')).text()));
  REQUIRE(flatten(file.root).size() == 1);
  CHECK(flatten(file.root)[0].first == "tensor");
  CHECK(flatten_plain(file.root).empty());
  const WeightsFile plain = made(text("a") + "K\1");
  CHECK(flatten(plain.root).empty());
  CHECK(plain.root.plain == "{\"a\": 1}");
}

TEST_CASE("weights: plain values as short texts") {
  const auto plain = [](const std::string& opcodes) {
    return find_part(made(text("t") + "@" + text("x") + opcodes).root, "x")->plain;
  };
  CHECK(plain("N") == "None");
  CHECK(plain("K\1\x85") == "(1)");
  CHECK(plain("(K\1K\2\x91") == "{1, 2}");
  CHECK(plain("C\3abc") == "3 bytes");
  CHECK(plain("ctorch\nfloat32\n") == "torch.float32");
  CHECK(plain("ctorch\ndevice\n(" + text("cpu") + "tR") == "torch.device(\"cpu\")");
  CHECK(plain("]]]]]]]aaaaaa") == "[[[[[...]]]]]");
  CHECK(plain("(" + std::string(1000, 'N') + "l").size() < 80);
  CHECK(plain("(" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + number(2) +
              "tQ") == "a storage");
}

}  // namespace
}  // namespace uls
