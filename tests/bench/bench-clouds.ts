/**
 * Imports a cloud that is thinned on the way in, in this process, and prints how long it took and the process's largest resident set.
 * Without FILE a LAS file is made in the system's temporary folder and removed again.
 *
 * node scripts/run-ts.mjs tests/bench/bench-clouds.ts [FILE] [--points 20000000] [--keep 2000000]
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gatherPoints } from '../../engine/formats/gather-points.js';
import { openCloudFile } from '../../host/clouds/open-cloud-file.js';
import { writeLargeLas } from '../fixtures/clouds/write-large-las.js';

const { values, positionals } = parseArgs({
  options: { points: { type: 'string', default: '20000000' }, keep: { type: 'string', default: '2000000' } },
  allowPositionals: true,
});
const folder = await mkdtemp(join(tmpdir(), 'vantage-clouds-'));
try {
  const path = positionals[0] ?? join(folder, 'large.las');
  if (positionals[0] === undefined) await writeLargeLas(path, Number(values.points));
  const startMs = performance.now();
  const { reader, close } = await openCloudFile(path);
  const { points, read, voxelSize } = await gatherPoints(reader, { maxPoints: Number(values.keep) });
  await close();
  console.log(
    JSON.stringify({
      fileMiB: Math.round((await stat(path)).size / 2 ** 20),
      read,
      kept: points.count,
      voxelSize,
      seconds: Math.round((performance.now() - startMs) / 100) / 10,
      // KiB on every system that Node runs on.
      peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    }),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
