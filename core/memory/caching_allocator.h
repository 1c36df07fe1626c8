// SPDX-License-Identifier: Apache-2.0
// The caching allocator: memory that a tensor gives back is kept for the next one, because asking the system
// (page faults on the CPU, a synchronising cudaMalloc on a GPU) costs more than the operation itself.
//
// Requests are rounded up and cut from segments. Two pools keep small requests from crumbling the segments of
// large ones. A free block is chosen by best fit (the smallest that suffices, then the lowest address, hence
// deterministic), split where the rest is worth keeping, merged with its free neighbours when it comes back,
// and handed out again on the stream alone on which it was allocated: order on that stream makes reuse safe.
// When the source has no more, wholly free segments go back to it before the request is tried once more.
//
// The policy is host code over any MemorySource. Safe to use from several threads; one mutex guards it all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "core/memory/memory_source.h"

namespace uls {

/// Raised when a request cannot be met; what() names the request, what is held and by whom, and what to try.
class OutOfMemory : public Error {
 public:
  using Error::Error;
};

/// Sizes in bytes.
struct AllocatorOptions {
  std::string name = "cpu";  ///< the device, in messages
  bool caching = true;     ///< false: every request goes to the source in its exact size, and back when freed
  std::int64_t limit = 0;  ///< the most that may be reserved from the source; 0 for no limit
  std::int64_t rounding = 512;              ///< requests are rounded up to multiples of this
  std::int64_t small_request = 1 << 20;     ///< requests up to this use the small pool ...
  std::int64_t small_segment = 2 << 20;     ///< ... of segments of this size
  std::int64_t large_request = 10 << 20;    ///< other requests up to this use ...
  std::int64_t large_segment = 20 << 20;    ///< ... segments of this size,
  std::int64_t segment_rounding = 2 << 20;  ///< and still larger ones their own, rounded up to this
};

/// Bytes now, and counts since the allocator was made.
struct MemoryStatistics {
  std::int64_t live_requested = 0;  ///< what the owners of live blocks asked for
  std::int64_t live = 0;            ///< what their blocks take
  std::int64_t reserved = 0;        ///< what the source has given
  std::int64_t cached = 0;          ///< reserved, not live
  std::int64_t peak_live = 0;       ///< since the start or reset_peak()
  std::int64_t peak_reserved = 0;   ///< since the start or reset_peak()
  std::int64_t allocations = 0;
  std::int64_t source_allocations = 0;
  std::int64_t splits = 0;
  std::int64_t merges = 0;
  std::int64_t retries = 0;  ///< requests for which cached segments had to go back to the source
};

/// Live bytes of one operation.
struct OwnerBytes {
  std::string owner;
  std::int64_t bytes = 0;

  friend bool operator==(const OwnerBytes&, const OwnerBytes&) = default;
};

class CachingAllocator {
 public:
  /// The source must outlive the allocator.
  explicit CachingAllocator(MemorySource& source, AllocatorOptions options = {});

  /// Gives the cached segments back; blocks that are still live are logged, and their segments left alone.
  ~CachingAllocator();

  /// Uninitialised memory of at least `bytes` bytes, aligned to `rounding` or as the source aligns, whichever
  /// is less. A request of 0 bytes gets a valid address of its own. Sizes below 0 or beyond any address space
  /// raise Error, requests that cannot be met OutOfMemory: every other block then remains intact. The memory
  /// is booked on OpScope::current(), or on "other" outside of any operation.
  void* allocate(std::int64_t bytes, std::uint64_t stream = 0);

  /// Takes a block back; nullptr is ignored. Destructors call it, so a pointer that is not a live block
  /// (freed twice, or foreign) is logged as a Bug with its stack, and nothing else happens.
  void free(void* pointer) noexcept;

  /// Gives every wholly free segment back to the source.
  void release_cached();

  MemoryStatistics statistics() const;

  /// Starts the peaks anew from what is live and reserved now.
  void reset_peak();

  /// Live bytes by operation, most first.
  std::vector<OwnerBytes> owners() const;

  /// Several lines for people: bytes, peaks, counts, owners.
  std::string report() const;

 private:
  struct Block;
  struct BestFit {
    bool operator()(const Block* a, const Block* b) const;
  };
  using FreeBlocks = std::set<Block*, BestFit>;

  // A part of a segment. Neighbours in the segment are linked, so that free ones merge.
  struct Block {
    std::byte* address = nullptr;
    std::int64_t size = 0;
    std::uint64_t stream = 0;
    FreeBlocks* pool = nullptr;
    Block* previous = nullptr;
    Block* next = nullptr;
    std::int64_t requested = 0;
    std::int64_t* owner = nullptr;
    // The block's node of the pool while it is live. Kept, so that free() needs no memory and cannot fail.
    FreeBlocks::node_type node{};

    bool is_live() const { return !node.empty(); }
  };

  FreeBlocks& pool_for(std::int64_t size) { return pools_[size > options_.small_request]; }
  std::int64_t block_size(std::int64_t bytes) const;
  std::int64_t segment_size(std::int64_t size) const;
  bool exceeds_limit(std::int64_t size) const;

  // All below expect the mutex to be held.
  Block* best_fit(std::int64_t size, std::uint64_t stream);
  Block* new_segment(std::int64_t size, std::uint64_t stream);
  void release_segment(Block& block);
  bool release_free_segments();
  void take(Block& block) { block.node = block.pool->extract(&block); }
  void split(Block& block, std::int64_t size);
  void absorb_next(Block& block);
  void give_back(void* pointer);
  std::int64_t largest_free_block() const;
  std::vector<OwnerBytes> sorted_owners() const;
  MemoryStatistics current_statistics() const;
  std::string explain_failure(std::int64_t bytes) const;

  MemorySource& source_;
  const AllocatorOptions options_;
  mutable std::mutex mutex_;
  std::array<FreeBlocks, 2> pools_;                       // small, large
  std::unordered_map<const void*, Block> blocks_;         // live and free, by address
  std::unordered_map<const char*, std::int64_t> owners_;  // live bytes by the name's address
  MemoryStatistics statistics_;
};

}  // namespace uls
