// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "core/io/safetensors.h"
#include "core/tensor/primitives.h"
#include "tests/core/io_fixture.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;
using Catch::Matchers::Contains;
using Named = std::vector<std::pair<std::string, Tensor>>;

std::string with_length(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + header + data;
}

Tensor of_bytes(DType dtype, const Shape& shape) {
  Tensor x = empty(shape, dtype);
  auto* bytes = static_cast<unsigned char*>(x.raw_data());
  for (std::int64_t i = 0; i < x.numel() * size_of(dtype); ++i)
    bytes[i] = static_cast<unsigned char>(dtype == DType::boolean ? i % 3 == 0 : i * 37 + 250);
  return x;
}

constexpr DType kAllTypes[] = {DType::float32, DType::float64, DType::bfloat16, DType::float16,
                               DType::int64,   DType::int32,   DType::int16,    DType::int8,
                               DType::uint8,   DType::boolean};

TEST_CASE("safetensors: every type comes back bit for bit, with empty tensors and scalars") {
  const Folder folder;
  Named tensors;
  for (const DType dtype : kAllTypes)
    for (const Shape& shape :
         {Shape{2, 3, 5}, Shape{}, Shape{0}, Shape{4, 0, 2}, Shape{1, 2, 1, 2, 1, 2, 1, 1}})
      tensors.emplace_back(std::string(to_string(dtype)) + to_string(shape), of_bytes(dtype, shape));
  write_safetensors(folder / "a", tensors, {{"note", "tab\there \"ü\""}, {"empty", ""}});
  const auto file = SafetensorsFile::open(folder / "a");
  CHECK(file.names().size() == tensors.size());
  for (const auto& [name, x] : tensors) {
    INFO(name);
    CHECK(same_bits(file.tensor(name), x));
    CHECK(reinterpret_cast<std::uintptr_t>(file.tensor(name).raw_data()) %
              std::uintptr_t(size_of(x.dtype())) ==
          0);
  }
  CHECK(file.metadata() == std::map<std::string, std::string>{{"note", "tab\there \"ü\""}, {"empty", ""}});
  CHECK(file.contains("bool[]"));
  CHECK_FALSE(file.contains("bool"));
  CHECK_FALSE(file.contains("__metadata__"));
}

TEST_CASE("safetensors: views are written in row-major order") {
  const Folder folder;
  std::vector<std::int32_t> values(24);
  std::iota(values.begin(), values.end(), 0);
  const Tensor x = from_values(Shape{2, 3, 4}, values);
  std::vector<std::int64_t> many(300000);
  std::iota(many.begin(), many.end(), 0);
  const Tensor large = from_values(Shape{300, 1000}, many);
  write_safetensors(folder / "a", {{"permuted", x.permuted({2, 0, 1})},
                                   {"sliced", x.sliced(2, 1, 4, 2).sliced(0, 1, 2)},
                                   {"expanded", x.sliced(1, 0, 1).sliced(2, 0, 1).expanded({2, 2, 2})},
                                   {"none", x.transposed(0, 2).sliced(1, 1, 1)},
                                   {"large", large.transposed(0, 1)}});
  const auto file = SafetensorsFile::open(folder / "a");
  const auto read = [&](const char* name) {
    const Tensor y = file.tensor(name);
    return std::vector<std::int32_t>(y.data<std::int32_t>(), y.data<std::int32_t>() + y.numel());
  };
  CHECK(read("permuted") == std::vector<std::int32_t>{0, 4, 8,  12, 16, 20, 1, 5, 9,  13, 17, 21,
                                                      2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19, 23});
  CHECK(file.tensor("permuted").shape() == Shape{4, 2, 3});
  CHECK(read("sliced") == std::vector<std::int32_t>{13, 15, 17, 19, 21, 23});
  CHECK(read("expanded") == std::vector<std::int32_t>{0, 0, 0, 0, 12, 12, 12, 12});
  CHECK(file.tensor("none").shape() == Shape{4, 0, 2});
  const auto* transposed = file.tensor("large").data<std::int64_t>();
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < 300000; ++i) wrong += transposed[i] != i % 300 * 1000 + i / 300;
  CHECK(wrong == 0);
}

