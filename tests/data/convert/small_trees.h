// SPDX-License-Identifier: Apache-2.0
// Small sets in the exact layout of sources that no sample is at hand of.
#pragma once

#include <string>

namespace uls::test {

/// COCO's annotation file of three pictures (40 x 30, 20 x 16, 10 x 12) named COCO_train2014_....jpg:
/// overlapping and fractional polygons, one with too few points, a crowd's RLE, a compressed RLE.
std::string coco_json();

/// REFER's root: refcoco (unc; protocol 0, or 2), refcoco+ (unc), refcocog (umd), grefcoco, pictures.
void make_refer_tree(const std::string& root, bool protocol2 = false);

/// COCO's root: instances and panoptic of 2017, stuffthingmaps, pictures.
void make_coco_tree(const std::string& root);

/// Saliency's: images/X.jpg, masks/X.png with values around 128, one without foreground.
void make_folders_tree(const std::string& root);

/// CamVid's: two pictures of train, one of val.
void make_camvid_tree(const std::string& root);

}  // namespace uls::test
