// SPDX-License-Identifier: Apache-2.0
#include "data/transforms/fit.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "core/base/error.h"
#include "data/transforms/axis_warp.h"
#include "data/transforms/normalise.h"

namespace uls {
namespace {

void check(const Fit& fit) {
  constexpr std::int64_t kMost = 32766;  // OpenCV's coordinates are 16 bits
  ULS_CHECK(std::min({fit.height, fit.width, fit.side}) >= 1 &&
                std::max({fit.height, fit.width, fit.side}) <= kMost,
            "fit: size out of range; got an image of {}x{} and a side of {}; expected 1 to {}", fit.height,
            fit.width, fit.side, kMost);
}

struct Corners {
  cv::Point2f image[3], input[3];
};

Corners corners_of(const Fit& fit) {
  check(fit);
  const double h = double(fit.height), w = double(fit.width), side = double(fit.side);
  const double scale = std::min(side / h, side / w);
  const double new_h = h * scale, new_w = w * scale;
  const double x = (side - new_w) / 2, y = (side - new_h) / 2;
  const auto point = [](double px, double py) { return cv::Point2f(float(px), float(py)); };
  return {{point(0, 0), point(w, 0), point(0, h)}, {point(x, y), point(new_w + x, y), point(x, new_h + y)}};
}

Affine affine_of(const cv::Mat& matrix) {
  Affine affine;
  std::copy_n(matrix.ptr<double>(), 6, affine.begin());
  return affine;
}

cv::Mat mat_of(const Affine& affine) { return cv::Mat(2, 3, CV_64F, const_cast<double*>(affine.data())); }

template <typename T>
cv::Mat view(const std::vector<T>& values, std::int64_t height, std::int64_t width, int type) {
  return {int(height), int(width), type, const_cast<T*>(values.data())};
}

}  // namespace

FitKind parse_fit(std::string_view word) {
  ULS_CHECK(word == "letterbox" || word == "squash",
            "fit: unknown word; got '{}'; expected letterbox or squash", word);
  return word == "letterbox" ? FitKind::letterbox : FitKind::squash;
}

Affine letterbox_matrix(const Fit& fit) {
  const Corners corners = corners_of(fit);
  return affine_of(cv::getAffineTransform(corners.image, corners.input));
}

Affine letterbox_inverse(const Fit& fit) {
  const Corners corners = corners_of(fit);
  return affine_of(cv::getAffineTransform(corners.input, corners.image));
}

Affine inverted(const Affine& matrix) {
  // OpenCV's own code: the last bit decides on which side of a tie a coordinate is rounded.
  cv::Mat inverse;
  cv::invertAffineTransform(mat_of(matrix), inverse);
  return affine_of(inverse);
}

Image fit_image(const Image& image, const Fit& fit) {
  check(fit);
  ULS_CHECK(image.channels == 3 && image.height == fit.height && image.width == fit.width,
            "fit: another image; got {}x{}x{}; expected {}x{}x3", image.height, image.width, image.channels,
            fit.height, fit.width);
  if (fit.kind == FitKind::letterbox)
    return warp_cubic(image, inverted(letterbox_matrix(fit)), fit.side, kBorderBytes);
  if (fit.height == fit.side && fit.width == fit.side) return image;
  Image input{fit.side, fit.side, 3, std::vector<std::uint8_t>(std::size_t(fit.side * fit.side * 3))};
  cv::Mat target = view(input.pixels, fit.side, fit.side, CV_8UC3);
  const bool shrinks = fit.height >= fit.side && fit.width >= fit.side;
  cv::resize(view(image.pixels, fit.height, fit.width, CV_8UC3), target, target.size(), 0, 0,
             shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  return input;
}

std::vector<float> unfit_map(const std::vector<float>& map, const Fit& fit) {
  check(fit);
  ULS_CHECK(std::int64_t(map.size()) == fit.side * fit.side,
            "fit: another map; got {} values; expected {}x{}", map.size(), fit.side, fit.side);
  std::vector<float> whole(std::size_t(fit.height * fit.width));
  cv::Mat target = view(whole, fit.height, fit.width, CV_32F);
  const cv::Mat source = view(map, fit.side, fit.side, CV_32F);
  if (fit.kind == FitKind::letterbox)
    cv::warpAffine(source, target, mat_of(letterbox_inverse(fit)), target.size(), cv::INTER_CUBIC,
                   cv::BORDER_CONSTANT, cv::Scalar(0));
  else
    cv::resize(source, target, target.size(), 0, 0, cv::INTER_LINEAR);
  return whole;
}

}  // namespace uls
