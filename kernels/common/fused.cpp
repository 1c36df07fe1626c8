// SPDX-License-Identifier: Apache-2.0
#include "kernels/common/fused.h"

#include "core/config/settings.h"

namespace uls::kernels {
namespace {

constexpr int kAsSet = -1;
thread_local int override_of_scope = kAsSet;

}  // namespace

bool fused_kernels() { return override_of_scope == kAsSet ? settings().fused : override_of_scope != 0; }

FusedScope::FusedScope(bool fused) : previous_(override_of_scope) { override_of_scope = fused ? 1 : 0; }
FusedScope::~FusedScope() { override_of_scope = previous_; }

}  // namespace uls::kernels