TEST_CASE("safetensors: the bytes of a file, once and again") {
  const Folder folder;
  Tensor flag = empty({1}, DType::boolean);
  *flag.data<bool>() = true;
  const Named tensors{{"b", flag},
                      {"z", from_values(Shape{1}, std::vector<std::int32_t>{1})},
                      {"a", from_values(Shape{2}, std::vector<float>{1, -2})}};
  write_safetensors(folder / "1", tensors, {{"k", "v"}});
  const std::string header =
      R"({"__metadata__":{"k":"v"},"z":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},)"
      R"("a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},)"
      R"("b":{"dtype":"BOOL","shape":[1],"data_offsets":[12,13]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  CHECK(get(folder / "1") == with_length(padded, std::string("\1\0\0\0\0\0\x80\x3f\0\0\0\xc0\1", 13)));
  write_safetensors(folder / "2", tensors, {{"k", "v"}});
  CHECK(get(folder / "1") == get(folder / "2"));
  CHECK(SafetensorsFile::open(folder / "1").names() == std::vector<std::string>{"z", "a", "b"});
  write_safetensors(folder / "none", {});
  CHECK(get(folder / "none") == with_length("{}      ", ""));
  CHECK(SafetensorsFile::open(folder / "none").names().empty());
}

TEST_CASE("safetensors: tensors are views of the file, which they keep open") {
  const Folder folder;
  write_safetensors(folder / "a", {{"x", from_values(Shape{2}, std::vector<float>{1, 2})}});
  const std::string bytes = get(folder / "a");
  Tensor x;
  {
    const auto file = SafetensorsFile::open(folder / "a");
    x = file.tensor("x");
    x.data<float>()[0] = 5;
    CHECK(file.tensor("x").data<float>()[0] == 5);
  }
  CHECK(x.data<float>()[0] == 5);
  CHECK(x.data<float>()[1] == 2);
  CHECK(get(folder / "a") == bytes);
  CHECK(SafetensorsFile::open(folder / "a").tensor("x").data<float>()[0] == 1);
}

TEST_CASE("safetensors: data at an odd place is copied") {
  const Folder folder;
  const float values[] = {1.5f, -2};
  put(folder / "a", with_length(R"({"u":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                R"("x":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})",
                                "\7" + std::string(reinterpret_cast<const char*>(values), 8)));
  const auto file = SafetensorsFile::open(folder / "a");
  const Tensor x = file.tensor("x");
  CHECK(reinterpret_cast<std::uintptr_t>(x.raw_data()) % alignof(float) == 0);
  CHECK(x.data<float>()[0] == 1.5f);
  CHECK(x.data<float>()[1] == -2);
  CHECK(file.tensor("u").item<std::uint8_t>() == 7);
}

TEST_CASE("safetensors: names come in the order of the data, whatever the header's") {
  const Folder folder;
  put(folder / "a", with_length(R"({"late":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},)"
                                R"("empty":{"dtype":"F32","shape":[0],"data_offsets":[1,1]},)"
                                R"("early":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}   )",
                                "\1\2"));
  const auto file = SafetensorsFile::open(folder / "a");
  CHECK(file.names() == std::vector<std::string>{"early", "empty", "late"});
  CHECK(file.tensor("late").item<std::uint8_t>() == 2);
}

TEST_CASE("safetensors: an unknown name is answered with the nearest") {
  const Folder folder;
  const Tensor x = from_values(Shape{1}, std::vector<float>{1});
  write_safetensors(folder / "a", {{"norm.weight", x}, {"norm.bias", x}});
  const auto file = SafetensorsFile::open(folder / "a");
  CHECK(error_of([&] { file.tensor("norm.wieght"); }) ==
        "read " + folder / "a" +
            ": no tensor \"norm.wieght\" (did you mean 'norm.weight'?); expected one of its 2");
  CHECK_THAT(error_of([&] { file.tensor("zzz\n"); }), Contains(R"(no tensor "zzz\n"; expected)"));
}

