// SPDX-License-Identifier: Apache-2.0
// The expected texts are PyTorch's, without its "tensor(" and the indent that goes with it.
#include <catch2/catch.hpp>
#include <limits>
#include <numeric>

#include "core/tensor/primitives.h"
#include "core/tensor/tensor.h"

namespace uls {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

template <typename T>
Tensor counting(const Shape& shape) {
  std::vector<T> values(std::size_t(count_elements(shape)));
  std::iota(values.begin(), values.end(), T(0));
  return from_values(shape, values);
}

std::string row(const std::vector<float>& values) {
  const std::string text = to_string(from_values(Shape{std::int64_t(values.size())}, values));
  return text.substr(0, text.find('\n'));
}

TEST_CASE("print: decimals follow the values as PyTorch has it") {
  CHECK(row({0.1234567f, 1 / 3.f}) == "[0.1235, 0.3333]");
  CHECK(row({0, 0}) == "[0., 0.]");
  CHECK(row({1, kInfinity, -2}) == "[ 1., inf, -2.]");
  CHECK(row({1.5f, -kNaN}) == "[1.5000,    nan]");
  CHECK(row({-kInfinity}) == "[-inf]");
  CHECK(row({1, 10000}) == "[1.0000e+00, 1.0000e+04]");
  CHECK(row({1, 1000}) == "[   1., 1000.]");
  CHECK(row({1e-5f, 1.5f}) == "[1.0000e-05, 1.5000e+00]");
  CHECK(row({2e8f, 3e8f}) == "[2.0000e+08, 3.0000e+08]");
}

TEST_CASE("print: every element type") {
  CHECK(to_string(from_values(Shape{2}, std::vector<double>{1.5, -2})) ==
        "[ 1.5000, -2.0000]\nfloat64 [2] on cpu");
  CHECK(to_string(from_values(Shape{2}, std::vector<float16>{float16(1.5f), float16(-2.25f)})) ==
        "[ 1.5000, -2.2500]\nfloat16 [2] on cpu");
  CHECK(to_string(from_values(Shape{1}, std::vector<bfloat16>{bfloat16(3.f)})) ==
        "[3.]\nbfloat16 [1] on cpu");
  CHECK(to_string(from_values(Shape{2}, std::vector<std::int64_t>{-9007199254740993, 1})) ==
        "[-9007199254740993,                 1]\nint64 [2] on cpu");
  CHECK(to_string(from_values(Shape{2}, std::vector<std::int32_t>{-1, 10})) == "[-1, 10]\nint32 [2] on cpu");
  CHECK(to_string(from_values(Shape{2}, std::vector<std::uint8_t>{255, 7})) ==
        "[255,   7]\nuint8 [2] on cpu");
  Tensor truth = empty({2}, DType::boolean);
  truth.data<bool>()[0] = true;
  truth.data<bool>()[1] = false;
  CHECK(to_string(truth) == "[ true, false]\nbool [2] on cpu");
}

TEST_CASE("print: nesting, scalars, empty and absent values") {
  CHECK(to_string(from_values(Shape{}, std::vector<float>{3.5f})) == "3.5000\nfloat32 [] on cpu");
  CHECK(to_string(counting<std::int32_t>({2, 2, 3})) ==
        "[[[ 0,  1,  2],\n"
        "  [ 3,  4,  5]],\n"
        "\n"
        " [[ 6,  7,  8],\n"
        "  [ 9, 10, 11]]]\n"
        "int32 [2, 2, 3] on cpu");
  CHECK(to_string(empty({1000000, 0})) == "[]\nfloat32 [1000000, 0] on cpu");
  CHECK(to_string(empty({2, 3}, DType::bfloat16, kMeta)) == "bfloat16 [2, 3] on meta");
  CHECK(to_string(Tensor()) == "an undefined tensor");
}

TEST_CASE("print: views are read through their strides and offset") {
  const Tensor x = counting<std::int32_t>({2, 3});
  CHECK(to_string(x.transposed(0, 1)) == "[[0, 3],\n [1, 4],\n [2, 5]]\nint32 [3, 2] on cpu");
  CHECK(to_string(x.sliced(1, 1, 3).sliced(0, 1, 2)) == "[[4, 5]]\nint32 [1, 2] on cpu");
  CHECK(to_string(x.sliced(1, 0, 1).expanded({2, 3})) == "[[0, 0, 0],\n [3, 3, 3]]\nint32 [2, 3] on cpu");
}

TEST_CASE("print: above a thousand elements only the ends of long dimensions are shown") {
  CHECK(to_string(counting<std::int32_t>({1001})) ==
        "[   0,    1,    2,  ...,  998,  999, 1000]\nint32 [1001] on cpu");
  CHECK(to_string(counting<std::int32_t>({10, 6, 20}))
            .starts_with("[[[   0,    1,    2,  ...,   17,   18,   19],\n"
                         "  [  20,   21,   22,  ...,   37,   38,   39],\n"
                         "  [  40,   41,   42,  ...,   57,   58,   59],\n"
                         "  [  60,   61,   62,  ...,   77,   78,   79],\n"
                         "  [  80,   81,   82,  ...,   97,   98,   99],\n"
                         "  [ 100,  101,  102,  ...,  117,  118,  119]],\n"
                         "\n"
                         " [[ 120,"));
  CHECK(to_string(counting<std::int32_t>({8, 200})) ==
        "[[   0,    1,    2,  ...,  197,  198,  199],\n"
        " [ 200,  201,  202,  ...,  397,  398,  399],\n"
        " [ 400,  401,  402,  ...,  597,  598,  599],\n"
        " ...,\n"
        " [1000, 1001, 1002,  ..., 1197, 1198, 1199],\n"
        " [1200, 1201, 1202,  ..., 1397, 1398, 1399],\n"
        " [1400, 1401, 1402,  ..., 1597, 1598, 1599]]\n"
        "int32 [8, 200] on cpu");
  // The width of what is left out has no say: 12345 is not shown.
  std::vector<float> values(1001, 1);
  values[500] = 12345;
  CHECK(row(values) == "[1., 1., 1.,  ..., 1., 1., 1.]");
}

TEST_CASE("print: long rows go on in the next line") {
  const std::string text = to_string(counting<std::int32_t>({1000}));
  CHECK(text.substr(0, 81) ==
        "[  0,   1,   2,   3,   4,   5,   6,   7,   8,   9,  10,  11,  12,  13,  14,  15,\n");
  CHECK(text.substr(81, 10) == "  16,  17,");
}

}  // namespace
}  // namespace uls
