// SPDX-License-Identifier: Apache-2.0
#include "core/io/pytorch_file.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>

#include "core/cli/build_facts.h"
#include "core/tensor/primitives.h"
#include "tests/core/io/pytorch_fixture.h"
#include "tests/core/io_fixture.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;
using namespace std::string_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using Named = std::vector<std::pair<std::string, Tensor>>;

const std::string kTwoFloats = "\0\0\x80\x3f\0\0\0\xc0"s;  // 1, -2

WeightsFile read(const std::string& bytes) { return read_weights(in_memory(bytes)); }

// What opening says after the path.
std::string refusal(const std::string& bytes) {
  const std::string message = error_of([&] { read(bytes); }), start = "read made.pth: ";
  return message.starts_with(start) ? message.substr(start.size()) : "not so: " + message;
}

std::string refusal_of(const MadeTensor& tensor) {
  return refusal(made_pytorch(dict_of(tensor.opcodes()), kTwoFloats).text());
}

std::string parent(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

// Each file of a case holds some of its tensors, with or without the prefix of a parallel run.
TEST_CASE("pytorch: zip and legacy files give the expected tensors", "[golden]") {
  ULS_REPLAY_GOLDEN("loader_expected", [](const GoldenCase& golden) {
    const std::string prefix = "module.", folder = parent(golden_path("loader_expected"));
    for (const JsonMember& file : golden.info().at("files").members()) {
      INFO(file.key);
      const WeightsFile weights = open_weights(folder + file.key);
      const auto tensors = flatten(*state_dict_of(weights).node);
      REQUIRE_FALSE(tensors.empty());
      if (tensors[0].first.starts_with(prefix))
        CHECK(std::int64_t(tensors.size()) == golden.info().at("tensors").size());
      for (const auto& [name, stored] : tensors) {
        INFO(name);
        const std::string full = name.starts_with(prefix) ? name : prefix + name;
        const Json& expected = golden.info().at("tensors").at(full);
        CHECK(stored->dtype == expected[0].as_string());
        CHECK(stored->shape.size() == int(expected[1].size()));
        CHECK(same_bits(stored->read(), golden.get(full)));
      }
    }
  });
}

TEST_CASE("pytorch: a TorchScript archive gives the expected tensors", "[golden]") {
  ULS_REPLAY_GOLDEN("loader_clip", [](const GoldenCase& golden) {
    const std::string folder = parent(golden_path("loader_clip"));
    const WeightsFile weights = open_weights(folder + golden.info().at("archive").as_string());
    CHECK(weights.format == "TorchScript");
    const auto tensors = flatten(*state_dict_of(weights).node);
    CHECK(std::int64_t(tensors.size()) == golden.info().at("tensors").size());
    for (const auto& [name, stored] : tensors) {
      INFO(name);
      CHECK(stored->dtype == golden.info().at("tensors").at(name)[0].as_string());
      CHECK(same_bits(stored->read(), golden.get(name)));
    }
  });
}

TEST_CASE("pytorch: a checkpoint of the model holds its weights", "[golden]") {
  // The checkpoint is too large for tests/fixtures, as is loader_clip, beside which it lies.
  const std::string path = golden_path("e2e_weights");
  const std::string archive = parent(golden_path("loader_clip")) + "e2e_checkpoint.pth";
  if (path.empty() || !fs::exists(archive)) ULS_SKIP("golden", "no e2e_checkpoint.pth in " + golden_places());
  const WeightsFile checkpoint = open_weights(archive);
  const WeightsFile expected = open_weights(path + ".safetensors");
  const WeightsPart part = state_dict_of(checkpoint);
  CHECK(part.path == "state_dict");
  const auto tensors = flatten(*part.node);
  CHECK(tensors.size() == expected.root.children.size());
  for (const auto& [name, stored] : tensors) {
    INFO(name);
    const WeightsNode* const other = find_part(expected.root, name);
    REQUIRE(other);
    CHECK(same_bits(stored->read(), other->tensor->read()));
  }
}

TEST_CASE("pytorch: values beside the tensors keep their place in the tree", "[golden]") {
  const std::string path = golden_path("loader_expected");
  if (path.empty()) ULS_SKIP("golden", "no loader_expected.json in " + golden_places());
  for (const char* name : {"loader_zip.pth", "loader_legacy.pth"}) {
    INFO(name);
    const WeightsFile weights = open_weights(parent(path) + name);
    CHECK(find_part(weights.root, "epoch")->plain == "12");
    CHECK(find_part(weights.root, "best")->plain == "0.75");
    CHECK(find_part(weights.root, "name")->plain == "\"café\"");
    CHECK(find_part(weights.root, "none")->plain == "None");
    CHECK(find_part(weights.root, "flags")->plain == "(True, False)");
    CHECK(find_part(weights.root, "optimizer.state.0.exp_avg")->tensor->shape == Shape{2});
    CHECK(find_part(weights.root, "optimizer.param_groups")->plain ==
          R"([{"lr": 0.0001, "betas": (0.9, 0.999), "params": [0]}])");
  }
}

Named odd_tensors() {
  Named tensors;
  for (int type = 0; type < kDTypes; ++type)
    for (const Shape& shape : {Shape{2, 3}, Shape{}, Shape{0, 4}}) {
      Tensor x = empty(shape, DType(type));
      auto* const bytes = static_cast<unsigned char*>(x.raw_data());
      for (std::int64_t i = 0; i < x.numel() * size_of(x.dtype()); ++i)
        bytes[i] = static_cast<unsigned char>(x.dtype() == DType::boolean ? i % 2 : i * 37 + 250);
      tensors.emplace_back(to_string(x.dtype()) + to_string(shape), x);
    }
  std::vector<std::int32_t> values(600'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::int32_t(i);
  const Tensor large = from_values(Shape{600, 1000}, values);
  tensors.emplace_back("transposed", large.transposed(0, 1));
  tensors.emplace_back("café.sliced", large.sliced(1, 3, 900, 7));
  tensors.emplace_back("expanded", large.sliced(0, 0, 1).expanded({3, 1000}));
  return tensors;
}

TEST_CASE("pytorch: what is written is read bit for bit, aligned, twice the same") {
  const Folder folder;
  const Named tensors = odd_tensors();
  for (const std::string& key : {""s, "state_dict"s}) {
    write_pytorch(folder / "a.pth", tensors, key);
    write_pytorch(folder / "b.pth", tensors, key);
    CHECK(get(folder / "a.pth") == get(folder / "b.pth"));
    const WeightsFile file = open_weights(folder / "a.pth");
    CHECK(file.format == "PyTorch");
    const WeightsPart part = state_dict_of(file);
    CHECK(part.path == key);
    const auto stored = flatten(*part.node);
    REQUIRE(stored.size() == tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      INFO(tensors[i].first);
      CHECK(stored[i].first == tensors[i].first);
      const Tensor x = stored[i].second->read();
      CHECK(same_bits(x, tensors[i].second));
      if (x.numel() > 0) CHECK(reinterpret_cast<std::uintptr_t>(x.raw_data()) % 64 == 0);
    }
  }
  write_pytorch(folder / "none.pth", {});
  CHECK(open_weights(folder / "none.pth").root.plain == "{}");
}

TEST_CASE("pytorch: what cannot be written is refused before the file is touched") {
  const Folder folder;
  put(folder / "a", "old");
  const Tensor x = from_values(Shape{1}, std::vector<float>{1});
  const auto refusal = [&](const Named& tensors, const std::string& key = "") {
    return error_of([&] { write_pytorch(folder / "a", tensors, key); });
  };
  const std::string start = "write " + folder / "a" + ": ";
  CHECK(refusal({{"x", x}, {"x", x}}) == start + "a name twice; got \"x\"; expected each once");
  CHECK(refusal({{"x", Tensor()}}) ==
        start + "tensor \"x\" has no values at hand; got an undefined tensor; expected one on the cpu");
  CHECK_THAT(refusal({{"\xff", x}}), Contains("name not UTF-8"));
  CHECK_THAT(refusal({{"x", x}}, "\xff"), Contains("key not UTF-8"));
  CHECK(get(folder / "a") == "old");
}

TEST_CASE("pytorch: opening reads no tensor, and tensors keep the file") {
  const Folder folder;
  const Tensor x = from_values(Shape{2}, std::vector<float>{1, 2});
  write_pytorch(folder / "a.pth", {{"x", x}, {"y", x}});
  std::string bytes = get(folder / "a.pth");
  bytes[bytes.find("\0\0\x80\x3f\0\0\0\x40"s)] = 'Z';  // data of x
  const WeightsFile file = read(bytes);
  CHECK_THAT(error_of([&] { find_part(file.root, "x")->tensor->read(); }),
             StartsWith("read made.pth: tensor \"x\": entry \"archive/data/0\": damaged; got checksum"));
  CHECK(same_bits(find_part(file.root, "y")->tensor->read(), x));
  Tensor y;
  {
    const WeightsFile other = open_weights(folder / "a.pth");
    y = find_part(other.root, "y")->tensor->read();
  }
  CHECK(y.data<float>()[1] == 2);
}

TEST_CASE("pytorch: views share their storage, also of legacy files") {
  const MadeTensor all{}, last{.shape = {1}, .strides = {1}, .offset = 1};
  const std::string pickle = "\x80\2}(" + text("all") + all.opcodes() + text("last") + last.opcodes() + "u.";
  for (const std::string& bytes :
       {made_pytorch(pickle, kTwoFloats).text(), made_legacy(pickle, {"0"}, le(2, 8) + kTwoFloats)}) {
    const WeightsFile file = read(bytes);
    const Tensor x = find_part(file.root, "all")->tensor->read(),
                 y = find_part(file.root, "last")->tensor->read();
    CHECK(to_doubles(x) == std::vector<double>{1, -2});
    CHECK(to_doubles(y) == std::vector<double>{-2});
    CHECK(y.storage() == x.storage());
  }
  // Old files hand a tensor a window of a storage.
  const MadeTensor window{
      .shape = {1}, .strides = {1}, .view = "(" + text("v") + number(1) + number(1) + "t"};
  const WeightsFile file = read(made_legacy(dict_of(window.opcodes()), {"0"}, le(2, 8) + kTwoFloats));
  CHECK(to_doubles(find_part(file.root, "x")->tensor->read()) == std::vector<double>{-2});
  const MadeTensor wide{.shape = {1}, .strides = {1}, .view = "(" + text("v") + number(1) + number(2) + "t"};
  CHECK_THAT(refusal(made_legacy(dict_of(wide.opcodes()), {"0"}, le(2, 8) + kTwoFloats)),
             Contains("view outside"));
}

TEST_CASE("pytorch: parameters, subclasses and annotated values are the tensors within") {
  const std::string x = MadeTensor().opcodes(), hooks = "ccollections\nOrderedDict\n)R";
  for (const std::string& opcodes :
       {"ctorch._utils\n_rebuild_parameter\n(" + x + "\x88" + hooks + "tR",
        "ctorch._utils\n_rebuild_parameter_with_state\n(" + x + "\x88" + hooks + "}tR",
        "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\nctorch\nTensor\n" +
            x.substr(x.find('('), x.size() - x.find('(') - 1) + "}tR"}) {
    const WeightsFile file = read(made_pytorch(dict_of(opcodes), kTwoFloats).text());
    CHECK(to_doubles(find_part(file.root, "x")->tensor->read()) == std::vector<double>{1, -2});
  }
  MadeZip script = made_pytorch(
      dict_of("ctorch.jit._pickle\nrestore_type_tag\n(ctorch.jit._pickle\nbuild_tensorlist\n(](" + x + "etR" +
              text("List[Tensor]") + "tR"),
      kTwoFloats);
  CHECK_THAT(refusal(script.text()),
             Contains("the file wants to run torch.jit._pickle.restore_type_tag; refused"));
}

TEST_CASE("pytorch: modules of TorchScript are their state") {
  const std::string x = MadeTensor().opcodes();
  const std::string module = "c__torch__.my\nModule\n)\x81}(" + text("weight") + x + text("training") +
                             "\x89" + text("size") + "K\3" + "ub";
  MadeZip script = made_pytorch(dict_of(module), kTwoFloats);
  CHECK_THAT(refusal(script.text()), Contains("the file wants to run __torch__.my.Module; refused"));
  script.entries.push_back({.name = "a/constants.pkl", .data = "\x80\2)."});
  const WeightsFile file = read(script.text());
  CHECK(file.format == "TorchScript");
  CHECK(flatten(file.root).size() == 1);
  CHECK(flatten(file.root)[0].first == "x.weight");
  CHECK(flatten_plain(file.root) == std::vector<std::pair<std::string, std::string>>{{"x.size", "3"}});
}

TEST_CASE("pytorch: an element type that is not supported hurts only its tensor") {
  const MadeTensor complex{.shape = {1}, .elements = 1, .storage = "ComplexFloatStorage"};
  const std::string v3 = "ctorch._utils\n_rebuild_tensor_v3\n((" + text("storage") +
                         "ctorch.storage\nUntypedStorage\n" + text("1") + text("cpu") + number(8) + "tQ" +
                         number(0) + tuple({4}) + tuple({1}) +
                         "\x89"
                         "ccollections\nOrderedDict\n)Rctorch\nuint16\ntR";
  MadeZip zip = made_pytorch("\x80\2}(" + text("c") + complex.opcodes() + text("u") + v3 + "u.", kTwoFloats);
  zip.entries.push_back({.name = "a/data/1", .data = kTwoFloats});
  const WeightsFile file = read(zip.text());
  CHECK(find_part(file.root, "c")->tensor->dtype == "complex64");
  CHECK(find_part(file.root, "u")->tensor->dtype == "uint16");
  CHECK(find_part(file.root, "u")->tensor->shape == Shape{4});
  CHECK(
      error_of([&] { find_part(file.root, "u")->tensor->read(); }) ==
      "read made.pth: tensor \"u\": element type not supported; got uint16; expected float, integer or bool");
}

TEST_CASE("pytorch: nothing in a file is run") {
  const std::string end = "; refused; expected nothing but data";
  CHECK(refusal(made_pytorch("cos\nsystem\n(S'echo x'\ntR.", "").text()) ==
        "a/data.pkl: byte 0: the file wants to run os.system" + end);
  CHECK(refusal(made_legacy("cposix\nsystem\n(S'echo x'\ntR.", {}, "")) ==
        "values from byte 45: byte 0: the file wants to run posix.system" + end);
  CHECK(refusal("\x80\2"
                "cos\nsystem\n(S'echo x'\ntR.") ==
        "magic number from byte 0: byte 2: the file wants to run os.system" + end);
  CHECK_THAT(refusal(made_pytorch("ctorch.nn.modules.linear\nLinear\n)\x81.", "").text()),
             Contains("wants to run torch.nn.modules.linear.Linear"));
}

TEST_CASE("pytorch: hostile tensors are one error on opening") {
  const std::int64_t huge = std::int64_t(1) << 62, most = std::numeric_limits<std::int64_t>::max();
  CHECK(refusal_of({.shape = {-2}}) ==
        "a/data.pkl: tensor \"x\": negative size or stride; got -2 and 1; expected at least 0");
  CHECK_THAT(refusal_of({.strides = {-1}}), Contains("negative size or stride; got 2 and -1"));
  CHECK_THAT(refusal_of({.shape = {3}}), Contains("reaches outside of its storage; got shape [3] with "
                                                  "strides [1] from 0; expected less than 2 elements"));
  CHECK_THAT(refusal_of({.strides = {2}}), Contains("reaches outside of its storage"));
  CHECK_THAT(refusal_of({.strides = {most}}), Contains("reaches outside of its storage"));
  CHECK_THAT(refusal_of({.shape = {3, 3}, .strides = {huge, huge}}),
             Contains("reaches outside of its storage"));
  CHECK_THAT(refusal_of({.offset = 1}), Contains("reaches outside of its storage"));
  CHECK_THAT(refusal_of({.offset = -1}), Contains("reaches outside of its storage"));
  CHECK_THAT(refusal_of({.offset = most}), Contains("reaches outside of its storage"));
  CHECK_THAT(refusal_of({.shape = {huge, huge}, .strides = {0, 0}}), Contains("tensor \"x\": "));
  CHECK_THAT(refusal_of({.shape = {huge}, .strides = {0}}), Contains("too large"));
  CHECK_THAT(refusal_of({.shape = {1 << 30}, .strides = {0}}),
             Contains("the tensors are too large for the file"));
  CHECK_THAT(refusal_of({.shape = {1, 1}, .strides = {1}}),
             Contains("wrong number of dimensions; got 2 sizes and 1 strides"));
  CHECK_THAT(
      refusal_of({.shape = std::vector<std::int64_t>(9, 1), .strides = std::vector<std::int64_t>(9, 1)}),
      Contains("wrong number of dimensions; got 9"));
  CHECK_THAT(refusal_of({.elements = -1}), Contains("storage \"0\": impossible size; got -1"));
  CHECK_THAT(refusal_of({.elements = huge}), Contains("impossible size"));
  CHECK_THAT(refusal_of({.elements = 3}),
             Contains("entry \"a/data/0\": wrong size; got 8 bytes; expected 12 for 3 elements of float32"));
  CHECK_THAT(refusal_of({.key = "../../etc/passwd"}), Contains("not in the archive"));
  CHECK_THAT(refusal_of({.storage = "Size"}), Contains("storage: unknown type; got \"torch.Size\""));
  CHECK_THAT(refusal_of({.metadata = "}" + text("neg") + "\x88s"}), Contains("conjugated or negated view"));
  CHECK(read(made_pytorch(dict_of(MadeTensor{.shape = {0, 3}, .strides = {-0, 9}, .offset = 77}.opcodes()),
                          kTwoFloats)
                 .text())
            .root.children.size() == 1);

  const std::string x = MadeTensor().opcodes();
  const auto of_pickle = [](const std::string& pickle) {
    return refusal(made_pytorch(pickle, kTwoFloats).text());
  };
  CHECK_THAT(of_pickle("\x80\2}(" + text("x") + x + text("x") + x + "u."),
             Contains("tensor \"x\": a name twice"));
  CHECK_THAT(of_pickle("\x80\2}(" + text("x") + x + text("y") +
                       MadeTensor{.storage = "IntStorage"}.opcodes() + "u."),
             Contains("mentions differ; got 2 of int32; expected 2 of float32"));
  CHECK_THAT(of_pickle(dict_of("ctorch._utils\n_rebuild_tensor_v2\n)R")),
             Contains("tensor \"x\": too few arguments"));
  CHECK_THAT(of_pickle(dict_of("ctorch._utils\n_rebuild_parameter\n)R")), Contains("too few arguments"));
  CHECK_THAT(of_pickle(dict_of("ctorch._utils\n_rebuild_tensor_v2\n(NNNNtR")),
             Contains("tensor \"x\": wrong kind of value; got None; expected a persistent value"));
  CHECK_THAT(of_pickle(dict_of(x) + "?"), Contains("bytes behind the values"));
  CHECK_THAT(of_pickle("\x80\2}" + text(std::string(2000, 'n')) + x + "s."), Contains("name too long"));
  CHECK_THAT(of_pickle("\x80\2]2a" + x + "a."), Contains("values nested too deeply or too often"));
  std::string doubling = "]" + x + "a";
  for (int i = 0; i < 40; ++i) doubling += "2\x86";
  CHECK_THAT(of_pickle("\x80\2" + doubling + "."), Contains("values nested too deeply or too often"));
}

TEST_CASE("pytorch: archives of others, and other byte orders") {
  CHECK_THAT(refusal(MadeZip{{{.name = "a/b.txt"}}}.text()),
             Contains("a zip archive, but not PyTorch's; got \"a/b.txt\""));
  CHECK_THAT(refusal(MadeZip().text()), Contains("not PyTorch's; got \"\""));
  CHECK_THAT(refusal(MadeZip{{{.name = "data.pkl", .data = "N."}}}.text()), Contains("not PyTorch's"));
  MadeZip zip = made_pytorch(dict_of(MadeTensor().opcodes()), kTwoFloats);
  zip.entries.push_back({.name = "a/byteorder", .data = "big"});
  CHECK(refusal(zip.text()) == "byte order not supported; got \"big\"; expected little");
  zip.entries.back().data = "little";
  CHECK(refusal(zip.text()) == "not so: ");
}

TEST_CASE("pytorch: a truth value that is neither 0 nor 1") {
  const std::string pickle = dict_of(MadeTensor{.elements = 2, .storage = "BoolStorage"}.opcodes());
  const WeightsFile file = read(made_pytorch(pickle, "\1\2").text());
  CHECK(error_of([&] { file.root.children[0].tensor->read(); }) ==
        "read made.pth: tensor \"x\": a truth value that is none; got 2 at element 1; expected 0 or 1");
}

TEST_CASE("pytorch: hostile legacy files are one error on opening") {
  const std::string pickle = dict_of(MadeTensor().opcodes()), data = le(2, 8) + kTwoFloats;
  CHECK(refusal(made_legacy(pickle, {"0"}, data)) == "not so: ");
  CHECK_THAT(refusal(made_legacy(pickle, {"0"}, data + "?")),
             Contains("bytes after the last storage; got 1"));
  CHECK_THAT(refusal(made_legacy(pickle, {"0"}, le(3, 8) + kTwoFloats)),
             Contains("storage \"0\": wrong size; got 3 elements; expected 2"));
  CHECK_THAT(refusal(made_legacy(pickle, {"0"}, data.substr(0, 10))), Contains("storage \"0\": cut off"));
  CHECK_THAT(refusal(made_legacy(pickle, {"0", "0"}, data + data)),
             Contains("listed, but twice or for no tensor"));
  CHECK_THAT(refusal(made_legacy(pickle, {"1"}, data)),
             Contains("storage \"1\": listed, but twice or for no tensor"));
  CHECK_THAT(refusal(made_legacy(pickle, {}, "")), Contains("storages missing; got 0; expected 1"));
  CHECK_THAT(refusal("\x80\2K\1."), Contains("a pickle, but not PyTorch's; got a whole number"));
  CHECK_THAT(refusal(legacy_head().substr(0, 15) + "\x80\2K\1."),
             Contains("unknown version; got 1; expected 1001"));
  CHECK_THAT(refusal(legacy_head().substr(0, 21) + "\x80\2}."), Contains("byte order not supported"));
}

TEST_CASE("pytorch: every cut of a good file is refused") {
  const std::string pickle = dict_of(MadeTensor().opcodes());
  for (const std::string& whole :
       {made_pytorch(pickle, kTwoFloats).text(), made_legacy(pickle, {"0"}, le(2, 8) + kTwoFloats)}) {
    REQUIRE(read(whole).root.children.size() == 1);
    for (std::size_t size = 1; size < whole.size(); ++size) {
      INFO("first " << size << " bytes");
      CHECK_THROWS_AS(read(whole.substr(0, size)), Error);
    }
  }
}

TEST_CASE("pytorch: a file with any bit turned is read or refused, and no more") {
  const std::string pickle = dict_of(MadeTensor().opcodes());
  int refused = 0, good = 0;
  for (const std::string& whole :
       {made_pytorch(pickle, kTwoFloats).text(), made_legacy(pickle, {"0"}, le(2, 8) + kTwoFloats)})
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      std::string turned = whole;
      turned[bit / 8] = char(turned[bit / 8] ^ 1 << bit % 8);
      try {
        const WeightsFile file = read(turned);
        for (const auto& [name, tensor] : flatten(file.root)) good += tensor->read().numel() >= 0;
      } catch (const Error& error) {
        ++refused;
        const std::string message = error.what();
        if (message.find('\n') != std::string::npos || message.size() > 600)
          FAIL_CHECK(bit << ": " << message);
      }
    }
  CHECK(refused > 3000);
  CHECK(good > 0);
}

}  // namespace
}  // namespace uls