TEST_CASE("safetensors: an element type that is not supported hurts only its tensor") {
  const Folder folder;
  for (const char* dtype : {"I4", "U16", "F8_E4M3", "C64"}) {
    put(folder / "a", with_length(fmt::format(R"({{"x":{{"dtype":"{}","shape":[2],"data_offsets":[0,3]}},)"
                                              R"("u":{{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}}})",
                                              dtype),
                                  "abcd"));
    const auto file = SafetensorsFile::open(folder / "a");
    CHECK(file.tensor("u").item<std::uint8_t>() == 'd');
    CHECK(error_of([&] { file.tensor("x"); }) ==
          fmt::format(
              "read {}: tensor \"x\": element type not supported; got \"{}\"; expected F32, F64, BF16, F16, "
              "I64, I32, I16, I8, U8, BOOL",
              folder / "a", dtype));
  }
}

TEST_CASE("safetensors: a truth value that is neither 0 nor 1") {
  const Folder folder;
  put(folder / "a",
      with_length(R"({"x":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}})", std::string("\0\1\xfe", 3)));
  const auto file = SafetensorsFile::open(folder / "a");
  CHECK(error_of([&] { file.tensor("x"); }) ==
        "read " + folder / "a" +
            ": tensor \"x\": a truth value that is none; got 254 at element 2; expected 0 or 1");
}

