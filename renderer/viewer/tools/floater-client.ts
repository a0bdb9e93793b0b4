import type { FloaterInput } from './floater-scores.js';

/** Scores in a worker of its own, which ends with the answer or with the signal. */
export function scoreFloatersAside(input: FloaterInput, signal: AbortSignal): Promise<Float32Array> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./floater-worker.ts', import.meta.url), { type: 'module' });
    const end = (): void => worker.terminate();
    worker.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      end();
      resolve(data);
    };
    worker.onerror = ({ message }) => {
      end();
      reject(new Error(message === '' ? 'The worker could not start.' : message));
    };
    signal.addEventListener('abort', () => {
      end();
      reject(signal.reason as Error);
    });
    const { count, means, logScales, rawOpacities } = input.splats;
    worker.postMessage({ ...input, splats: { count, means, logScales, rawOpacities } });
  });
}
