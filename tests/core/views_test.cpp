// SPDX-License-Identifier: Apache-2.0
// Views against brute-force index arithmetic over random shapes.
#include <catch2/catch.hpp>
#include <functional>
#include <numeric>
#include <random>

#include "core/tensor/primitives.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::error_of;
using Index = std::vector<std::int64_t>;

std::mt19937 generator(2024);

std::int64_t draw(std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(generator);
}

Shape random_shape(int least_rank, std::int64_t least_size = 1) {
  Shape shape;
  for (auto rank = draw(least_rank, 4); rank > 0; --rank) shape.push_back(draw(least_size, 4));
  return shape;
}

// 0, 1, 2, ... in row-major order.
Tensor counting(const Shape& shape) {
  std::vector<std::int64_t> values(std::size_t(count_elements(shape)));
  std::iota(values.begin(), values.end(), 0);
  return from_values(shape, values);
}

// A random view of `x`, whose elements are distinct.
Tensor random_view(Tensor x) {
  for (auto count = draw(0, 3); count > 0 && x.rank() > 0; --count) {
    const int dim = int(draw(0, x.rank() - 1));
    if (draw(0, 1))
      x = x.transposed(dim, int(draw(0, x.rank() - 1)));
    else
      x = x.sliced(dim, draw(0, std::max<std::int64_t>(x.size(dim) - 1, 0)), x.size(dim), draw(1, 2));
  }
  return x;
}

std::int64_t element(const Tensor& x, const Index& index) {
  std::int64_t at = x.offset();
  for (int d = 0; d < x.rank(); ++d) at += index[std::size_t(d)] * x.strides()[d];
  return static_cast<const std::int64_t*>(x.storage()->data())[at];
}

// Calls fn(index) for every index in row-major order.
void each_index(const Shape& shape, const std::function<void(const Index&)>& fn) {
  const std::int64_t count = count_elements(shape);
  for (std::int64_t i = 0; i < count; ++i) {
    Index index(std::size_t(shape.size()));
    std::int64_t rest = i;
    for (int d = shape.size() - 1; d >= 0; --d) index[std::size_t(d)] = rest % shape[d], rest /= shape[d];
    fn(index);
  }
}

// Requires that element `index` of `view` is element source(index) of x, and that the memory is shared.
void check_view(const Tensor& view, const Tensor& x, const std::function<Index(const Index&)>& source) {
  REQUIRE(view.storage() == x.storage());
  int wrong = 0;
  each_index(view.shape(),
             [&](const Index& index) { wrong += element(view, index) != element(x, source(index)); });
  REQUIRE(wrong == 0);
}

TEST_CASE("views: permuted and transposed", "[views]") {
  for (int repeat = 0; repeat < 300; ++repeat) {
    const Tensor x = random_view(counting(random_shape(0)));
    std::vector<std::int64_t> order(std::size_t(x.rank()));
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), generator);
    Dims dims(order);
    for (int i = 0; i < dims.size(); ++i)
      if (draw(0, 1)) dims[i] -= x.rank();
    const Tensor y = x.permuted(dims);
    check_view(y, x, [&](const Index& index) {
      Index from(index.size());
      for (std::size_t i = 0; i < index.size(); ++i) from[std::size_t(order[i])] = index[i];
      return from;
    });
    if (x.rank() == 0) continue;
    const int a = int(draw(0, x.rank() - 1)), b = int(draw(0, x.rank() - 1));
    check_view(x.transposed(a, b - x.rank()), x, [&](Index index) {
      std::swap(index[std::size_t(a)], index[std::size_t(b)]);
      return index;
    });
  }
  const Tensor x = counting({2, 3});
  CHECK(error_of([&] { x.permuted({0}); }) ==
        "permute: wrong number of dimensions; got [0] for [2, 3]; expected 2");
  CHECK(error_of([&] {
          x.permuted({1, -1});
        }) == "permute: a dimension twice; got [1, -1]; expected each once");
  CHECK(error_of([&] { x.permuted({0, 2}); }) == "permute: no such dimension; got 2; expected -2 to 1");
  CHECK(error_of([&] { x.transposed(0, -3); }) == "transpose: no such dimension; got -3; expected -2 to 1");
}

TEST_CASE("views: sliced as Python's ranges", "[views]") {
  for (int repeat = 0; repeat < 500; ++repeat) {
    const Tensor x = random_view(counting(random_shape(1, 0)));
    const int dim = int(draw(0, x.rank() - 1));
    const std::int64_t size = x.size(dim), first = draw(-6, 6), last = draw(-6, 6), step = draw(1, 3);
    std::vector<std::int64_t> kept;  // by walking over all places
    for (std::int64_t i = 0; i < size; ++i) {
      const std::int64_t from = std::max<std::int64_t>(first < 0 ? first + size : first, 0);
      if (i >= from && i < (last < 0 ? last + size : last) && (i - from) % step == 0) kept.push_back(i);
    }
    const Tensor y = x.sliced(draw(0, 1) ? dim : dim - x.rank(), first, last, step);
    REQUIRE(y.size(dim) == std::int64_t(kept.size()));
    check_view(y, x, [&](Index index) {
      index[std::size_t(dim)] = kept[std::size_t(index[std::size_t(dim)])];
      return index;
    });
  }
  const Tensor x = counting({5});
  CHECK(error_of([&] { x.sliced(0, 0, 5, 0); }) == "slice: step below 1; got 0; expected at least 1");
  CHECK(error_of([&] { x.sliced(1, 0, 5); }) == "slice: no such dimension; got 1; expected -1 to 0");
}