TEST_CASE("safetensors: hostile files are one error on opening") {
  const Folder folder;
  const auto refusal = [&](const std::string& content) {
    put(folder / "a", content);
    const std::string message = error_of([&] { SafetensorsFile::open(folder / "a"); });
    const std::string start = "read " + folder / "a" + ": ";
    return message.starts_with(start) ? message.substr(start.size()) : message;
  };
  // One tensor "x" with four bytes of data.
  const auto of_entry = [&](const std::string& entry) {
    return refusal(with_length(R"({"x":)" + entry + "}", "abcd"));
  };
  const auto of_shape = [&](const std::string& shape) {
    return of_entry(R"({"dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,4]})");
  };
  const auto of_offsets = [&](const std::string& offsets) {
    return of_entry(R"({"dtype":"U8","shape":[4],"data_offsets":)" + offsets + "}");
  };
  // Two tensors of two bytes each.
  const auto of_places = [&](const std::string& a, const std::string& b, const std::string& data) {
    return refusal(with_length(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)" + a +
                                   R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)" + b + "}}",
                               data));
  };
  const auto length = [](std::uint64_t value) {
    return std::string(reinterpret_cast<const char*>(&value), 8);
  };

  SECTION("the header's length") {
    CHECK(refusal("{}") == "not a safetensors file; got 2 bytes; expected at least 8");
    CHECK(refusal(length(20) + "{}") == "cut off in the header; got 10 bytes; expected at least 28");
    CHECK(refusal(length(100000001) + "{}") ==
          "not a safetensors file; got a header of 100000001 bytes; expected at most 100000000");
    CHECK(refusal(length(~std::uint64_t(0)) + "{}") ==
          "not a safetensors file; got a header of 18446744073709551615 bytes; expected at most 100000000");
    CHECK(refusal(length(0)) == "not a safetensors file; got a header without '{'; expected JSON");
  }
  SECTION("the header's text") {
    CHECK(refusal(with_length("[]", "")) ==
          "not a safetensors file; got a header without '{'; expected JSON");
    CHECK_THAT(refusal(with_length(R"({"x":)", "")), Contains("header:1:") && Contains("not JSON"));
    CHECK_THAT(refusal(with_length("{} x", "")), Contains("not JSON"));
    CHECK_THAT(refusal(with_length("{\"\xff\":1}", "")), Contains("not JSON") && Contains("UTF-8"));
    CHECK_THAT(refusal(with_length("{\"x\":" + std::string(100000, '['), "")), Contains("nested too deeply"));
    CHECK_THAT(refusal(with_length(R"({"x":1,"x":2})", "")), Contains("key 'x' appears twice"));
    CHECK_THAT(refusal(with_length(R"({"__metadata__":{"a":1}})", "")),
               Contains("got a whole number; expected a string"));
    CHECK_THAT(refusal(with_length(R"({"__metadata__":[]})", "")), Contains("expected an object"));
  }
  SECTION("a tensor's entry") {
    CHECK_THAT(of_entry("7"),
               Contains("tensor \"x\": ") && Contains("got a whole number; expected an object"));
    CHECK_THAT(of_entry("{}"), Contains("tensor \"x\": ") && Contains("missing key 'dtype'"));
    CHECK_THAT(of_entry(R"({"dtype":1})"), Contains("expected a string"));
    CHECK_THAT(of_entry(R"({"dtype":"F32"})"), Contains("missing key 'shape'"));
    CHECK_THAT(of_entry(R"({"dtype":"F32","shape":[1]})"), Contains("missing key 'data_offsets'"));
  }
  SECTION("shapes") {
    CHECK(of_shape("[-1]") == "tensor \"x\": negative size; got shape [-1]; expected sizes of at least 0");
    CHECK(of_shape("[4294967296,4294967296]") ==
          "tensor \"x\": too large; got shape [4294967296,4294967296]; expected less than 2^63 bytes");
    CHECK_THAT(of_shape("[0,4611686018427387904,4]"), Contains("too large"));
    CHECK_THAT(of_shape("[2305843009213693952]"), Contains("too large"));
    CHECK_THAT(of_shape("[9223372036854775808]"), Contains("out of range"));
    CHECK_THAT(of_shape("[1.0]"), Contains("expected a whole number"));
    CHECK_THAT(of_shape("1"), Contains("expected an array"));
    CHECK(of_shape("[1,1,1,1,1,1,1,1,1]") == "tensor \"x\": too many dimensions; got 9; expected at most 8");
    CHECK(of_shape("[2]") ==
          "tensor \"x\": size does not fit the shape; got 4 bytes; expected 8 for F32 [2]");
    CHECK(of_shape("[0]") ==
          "tensor \"x\": size does not fit the shape; got 4 bytes; expected 0 for F32 [0]");
  }
  SECTION("offsets") {
    CHECK(of_offsets("[0]") == "tensor \"x\": data_offsets: wrong number; got 1; expected begin and end");
    CHECK(of_offsets("[0,5]") ==
          "tensor \"x\": data outside of the file; got bytes 0 to 5; expected 0 <= begin <= end <= 4");
    CHECK_THAT(of_offsets("[4,0]"), Contains("got bytes 4 to 0"));
    CHECK_THAT(of_offsets("[-4,0]"), Contains("got bytes -4 to 0"));
    CHECK_THAT(of_offsets("[0,9223372036854775807]"), Contains("data outside of the file"));
    CHECK_THAT(of_offsets("[0,true]"), Contains("got a bool; expected a whole number"));
    CHECK(of_places("[0,2]", "[1,3]", "abc") ==
          "tensor \"b\": overlap before its data; got its begin at 1; expected 2");
    CHECK(of_places("[0,2]", "[0,2]", "ab") ==
          "tensor \"b\": overlap before its data; got its begin at 0; expected 2");
    CHECK(of_places("[3,5]", "[0,2]", "abcde") ==
          "tensor \"a\": hole before its data; got its begin at 3; expected 2");
    CHECK(of_places("[1,3]", "[3,5]", "abcde") ==
          "tensor \"a\": hole before its data; got its begin at 1; expected 0");
    CHECK(of_places("[0,2]", "[2,4]", "abcde") == "bytes after the last tensor; got 5 of data; expected 4");
    CHECK_THAT(of_places("[0,2]", "[2,4]", "abc"), Contains("tensor \"b\": data outside of the file"));
    CHECK(refusal(with_length("{}", "a")) == "bytes after the last tensor; got 1 of data; expected 0");
  }
  SECTION("a name of any length and content is shown in one short line") {
    const std::string name = "\\n" + std::string(100000, 'x');
    const std::string message = refusal(with_length("{\"" + name + "\":1}", ""));
    CHECK(message.size() < 300);
    CHECK(message.find('\n') == std::string::npos);
  }
}

