/**
 * `npm run bench:step`: one training iteration, its growth and its memory; needs no photos.
 * Options: --only step,growth,memory · --no-save
 */
import { parseArgs } from 'node:util';
import { describeOrigin, printOrigin, saveResult } from './record.js';
import { benchGrowth, benchMemory, benchStep } from './step-rows.js';

const { values } = parseArgs({ options: { only: { type: 'string' }, 'no-save': { type: 'boolean' } } });
const rows = values.only?.split(',') ?? ['step', 'growth', 'memory'];
const origin = describeOrigin();
printOrigin(origin);
const result = {
  ...(rows.includes('step') ? { step: await benchStep() } : {}),
  ...(rows.includes('growth') ? { growth: await benchGrowth() } : {}),
  ...(rows.includes('memory') ? { memory: await benchMemory() } : {}),
};
if (values['no-save'] !== true) saveResult('step', origin, result);
