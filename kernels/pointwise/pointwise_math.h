// SPDX-License-Identifier: Apache-2.0
// The formulas, once for all devices; A is the type in which arithmetic is done (float or double).
//
// Of one argument: value(x), and slope(v) = dy/dx where v is the result y if kSlopeFromResult (its memory is
// kept by the next op anyway), else the argument x. Of two: value(a, b), and where it is not constant
// slope_a, slope_b = dy/da, dy/db from the arguments.
#pragma once

#include <cmath>

#include "core/device/host_device.h"
#include "kernels/common/fast_math.h"

namespace uls::kernels {

template <typename A>
struct Relu {
  static constexpr bool kSlopeFromResult = true;
  // Written so that a NaN stays one.
  ULS_HD static A value(A x) { return x < A(0) ? A(0) : x; }
  ULS_HD static A slope(A y) { return y > A(0) ? A(1) : A(0); }
};

// y = x Phi(x), dy/dx = Phi(x) + x phi(x).
template <typename A>
struct Gelu {
  static constexpr bool kSlopeFromResult = false;
  ULS_HD static A value(A x) { return x * normal_parts(x).below; }
  ULS_HD static A slope(A x) {
    const auto [below, bell] = normal_parts(x);
    return below + x * bell * A(0.39894228040143267794);
  }
};

// y = x (1 + t) / 2, t = tanh(u), u = k (x + c x^3); dy/dx = (1 + t) / 2 + x (1 - t^2) k (1 + 3 c x^2) / 2.
template <typename A>
struct GeluTanh {
  static constexpr bool kSlopeFromResult = false;
  static constexpr A kK = A(0.79788456080286535588), kC = A(0.044715);
  ULS_HD static A value(A x) { return A(0.5) * x * (A(1) + fast_tanh(kK * (x + kC * x * x * x))); }
  ULS_HD static A slope(A x) {
    const A t = fast_tanh(kK * (x + kC * x * x * x));
    return A(0.5) * (A(1) + t) + A(0.5) * x * (A(1) - t * t) * kK * (A(1) + A(3) * kC * x * x);
  }
};

template <typename A>
struct Sigmoid {
  static constexpr bool kSlopeFromResult = true;
  ULS_HD static A value(A x) { return A(1) / (A(1) + fast_exp(-x)); }
  ULS_HD static A slope(A y) { return y * (A(1) - y); }
};

// y = x s, s = sigmoid(a x), dy/dx = s + a x s (1 - s).
template <typename A>
struct QuickGelu {
  static constexpr bool kSlopeFromResult = false;
  static constexpr A kAlpha = A(1.702);
  ULS_HD static A value(A x) { return x * Sigmoid<A>::value(kAlpha * x); }
  ULS_HD static A slope(A x) {
    const A s = Sigmoid<A>::value(kAlpha * x);
    return s + kAlpha * x * s * (A(1) - s);
  }
};

template <typename A>
struct Tanh {
  static constexpr bool kSlopeFromResult = true;
  ULS_HD static A value(A x) { return fast_tanh(x); }
  ULS_HD static A slope(A y) { return A(1) - y * y; }
};

template <typename A>
struct Exp {
  static constexpr bool kSlopeFromResult = true;
  ULS_HD static A value(A x) { return fast_exp(x); }
  ULS_HD static A slope(A y) { return y; }
};

template <typename A>
struct Log {
  static constexpr bool kSlopeFromResult = false;
  ULS_HD static A value(A x) { return fast_log(x); }
  ULS_HD static A slope(A x) { return A(1) / x; }
};

template <typename A>
struct Sqrt {
  static constexpr bool kSlopeFromResult = true;
  ULS_HD static A value(A x) { return std::sqrt(x); }
  ULS_HD static A slope(A y) { return A(0.5) / y; }
};

template <typename A>
struct Square {
  static constexpr bool kSlopeFromResult = false;
  ULS_HD static A value(A x) { return x * x; }
  ULS_HD static A slope(A x) { return A(2) * x; }
};

template <typename A>
struct Abs {
  static constexpr bool kSlopeFromResult = false;
  ULS_HD static A value(A x) { return std::abs(x); }
  ULS_HD static A slope(A x) { return x > A(0) ? A(1) : (x < A(0) ? A(-1) : A(0)); }
};

template <typename A>
struct Add {
  ULS_HD static A value(A a, A b) { return a + b; }
};

template <typename A>
struct Subtract {
  ULS_HD static A value(A a, A b) { return a - b; }
};

template <typename A>
struct Multiply {
  ULS_HD static A value(A a, A b) { return a * b; }
  ULS_HD static A slope_a(A, A b) { return b; }
  ULS_HD static A slope_b(A a, A) { return a; }
};

template <typename A>
struct Divide {
  ULS_HD static A value(A a, A b) { return a / b; }
  ULS_HD static A slope_a(A, A b) { return A(1) / b; }
  ULS_HD static A slope_b(A a, A b) { return -a / (b * b); }
};

template <typename A>
struct Maximum {
  ULS_HD static A share(A mine, A other) { return mine > other ? A(1) : (mine == other ? A(0.5) : A(0)); }
  // Written so that a NaN of either side stays one.
  ULS_HD static A value(A a, A b) { return a != a || a > b ? a : b; }
  ULS_HD static A slope_a(A a, A b) { return share(a, b); }
  ULS_HD static A slope_b(A a, A b) { return share(b, a); }
};

template <typename A>
struct Minimum {
  ULS_HD static A value(A a, A b) { return a != a || a < b ? a : b; }
  ULS_HD static A slope_a(A a, A b) { return Maximum<A>::share(-a, -b); }
  ULS_HD static A slope_b(A a, A b) { return Maximum<A>::share(-b, -a); }
};

}  // namespace uls::kernels