TEST_CASE("safetensors: every cut of a good file is refused") {
  const Folder folder;
  write_safetensors(folder / "a",
                    {{"x", of_bytes(DType::float32, {2, 2})}, {"y", of_bytes(DType::boolean, {3})}});
  const std::string whole = get(folder / "a");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(folder / "b", whole.substr(0, size));
    INFO("first " << size << " bytes");
    CHECK_THROWS_AS(SafetensorsFile::open(folder / "b"), Error);
  }
}

TEST_CASE("safetensors: what cannot be written is refused before the file is touched") {
  const Folder folder;
  put(folder / "a", "old");
  const Tensor x = from_values(Shape{1}, std::vector<float>{1});
  const auto refusal = [&](const Named& tensors, const std::map<std::string, std::string>& metadata = {}) {
    return error_of([&] { write_safetensors(folder / "a", tensors, metadata); });
  };
  const std::string start = "write " + folder / "a" + ": ";
  CHECK(refusal({{"x", x}, {"x", x}}) == start + "a name twice; got \"x\"; expected each once");
  CHECK(refusal({{"__metadata__", x}}) == start + "reserved name; got __metadata__; expected another");
  CHECK(refusal({{"x", Tensor()}}) ==
        start + "tensor \"x\" has no values at hand; got an undefined tensor; expected one on the cpu");
  CHECK_THAT(refusal({{"x", empty({2}, DType::float32, kMeta)}}), Contains("got float32 [2] on meta"));
  CHECK_THAT(refusal({{"\xff", x}}), Contains("UTF-8"));
  CHECK_THAT(refusal({{"x", x}}, {{"k", "\xff"}}), Contains("UTF-8"));
  CHECK(get(folder / "a") == "old");
  CHECK(folder.names().size() == 1);
}

TEST_CASE("safetensors: a full disk leaves the old file and nothing else") {
  const Folder folder;
  write_safetensors(folder / "a", {{"x", from_values(Shape{1}, std::vector<float>{7})}});
  const Tensor large = from_values(Shape{100, 1000}, std::vector<float>(100000, 1.f));
  std::string message;
  {
    const SizeLimit limit(64 << 10);
    message = error_of([&] { write_safetensors(folder / "a", {{"x", large.transposed(0, 1)}}); });
  }
  CHECK_THAT(message, Contains("stopped after 64.0 KiB; got File too large"));
  CHECK(SafetensorsFile::open(folder / "a").tensor("x").item<float>() == 7);
  CHECK(folder.names().size() == 1);
}

// Values read with NumPy from the same file.
TEST_CASE("safetensors: a file of the Python package") {
  const auto file = SafetensorsFile::open(ULS_SOURCE_DIR "/tests/fixtures/op_layer_norm.safetensors");
  CHECK(file.names().size() == 40);
  CHECK(file.names().front() == "case0/cot.y");
  CHECK(file.metadata().empty());
  const Tensor x = file.tensor("case0/in.x");
  CHECK(x.dtype() == DType::float32);
  CHECK(x.shape() == Shape{2, 5, 6});
  CHECK(x.data<float>()[0] == 0x1.ad1246p-7f);
  CHECK(x.data<float>()[2] == -0x1.846372p-3f);
  CHECK(x.data<float>()[59] == -0x1.bfb412p+0f);
  const Tensor y = file.tensor("case4/out.y");
  CHECK(y.shape() == Shape{2, 2, 27});
  CHECK(std::accumulate(y.data<float>(), y.data<float>() + y.numel(), 0.0) ==
        Approx(-7.995749948080629).epsilon(1e-12));
}

}  // namespace
}  // namespace uls
