// SPDX-License-Identifier: Apache-2.0
// The sources, each from the file of its name (the REFER family from refer.cpp).
#pragma once

#include "data/convert/source.h"

namespace uls {

SourceKind ade20k_full_source();
SourceKind camvid_source();
SourceKind ccp_source();
SourceKind coco_instances_source();
SourceKind coco_panoptic_source();
SourceKind coco_stuff_source();
SourceKind coco128_source();
SourceKind davis_source();
SourceKind folders_source();
SourceKind grefcoco_source();
SourceKind pascal_part_source();
SourceKind refcoco_source();
SourceKind refcoco_plus_source();
SourceKind refcocog_source();
SourceKind refexp_source();
SourceKind voc_source();

}  // namespace uls
