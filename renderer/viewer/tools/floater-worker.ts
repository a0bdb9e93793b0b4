/** Scores beside the window: seconds of work for a large scene, in which nothing may stand still. */
import type { FloaterInput } from './floater-scores.js';
import { scoreFloaters } from './floater-scores.js';

const scope = self as unknown as {
  onmessage: (event: MessageEvent<FloaterInput>) => void;
  postMessage(message: Float32Array, transfer: Transferable[]): void;
};

scope.onmessage = ({ data }) => {
  const scores = scoreFloaters(data);
  scope.postMessage(scores, [scores.buffer]);
};