TEST_CASE("views: expanded", "[views]") {
  for (int repeat = 0; repeat < 300; ++repeat) {
    const Tensor x = random_view(counting(random_shape(0)));
    Shape wanted;
    const int extra = int(draw(0, 2));
    for (int i = 0; i < extra; ++i) wanted.push_back(draw(0, 3));
    for (int i = 0; i < x.rank(); ++i) wanted.push_back(x.size(i) == 1 ? draw(0, 3) : x.size(i));
    const Tensor y = x.expanded(wanted);
    REQUIRE(y.shape() == wanted);
    check_view(y, x, [&](const Index& index) {
      Index from(index.begin() + extra, index.end());
      for (int i = 0; i < x.rank(); ++i) from[std::size_t(i)] %= x.size(i);
      return from;
    });
  }
  const Tensor x = counting({2, 1});
  CHECK(error_of([&] {
          x.expanded({3, 4});
        }) == "expand: sizes differ; got [2, 1] to [3, 4]; expected equal sizes, or 1 where it is repeated");
  CHECK(error_of([&] { x.expanded({2}); }) ==
        "expand: too few dimensions; got [2, 1] to [2]; expected at least 2");
}

// Whether strides exist that put x's elements, in row-major order, into `shape`: each is fixed by the element
// one step along its dimension, and then all elements must agree.
bool has_view(const Tensor& x, const Shape& shape) {
  std::vector<std::int64_t> places;
  each_index(x.shape(), [&](const Index& index) { places.push_back(element(x, index)); });
  const Strides rows = contiguous_strides(shape);
  std::size_t i = 0;
  bool agrees = true;
  each_index(shape, [&](const Index& index) {
    std::int64_t at = places[0];
    for (int d = 0; d < shape.size(); ++d)
      if (shape[d] > 1) at += index[std::size_t(d)] * (places[std::size_t(rows[d])] - places[0]);
    agrees &= at == places[i++];
  });
  return agrees;
}

TEST_CASE("views: reshaped exactly where the layout allows it", "[views]") {
  int possible = 0, impossible = 0;
  for (int repeat = 0; repeat < 3000; ++repeat) {
    const Tensor x = random_view(counting(random_shape(0)));
    // Factors of the number of elements, in random order, with sizes of 1 strewn in.
    Shape wanted;
    for (std::int64_t rest = x.numel(); rest > 1 || (wanted.size() < 4 && draw(0, 2) == 0);) {
      std::int64_t factor = wanted.size() == kMaxRank - 1 ? rest : draw(1, rest);
      while (rest % factor) --factor;
      wanted.push_back(factor);
      rest /= factor;
    }
    const bool expected = has_view(x, wanted);
    INFO(to_string(x.shape()) << " " << to_string(x.strides()) << " to " << to_string(wanted));
    REQUIRE(x.can_reshape(wanted) == expected);
    ++(expected ? possible : impossible);
    if (!expected) {
      REQUIRE_THROWS_AS(x.reshaped(wanted), Error);
      continue;
    }
    Shape asked = wanted;
    if (asked.size() > 0 && draw(0, 1)) asked[int(draw(0, asked.size() - 1))] = -1;
    const Tensor y = x.reshaped(asked);
    REQUIRE(y.shape() == wanted);
    REQUIRE(y.storage() == x.storage());
    REQUIRE(to_doubles(y) == to_doubles(x));
  }
  CHECK(possible > 300);
  CHECK(impossible > 300);
}

TEST_CASE("views: reshaped refuses what does not fit", "[views]") {
  const Tensor x = counting({2, 3});
  CHECK(error_of([&] { x.reshaped({4}); }) ==
        "reshape: sizes do not fit; got [2, 3] to [4]; expected 6 elements");
  CHECK(error_of([&] {
          x.reshaped({4, -1});
        }) == "reshape: sizes do not fit; got [2, 3] to [4, -1]; expected 6 elements");
  CHECK(error_of([&] {
          x.reshaped({0, -1});
        }) == "reshape: sizes do not fit; got [2, 3] to [0, -1]; expected 6 elements");
  CHECK(error_of([&] {
          x.reshaped({-1, -1});
        }) == "reshape: more than one -1; got [-1, -1]; expected one at most");
  CHECK(error_of([&] {
          x.reshaped({-2, -3});
        }) == "shape: negative size; got [-2, -3]; expected sizes of at least 0");
  CHECK(error_of([&] { x.transposed(0, 1).reshaped({-1}); }) ==
        "reshape: no such view of this layout; got [3, 2] with strides [1, 3] to [-1]; expected a contiguous "
        "tensor");
  // An expanded dimension is evenly strided by 0.
  CHECK(counting({1}).expanded({2, 3}).reshaped({6}).strides() == Strides{0});
  CHECK_FALSE(counting({3}).expanded({2, 3}).can_reshape({6}));
}

TEST_CASE("views: contiguity, and one memory under all", "[views]") {
  Tensor x = counting({2, 3, 4});
  CHECK_FALSE(x.transposed(0, 1).is_contiguous());
  CHECK(x.sliced(0, 1, 2).is_contiguous());
  CHECK_FALSE(x.sliced(1, 0, 2).is_contiguous());
  CHECK(x.sliced(1, 0, 2).sliced(0, 0, 1).is_contiguous());
  CHECK(contiguous(x).raw_data() == x.raw_data());
  const Tensor rows = x.sliced(0, 1, 2).permuted({2, 0, 1}), copy = contiguous(rows);
  CHECK(copy.is_contiguous());
  CHECK(copy.storage() != x.storage());
  x.data<std::int64_t>()[12] = 99;
  CHECK(to_doubles(rows)[0] == 99);
  CHECK(to_doubles(copy)[0] == 12);
  CHECK(to_doubles(rows) == std::vector<double>{99, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23});
}

}  // namespace
}  // namespace uls
