// SPDX-License-Identifier: Apache-2.0
#include "core/memory/caching_allocator.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "core/base/log.h"
#include "core/base/op_scope.h"
#include "core/base/strings.h"

namespace uls {
namespace {

// The address space of a process: a larger request is a size that went wrong.
constexpr std::int64_t kLargestRequest = std::int64_t(1) << 47;
constexpr std::size_t kOwnersInMessage = 5;

std::int64_t round_up(std::int64_t bytes, std::int64_t unit) { return (bytes + unit - 1) / unit * unit; }

std::string owners_text(const std::vector<OwnerBytes>& owners) {
  std::vector<std::string> parts;
  for (const auto& [owner, bytes] : owners) parts.push_back(fmt::format("{} {}", owner, format_bytes(bytes)));
  return join(parts, ", ");
}

}  // namespace

bool CachingAllocator::BestFit::operator()(const Block* a, const Block* b) const {
  return std::tie(a->stream, a->size, a->address) < std::tie(b->stream, b->size, b->address);
}

CachingAllocator::CachingAllocator(MemorySource& source, AllocatorOptions options)
    : source_(source), options_(std::move(options)) {
  const auto& o = options_;
  ULS_ASSERT(o.rounding > 0 && o.small_request <= o.small_segment && o.large_request <= o.large_segment &&
                 o.small_segment % o.rounding == 0 && o.large_segment % o.rounding == 0 &&
                 o.segment_rounding > 0 && o.segment_rounding % o.rounding == 0 && o.limit >= 0,
             "memory: the sizes of the {} allocator contradict each other", o.name);
}

CachingAllocator::~CachingAllocator() {
  release_free_segments();
  if (statistics_.live_requested > 0)
    log_error("memory: the {} allocator ends before its blocks: {}", options_.name,
              owners_text(sorted_owners()));
}

std::int64_t CachingAllocator::block_size(std::int64_t bytes) const {
  // Every block has an address of its own, also one of no bytes.
  return round_up(std::max<std::int64_t>(bytes, 1), options_.caching ? options_.rounding : 1);
}

std::int64_t CachingAllocator::segment_size(std::int64_t size) const {
  if (!options_.caching) return size;
  if (size <= options_.small_request) return options_.small_segment;
  if (size <= options_.large_request) return options_.large_segment;
  return round_up(size, options_.segment_rounding);
}

bool CachingAllocator::exceeds_limit(std::int64_t size) const {
  return options_.limit > 0 && statistics_.reserved + segment_size(size) > options_.limit;
}

void* CachingAllocator::allocate(std::int64_t bytes, std::uint64_t stream) {
  ULS_CHECK(bytes >= 0 && bytes <= kLargestRequest, "memory: impossible size; got {} bytes; expected 0 to {}",
            bytes, kLargestRequest);
  const std::int64_t size = block_size(bytes);

  const std::lock_guard lock(mutex_);
  Block* block = best_fit(size, stream);
  if (!block) block = new_segment(size, stream);
  if (!block && release_free_segments()) {
    ++statistics_.retries;
    block = new_segment(size, stream);
  }
  if (!block) throw OutOfMemory(explain_failure(bytes));

  std::int64_t& owner = owners_[OpScope::current()];
  take(*block);
  split(*block, size);
  block->requested = bytes;
  block->owner = &owner;
  owner += block->size;
  statistics_.live += block->size;
  statistics_.live_requested += bytes;
  statistics_.peak_live = std::max(statistics_.peak_live, statistics_.live);
  ++statistics_.allocations;
  return block->address;
}

void CachingAllocator::free(void* pointer) noexcept {
  if (!pointer) return;
  try {
    const std::lock_guard lock(mutex_);
    give_back(pointer);
  } catch (const Bug& bug) {
    log_error("{}", bug.what());
  }
}

void CachingAllocator::release_cached() {
  const std::lock_guard lock(mutex_);
  release_free_segments();
}

CachingAllocator::Block* CachingAllocator::best_fit(std::int64_t size, std::uint64_t stream) {
  Block wanted{.size = size, .stream = stream};
  FreeBlocks& pool = pool_for(size);
  const auto found = pool.lower_bound(&wanted);
  return found != pool.end() && (*found)->stream == stream ? *found : nullptr;
}

CachingAllocator::Block* CachingAllocator::new_segment(std::int64_t size, std::uint64_t stream) {
  if (exceeds_limit(size)) return nullptr;
  const std::int64_t segment = segment_size(size);
  auto* const address = static_cast<std::byte*>(source_.allocate(segment));
  if (!address) return nullptr;
  FreeBlocks& pool = pool_for(size);
  Block& block = blocks_[address];
  block = {.address = address, .size = segment, .stream = stream, .pool = &pool};
  pool.insert(&block);
  ++statistics_.source_allocations;
  statistics_.reserved += segment;
  statistics_.peak_reserved = std::max(statistics_.peak_reserved, statistics_.reserved);
  return &block;
}

void CachingAllocator::release_segment(Block& block) {
  source_.release(block.address, block.size);
  statistics_.reserved -= block.size;
  blocks_.erase(block.address);
}

bool CachingAllocator::release_free_segments() {
  const std::int64_t reserved = statistics_.reserved;
  for (FreeBlocks& pool : pools_)
    for (auto position = pool.begin(); position != pool.end();) {
      Block& block = **position;
      if (block.previous || block.next) {
        ++position;
      } else {
        position = pool.erase(position);
        release_segment(block);
      }
    }
  return statistics_.reserved < reserved;
}

void CachingAllocator::split(Block& block, std::int64_t size) {
  const std::int64_t rest = block.size - size;
  // A rest that no request of its pool could use stays with the block.
  if (rest < (size <= options_.small_request ? options_.rounding : options_.small_request + 1)) return;
  Block& next = blocks_[block.address + size];
  next = {.address = block.address + size,
          .size = rest,
          .stream = block.stream,
          .pool = block.pool,
          .previous = &block,
          .next = block.next};
  if (next.next) next.next->previous = &next;
  block.next = &next;
  block.size = size;
  block.pool->insert(&next);
  ++statistics_.splits;
}

void CachingAllocator::absorb_next(Block& block) {
  Block& next = *block.next;
  block.size += next.size;
  block.next = next.next;
  if (block.next) block.next->previous = &block;
  blocks_.erase(next.address);
  ++statistics_.merges;
}

void CachingAllocator::give_back(void* pointer) {
  const auto found = blocks_.find(pointer);
  ULS_ASSERT(found != blocks_.end() && found->second.is_live(),
             "memory: a pointer was freed twice, or is not of the {} allocator: {}", options_.name, pointer);
  Block* block = &found->second;
  statistics_.live -= block->size;
  statistics_.live_requested -= block->requested;
  *block->owner -= block->size;

  if (!options_.caching) return release_segment(*block);
  if (Block* const next = block->next; next && !next->is_live()) {
    take(*next);
    absorb_next(*block);
  }
  if (Block* const previous = block->previous; previous && !previous->is_live()) {
    take(*previous);
    absorb_next(*previous);
    block = previous;
  }
  block->pool->insert(std::move(block->node));
}

std::int64_t CachingAllocator::largest_free_block() const {
  std::int64_t largest = 0;
  for (const FreeBlocks& pool : pools_)
    for (const Block* block : pool) largest = std::max(largest, block->size);
  return largest;
}

std::vector<OwnerBytes> CachingAllocator::sorted_owners() const {
  // One name may have several addresses: a literal in each file that uses it.
  std::map<std::string_view, std::int64_t> by_name;
  for (const auto& [name, bytes] : owners_)
    if (bytes > 0) by_name[name ? name : "other"] += bytes;
  std::vector<OwnerBytes> sorted;
  for (const auto& [name, bytes] : by_name) sorted.push_back({std::string(name), bytes});
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  return sorted;
}

MemoryStatistics CachingAllocator::current_statistics() const {
  MemoryStatistics now = statistics_;
  now.cached = now.reserved - now.live;
  return now;
}

std::string CachingAllocator::explain_failure(std::int64_t bytes) const {
  const MemoryStatistics now = current_statistics();
  auto owners = sorted_owners();
  owners.resize(std::min(owners.size(), kOwnersInMessage));
  const char* op = OpScope::current();
  return fmt::format(
      "{}: out of memory on {}; got a request of {} with {} live, {} cached, largest free block {}{}{}; "
      "expected a smaller batch size{}",
      op ? op : "memory", options_.name, format_bytes(bytes), format_bytes(now.live),
      format_bytes(now.cached), format_bytes(largest_free_block()), owners.empty() ? "" : ", most held by ",
      owners_text(owners),
      exceeds_limit(block_size(bytes))
          ? fmt::format(" or a higher ULS_MEMORY_LIMIT (now {})", format_bytes(options_.limit))
          : "");
}

MemoryStatistics CachingAllocator::statistics() const {
  const std::lock_guard lock(mutex_);
  return current_statistics();
}

void CachingAllocator::reset_peak() {
  const std::lock_guard lock(mutex_);
  statistics_.peak_live = statistics_.live;
  statistics_.peak_reserved = statistics_.reserved;
}

std::vector<OwnerBytes> CachingAllocator::owners() const {
  const std::lock_guard lock(mutex_);
  return sorted_owners();
}

std::string CachingAllocator::report() const {
  const std::lock_guard lock(mutex_);
  const MemoryStatistics now = current_statistics();
  std::string text = fmt::format(
      "memory on {}: {} live ({} requested), {} cached, {} reserved, largest free block {}\n"
      "  peak: {} live, {} reserved\n"
      "  {} allocations, {} from the source, {} splits, {} merges, {} retries\n",
      options_.name, format_bytes(now.live), format_bytes(now.live_requested), format_bytes(now.cached),
      format_bytes(now.reserved), format_bytes(largest_free_block()), format_bytes(now.peak_live),
      format_bytes(now.peak_reserved), now.allocations, now.source_allocations, now.splits, now.merges,
      now.retries);
  for (const auto& [owner, bytes] : sorted_owners())
    text += fmt::format("  {:>10}  {}\n", format_bytes(bytes), owner);
  return text;
}

}  // namespace uls
