// Memory and worker pool of the WASM module.
#include "runtime.h"

extern "C" {
void* memcpy(void* target, const void* source, size_t bytes) { return __builtin_memcpy(target, source, bytes); }
void* memmove(void* target, const void* source, size_t bytes) { return __builtin_memmove(target, source, bytes); }
void* memset(void* target, int value, size_t bytes) { return __builtin_memset(target, value, bytes); }
}

// --- allocator: blocks in address order, first fit, neighbours merged on release ------------------------------------
extern "C" unsigned char __heap_base;

namespace {
constexpr size_t kAlignment = 64;
constexpr size_t kPageBytes = 65536;

struct Block {
  size_t bytes;  // payload
  Block* next;   // next block in address order
  bool isFree;
};
static_assert(sizeof(Block) <= kAlignment, "a block's header fits its alignment");

Block* firstBlock = nullptr;
Block* lastBlock = nullptr;
uintptr_t heapEnd = 0;

size_t roundUp(size_t bytes) { return (bytes + kAlignment - 1) & ~(kAlignment - 1); }
unsigned char* payload(Block* block) { return reinterpret_cast<unsigned char*>(block) + kAlignment; }

bool extendHeap(uintptr_t end) {
  const size_t have = __builtin_wasm_memory_size(0);
  const size_t need = (end + kPageBytes - 1) / kPageBytes;
  return need <= have || __builtin_wasm_memory_grow(0, need - have) != static_cast<size_t>(-1);
}
}  // namespace

void* allocateBytes(size_t bytes) {
  if (bytes > 0xf0000000u) return nullptr;
  bytes = roundUp(bytes == 0 ? 1 : bytes);
  for (Block* block = firstBlock; block != nullptr; block = block->next) {
    if (!block->isFree || block->bytes < bytes) continue;
    if (block->bytes >= bytes + 2 * kAlignment) {
      Block* rest = reinterpret_cast<Block*>(payload(block) + bytes);
      rest->bytes = block->bytes - bytes - kAlignment;
      rest->next = block->next;
      rest->isFree = true;
      if (lastBlock == block) lastBlock = rest;
      block->bytes = bytes;
      block->next = rest;
    }
    block->isFree = false;
    return payload(block);
  }
  if (heapEnd == 0) heapEnd = roundUp(reinterpret_cast<uintptr_t>(&__heap_base));
  const uint64_t end = static_cast<uint64_t>(heapEnd) + kAlignment + bytes;
  if (end > 0xffff0000ull || !extendHeap(static_cast<uintptr_t>(end))) return nullptr;
  Block* block = reinterpret_cast<Block*>(heapEnd);
  heapEnd = static_cast<uintptr_t>(end);
  block->bytes = bytes;
  block->next = nullptr;
  block->isFree = false;
  if (lastBlock != nullptr) lastBlock->next = block;
  if (firstBlock == nullptr) firstBlock = block;
  lastBlock = block;
  return payload(block);
}

void releaseBytes(void* pointer) {
  if (pointer == nullptr) return;
  reinterpret_cast<Block*>(static_cast<unsigned char*>(pointer) - kAlignment)->isFree = true;
  for (Block* block = firstBlock; block != nullptr; block = block->next) {
    while (block->isFree && block->next != nullptr && block->next->isFree) {
      block->bytes += kAlignment + block->next->bytes;
      if (lastBlock == block->next) lastBlock = block;
      block->next = block->next->next;
    }
  }
}

WASM_EXPORT(runtimeAllocate) void* runtimeAllocate(size_t bytes) { return allocateBytes(bytes); }
WASM_EXPORT(runtimeRelease) void runtimeRelease(void* pointer) { releaseBytes(pointer); }

// --- worker pool ----------------------------------------------------------------------------------------------------
namespace {
// A thread that finds nothing to do looks this often before it sleeps: long spins starve other programs on small machines.
constexpr int kSpins = 400;

int workerCount = 0;
int32_t generation = 0;
int32_t nextIndex = 0;
int32_t busyWorkers = 0;
int32_t stopping = 0;
int taskCount = 0;
TaskFunction currentTask = nullptr;
void* currentContext = nullptr;

void drainTasks(int thread) {
  for (;;) {
    const int index = __atomic_fetch_add(&nextIndex, 1, __ATOMIC_RELAXED);
    if (index >= taskCount) return;
    currentTask(currentContext, index, thread);
  }
}

// Returns once *address differs from `expected`.
int32_t waitWhileEqual(int32_t* address, int32_t expected) {
  for (int spin = 0; spin < kSpins; ++spin) {
    const int32_t now = __atomic_load_n(address, __ATOMIC_ACQUIRE);
    if (now != expected) return now;
  }
  for (;;) {
    const int32_t now = __atomic_load_n(address, __ATOMIC_ACQUIRE);
    if (now != expected) return now;
    __builtin_wasm_memory_atomic_wait32(address, expected, -1);
  }
}
}  // namespace

int threadCount() { return workerCount + 1; }

void runTasks(int count, TaskFunction task, void* context) {
  if (count <= 0) return;
  if (workerCount == 0 || count == 1) {
    for (int index = 0; index < count; ++index) task(context, index, 0);
    return;
  }
  currentTask = task;
  currentContext = context;
  taskCount = count;
  __atomic_store_n(&nextIndex, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&busyWorkers, workerCount, __ATOMIC_RELEASE);
  __atomic_fetch_add(&generation, 1, __ATOMIC_SEQ_CST);
  __builtin_wasm_memory_atomic_notify(&generation, 0x7fffffff);
  drainTasks(0);
  for (int32_t busy = __atomic_load_n(&busyWorkers, __ATOMIC_ACQUIRE); busy != 0;)
    busy = waitWhileEqual(&busyWorkers, busy);
}

// A worker thread's whole life; `thread` is 1-based. Returns when the pool is stopped.
WASM_EXPORT(runtimeWorkerLoop) void runtimeWorkerLoop(int thread, int32_t seenGeneration) {
  int32_t seen = seenGeneration;
  for (;;) {
    seen = waitWhileEqual(&generation, seen);
    if (__atomic_load_n(&stopping, __ATOMIC_ACQUIRE) != 0) return;
    drainTasks(thread);
    if (__atomic_sub_fetch(&busyWorkers, 1, __ATOMIC_ACQ_REL) == 0)
      __builtin_wasm_memory_atomic_notify(&busyWorkers, 1);
  }
}

WASM_EXPORT(runtimeSetWorkerCount) void runtimeSetWorkerCount(int count) { workerCount = count; }
WASM_EXPORT(runtimeGeneration) int32_t runtimeGeneration() { return generation; }
WASM_EXPORT(runtimeStopWorkers) void runtimeStopWorkers() {
  workerCount = 0;
  __atomic_store_n(&stopping, 1, __ATOMIC_RELEASE);
  __atomic_fetch_add(&generation, 1, __ATOMIC_SEQ_CST);
  __builtin_wasm_memory_atomic_notify(&generation, 0x7fffffff);
}
