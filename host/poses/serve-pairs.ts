/** The far end of pair-threads.ts. */
import { parentPort } from 'node:worker_threads';
import type { PairToVerify, VerifiedPair, VerifyPairOptions } from '../../engine/poses/verify-pair.js';
import { verifyPair } from '../../engine/poses/verify-pair.js';

export interface PairTask {
  readonly id: number;
  readonly pair: PairToVerify;
  readonly options: VerifyPairOptions;
}

export interface PairAnswer {
  readonly id: number;
  readonly verified: VerifiedPair;
}

/** Checks one pair after the other. What it throws ends the thread: whoever asked does the work then, and meets the same. */
export function servePairs(): void {
  parentPort?.on('message', ({ id, pair, options }: PairTask) => {
    const answer: PairAnswer = { id, verified: verifyPair(pair, options) };
    parentPort?.postMessage(answer);
  });
}
