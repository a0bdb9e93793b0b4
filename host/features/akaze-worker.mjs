// A thread that runs OpenCV's AKAZE: 11 MB of script and 130 MB of address space, which end with it. See akaze-threads.ts.
// Its bindings are made with `new Function`, which a window's security policy forbids: job processes and the command line only.
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';

// Required, not imported: the module has a `then` that answers with the module, so that whatever awaits it unwraps it for ever, and
// loaders that copy its properties to the namespace make a promise's answer of it.
const opencv = createRequire(import.meta.url)('@techstark/opencv-js');
delete opencv.then;
if (opencv.Mat === undefined) {
  await new Promise((resolve) => {
    opencv.onRuntimeInitialized = () => resolve();
  });
}

/** @param {{ width: number, height: number, data: Float32Array, threshold: number }} search luma 0..1 [height, width] */
function detect({ width, height, data, threshold }) {
  const kept = [];
  const keep = (made) => {
    kept.push(made);
    return made;
  };
  try {
    const mat = keep(new opencv.Mat(height, width, opencv.CV_32FC1));
    mat.data32F.set(data);
    const akaze = keep(new opencv.AKAZE());
    akaze.setThreshold(threshold);
    const keypoints = keep(new opencv.KeyPointVector());
    const descriptors = keep(new opencv.Mat());
    akaze.detectAndCompute(mat, keep(new opencv.Mat()), keypoints, descriptors);
    const count = keypoints.size();
    const points = new Float32Array(2 * count);
    const scores = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      const { pt, response } = keypoints.get(i);
      points[2 * i] = pt.x;
      points[2 * i + 1] = pt.y;
      scores[i] = response;
    }
    // A view of memory that moves.
    return { points, scores, bytes: count === 0 ? new Uint8Array(0) : descriptors.data.slice() };
  } finally {
    for (const made of kept.reverse()) made.delete();
  }
}

/** OpenCV throws bare numbers. */
function inWords(error) {
  if (typeof error === 'number') return `OpenCV failed: ${opencv.exceptionFromPtr(error).msg}`;
  return error instanceof Error ? error.message : String(error);
}

parentPort.on('message', (search) => {
  try {
    const found = detect(search);
    parentPort.postMessage({ found }, [found.points.buffer, found.scores.buffer, found.bytes.buffer]);
  } catch (error) {
    parentPort.postMessage({ error: inWords(error) });
  }
});
