/** OpenCV as WebAssembly, loaded once and on demand: 11 MB of script, a second, 130 MB of address space that stay until the process ends. */
import { createRequire } from 'node:module';

/** Something that lives in OpenCV's memory and is not collected. */
interface Deletable {
  delete(): void;
}

export interface OpenCvMat extends Deletable {
  readonly rows: number;
  readonly cols: number;
  /** Views of memory that may move with the next call: copy at once. */
  readonly data: Uint8Array;
  readonly data32F: Float32Array;
}

export interface OpenCvKeyPoints extends Deletable {
  size(): number;
  get(index: number): {
    readonly pt: { readonly x: number; readonly y: number };
    readonly response: number;
    readonly size: number;
  };
}

export interface OpenCvAkaze extends Deletable {
  setThreshold(threshold: number): void;
  detectAndCompute(image: OpenCvMat, mask: OpenCvMat, keypoints: OpenCvKeyPoints, descriptors: OpenCvMat): void;
}

/** The part of OpenCV that is used. The package's own types lack AKAZE. */
export interface OpenCv {
  readonly CV_32FC1: number;
  readonly Mat: new (rows?: number, cols?: number, type?: number) => OpenCvMat;
  readonly KeyPointVector: new () => OpenCvKeyPoints;
  readonly AKAZE: new () => OpenCvAkaze;
  exceptionFromPtr(pointer: number): { readonly msg: string };
}

/** OpenCV could not be loaded on this machine, or failed at its work. */
export class OpenCvError extends Error {
  override readonly name = 'OpenCvError';
}

interface StartingModule extends Partial<OpenCv> {
  onRuntimeInitialized?: () => void;
  then?: unknown;
}

/** What Emscripten's start-up hangs on the process: it would rethrow the host's own errors as its own, and abort on a rejection. */
const HIJACKED_EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

let loading: Promise<OpenCv> | null = null;

/**
 * OpenCV, from the first call on the same. Runs in job processes and the command line only: its bindings are made with `new Function`,
 * which a window's security policy forbids.
 *
 * @throws OpenCvError when it does not load; another call tries anew.
 */
export function loadOpenCv(): Promise<OpenCv> {
  loading ??= startOpenCv().catch((error: unknown) => {
    loading = null;
    const reason = error instanceof Error ? error.message : String(error);
    throw new OpenCvError(`OpenCV (@techstark/opencv-js) does not load: ${reason}`);
  });
  return loading;
}

async function startOpenCv(): Promise<OpenCv> {
  const before = HIJACKED_EVENTS.map((event) => process.listeners(event as 'uncaughtException'));
  // Required, not imported: the module has a `then` that answers with the module, so that whatever awaits it unwraps it for ever, and
  // loaders that copy its properties to the namespace make a promise's answer of it.
  const opencv = createRequire(import.meta.url)('@techstark/opencv-js') as StartingModule;
  delete opencv.then;
  HIJACKED_EVENTS.forEach((event, k) => {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before[k]!.includes(listener)) process.removeListener(event, listener);
    }
  });
  if (opencv.Mat === undefined) {
    await new Promise<void>((resolve) => {
      opencv.onRuntimeInitialized = resolve;
    });
  }
  return opencv as OpenCv;
}

/**
 * Runs `work` with a `keep` through which everything that it makes in OpenCV's memory is freed at the end, whatever happens. OpenCV throws
 * bare numbers; they come out as OpenCvError with OpenCV's words. `work` must not be asynchronous.
 */
export function withOpenCvMemory<T>(opencv: OpenCv, work: (keep: <D extends Deletable>(made: D) => D) => T): T {
  const kept: Deletable[] = [];
  try {
    return work((made) => {
      kept.push(made);
      return made;
    });
  } catch (error) {
    if (typeof error !== 'number') throw error;
    throw new OpenCvError(`OpenCV failed: ${opencv.exceptionFromPtr(error).msg}`);
  } finally {
    for (const made of kept.reverse()) made.delete();
  }
}
