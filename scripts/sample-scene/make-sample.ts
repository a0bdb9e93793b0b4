/**
 * Renders the bundled sample capture into assets/sample:
 *   node scripts/run-ts.mjs scripts/sample-scene/make-sample.ts [--samples N] [--width PX] [--views 01.jpg,02.jpg] [--out DIR] [--png]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { scaleIntrinsics } from '../../engine/scene/camera.js';
import { SAMPLE_SHOTS, describeTransforms } from './cameras.js';
import { measureCoverage } from './coverage.js';
import { renderDepth, renderPhoto } from './render.js';
import { createSampleScene } from './scene.js';

const JPEG_QUALITY = 92;

/** Depth in whole millimetres as a 16-bit grey PNG; 0 where there is only sky. */
async function writeDepthPng(path: string, depth: Float32Array, width: number, height: number): Promise<void> {
  const millimetres = Uint16Array.from(depth, (metres) => Math.min(65535, Math.round(metres * 1000)));
  await sharp(millimetres, { raw: { width, height, channels: 1 } })
    .toColourspace('grey16')
    .png({ compressionLevel: 9, adaptiveFiltering: true })
    .toFile(path);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      samples: { type: 'string', default: '24' },
      width: { type: 'string', default: '640' },
      views: { type: 'string' },
      out: { type: 'string', default: 'assets/sample' },
      png: { type: 'boolean', default: false },
    },
  });
  const chosen = values.views?.split(',');
  const width = Number(values.width);
  const samples = Number(values.samples);
  const tree = createSampleScene();
  process.stdout.write(`${tree.primitives.count} primitives\n`);
  for (const folder of ['images', 'depth']) mkdirSync(join(values.out, folder), { recursive: true });
  writeFileSync(join(values.out, 'transforms.json'), `${JSON.stringify(describeTransforms(SAMPLE_SHOTS), null, 1)}\n`);
  for (const [index, shot] of SAMPLE_SHOTS.entries()) {
    if (chosen !== undefined && !chosen.includes(shot.name)) continue;
    const started = performance.now();
    const intrinsics = scaleIntrinsics(shot.camera.intrinsics, width, Math.round((width * 3) / 4));
    const camera = { ...shot.camera, intrinsics };
    const pixels = renderPhoto(tree, camera, samples, 1000 + index, (row) => {
      if (process.stdout.isTTY) process.stdout.write(`\r${shot.name} row ${row + 1}/${intrinsics.height} `);
    });
    const image = sharp(pixels, { raw: { width, height: intrinsics.height, channels: 3 } });
    const stem = shot.name.replace('.jpg', '');
    if (values.png) await image.png().toFile(join(values.out, 'images', `${stem}.png`));
    else
      await image
        .jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4', mozjpeg: true })
        .toFile(join(values.out, 'images', shot.name));
    const depth = renderDepth(tree, camera);
    if (shot.heldOut) await writeDepthPng(join(values.out, 'depth', `${stem}.png`), depth, width, intrinsics.height);
    const sky = depth.filter((z) => z === 0).length / depth.length;
    const sorted = depth.filter((z) => z > 0).sort();
    const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(
      `${shot.name} ${seconds} s, depth ${at(0)} to ${at(1)} m, median ${at(0.5)} m, sky ${(sky * 100).toFixed(1)} %\n`,
    );
  }
  for (const { name, once, twice } of measureCoverage(tree, SAMPLE_SHOTS, 3)) {
    process.stdout.write(
      `${name}: ${(once * 100).toFixed(1)} % seen by a training photo, ${(twice * 100).toFixed(1)} % by two\n`,
    );
  }
}

await main();
