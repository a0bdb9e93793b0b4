/** The WASM module's memory and worker pool, shared by every `wasm/` folder of the engine. */

/** What a worker thread is started with; it instantiates the module on the shared memory and runs its loop. */
export interface WorkerThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** 1-based. */
  readonly threadIndex: number;
  readonly stackTop: number;
  readonly generation: number;
}

export interface WorkerThread {
  /** Resolves when the thread has instantiated the module and waits for work. */
  readonly ready: Promise<void>;
  terminate(): Promise<void>;
}

/** How threads are made differs between Node, browsers and Electron: the host hands this in. */
export type SpawnWorkerThread = (start: WorkerThreadStart) => WorkerThread;

/** The engine's 4 GiB of WASM memory do not suffice (or the machine refuses to give more). */
export class MemoryLimitError extends Error {
  override readonly name = 'MemoryLimitError';
  constructor(readonly requestedBytes: number) {
    super(
      `Out of memory: ${Math.ceil(requestedBytes / 1048576)} MiB more were needed. Use a smaller --width or fewer --max-splats.`,
    );
  }
}

const WORKER_STACK_BYTES = 512 * 1024;
const INITIAL_PAGES = 512;
const MAXIMUM_PAGES = 65536;

type Kernel = (...args: number[]) => number;

export class WasmRuntime {
  private readonly kernels = new Map<string, Kernel>();

  private constructor(
    private readonly instance: WebAssembly.Instance,
    private readonly memory: WebAssembly.Memory,
    private readonly workers: readonly WorkerThread[],
  ) {}

  /** Instantiates the module and starts `threads − 1` workers (the calling thread works too). */
  static async start(bytes: Uint8Array<ArrayBuffer>, threads: number, spawn: SpawnWorkerThread): Promise<WasmRuntime> {
    const module = new WebAssembly.Module(bytes);
    const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES, shared: true });
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    const call = (name: string, ...args: number[]): number => (instance.exports[name] as Kernel)(...args);
    const workers: WorkerThread[] = [];
    for (let threadIndex = 1; threadIndex < threads; threadIndex++) {
      const stackTop = call('runtimeAllocate', WORKER_STACK_BYTES) + WORKER_STACK_BYTES;
      workers.push(spawn({ module, memory, threadIndex, stackTop, generation: call('runtimeGeneration') }));
    }
    await Promise.all(workers.map((worker) => worker.ready));
    call('runtimeSetWorkerCount', workers.length);
    return new WasmRuntime(instance, memory, workers);
  }

  get threads(): number {
    return this.workers.length + 1;
  }

  /** An exported kernel by name; pointers and counts are passed as numbers. */
  kernel(name: string): Kernel {
    let kernel = this.kernels.get(name);
    if (kernel === undefined) {
      kernel = this.instance.exports[name] as Kernel | undefined;
      if (kernel === undefined) throw new Error(`the WASM module exports no ${name}`);
      this.kernels.set(name, kernel);
    }
    return kernel;
  }

  /** Bytes of zero-initialised or reused memory, 64-byte aligned. Throws MemoryLimitError. */
  allocate(bytes: number): number {
    const pointer = bytes < MAXIMUM_PAGES * 65536 ? this.kernel('runtimeAllocate')(bytes) >>> 0 : 0;
    if (pointer === 0) throw new MemoryLimitError(bytes);
    return pointer;
  }

  release(pointer: number): void {
    this.kernel('runtimeRelease')(pointer);
  }

  /** Views are valid until the memory next grows: take a fresh one after every allocation or kernel call. */
  float32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, pointer, length);
  }

  uint32(pointer: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, pointer, length);
  }

  int32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, pointer, length);
  }

  uint16(pointer: number, length: number): Uint16Array {
    return new Uint16Array(this.memory.buffer, pointer, length);
  }

  uint8(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, length);
  }

  /** Allocates and copies; the caller releases. */
  upload(array: Float32Array | Uint32Array | Int32Array | Uint16Array | Uint8Array): number {
    const pointer = this.allocate(Math.max(1, array.byteLength));
    new Uint8Array(this.memory.buffer, pointer, array.byteLength).set(
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
    );
    return pointer;
  }

  /** A copy in JavaScript's own memory. */
  downloadFloat32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.float32(pointer, length));
  }

  async dispose(): Promise<void> {
    this.kernel('runtimeStopWorkers')();
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
