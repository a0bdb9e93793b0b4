/**
 * `npm run bench:poses`: cameras from photos alone, beside COLMAP where it is installed.
 * Options: --only fern,fox-3 · --data DIR · --draw N (N pairs and N triples of each capture with references) · --no-colmap ·
 * --models DIR (networks, by default the user's) · --depth-model NAME (for photos that are left over) · --features akaze,both (each is measured) ·
 * --known-focal (the photos say their focal length, as a phone's do).
 */
import { tmpdir } from 'node:os';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '../../engine/math/random.js';
import { findColmap } from '../../host/poses/run-colmap.js';
import type { PoseMeasurement } from './measure-poses.js';
import { measureColmap, measureVantage, preparePhotos, readFocalPerDiagonal, readReferences } from './measure-poses.js';
import type { PoseCase } from './pose-cases.js';
import { POSE_CASES } from './pose-cases.js';
import { describeOrigin, printOrigin } from './record.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    data: { type: 'string' },
    draw: { type: 'string' },
    models: { type: 'string' },
    'depth-model': { type: 'string', default: 'none' },
    'known-focal': { type: 'boolean', default: false },
    features: { type: 'string', default: 'auto' },
    'no-colmap': { type: 'boolean', default: false },
  },
});
const data = values.data ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const colmap = values['no-colmap'] ? null : findColmap();
const work = mkdtempSync(join(tmpdir(), 'vantage-poses-'));
const variants = values.features.split(',').map((features) => ({
  features,
  depthModel: values['depth-model'],
  ...(values.models === undefined ? {} : { models: values.models }),
}));
/** A pair is right when its turn is within this of the reference's; a triple, when all three are. */
const RIGHT_DEGREES = 5;

const degrees = (radians: number): string => `${((radians * 180) / Math.PI).toFixed(3)}°`;

function imagesOf(capture: string): string {
  const images = join(data, capture, 'images');
  if (existsSync(images)) return images;
  const reduced = join(data, capture, 'images_8');
  return existsSync(reduced) ? reduced : join(data, capture);
}

async function focalOf(one: PoseCase): Promise<number | null> {
  return values['known-focal'] ? readFocalPerDiagonal(join(data, one.capture)) : null;
}

function describe(label: string, total: number, found: PoseMeasurement, one: PoseCase): string {
  const parts = [`${label.padEnd(13)} ${found.placed}/${total}`, `${found.seconds.toFixed(1)} s`];
  if (found.comparison !== null) {
    const { medianRotationRad, medianPairRotationRad, medianCentrePercent } = found.comparison;
    parts.push(`turned ${degrees(medianRotationRad)}`, `pairs ${degrees(medianPairRotationRad)}`);
    parts.push(`centres ${medianCentrePercent.toFixed(3)} %`);
  }
  if (found.errorPx !== null) parts.push(`${found.errorPx.toFixed(2)} px`);
  if (found.focalPx !== null) {
    parts.push(`focal ${found.focalPx.toFixed(1)} px`);
    if (one.focal !== undefined && one.widthPx !== undefined)
      parts.push(
        `(${(100 * (found.focalPx / ((one.focal.px * one.widthPx) / one.focal.longSidePx) - 1)).toFixed(1)} % off)`,
      );
  }
  if (found.doubted.length > 0) parts.push(`${found.doubted.length} doubted`);
  return parts.join(', ');
}

async function runCase(one: PoseCase): Promise<void> {
  const focal = await focalOf(one);
  const photos = await preparePhotos(imagesOf(one.capture), join(work, 'photos'), one.photos, one, focal);
  const references = await readReferences(join(data, one.capture));
  console.log(`${one.row}: ${photos.names.length} photos. Asked: ${one.goal}`);
  for (const settings of variants) {
    const ours = await measureVantage(photos, references, join(work, 'vantage'), settings);
    console.log(`  ${describe(`Vantage ${settings.features}`, photos.names.length, ours, one)}`);
  }
  if (colmap === null) return;
  const theirs = await measureColmap(colmap, photos, references, join(work, 'colmap'), one.isOneCamera);
  console.log(`  ${describe('COLMAP', photos.names.length, theirs, one)}`);
}

type Verdict = 'right' | 'wrong' | 'wrong, but doubted' | 'not placed';

function judge(found: PoseMeasurement, count: number): Verdict {
  if (found.placed < count || found.comparison === null) return 'not placed';
  const worst = Math.max(...found.comparison.pairRotationErrorsRad);
  if (worst <= (RIGHT_DEGREES * Math.PI) / 180) return 'right';
  return found.doubted.length > 0 ? 'wrong, but doubted' : 'wrong';
}

/** Pairs and triples that are drawn at random, of photos that are at most `MAX_GAP` apart in the order they were taken. */
const MAX_GAP = 3;

async function runDraw(one: PoseCase, count: number): Promise<void> {
  const references = await readReferences(join(data, one.capture));
  const all = await preparePhotos(imagesOf(one.capture), join(work, 'all'), one.photos, one);
  const names = all.names.filter((name) => references.has(name));
  const random = createRandom(1);
  const focal = await focalOf(one);
  for (const size of [2, 3]) {
    const tallies = new Map<string, Map<Verdict, number>>();
    for (let i = 0; i < count; i++) {
      const gap = 1 + Math.floor(random.next() * MAX_GAP);
      const first = Math.floor(random.next() * (names.length - gap * (size - 1)));
      const pick = Array.from({ length: size }, (_, k) => names[first + k * gap]!.replace(/\.[^.]+$/, ''));
      const photos = await preparePhotos(all.folder, join(work, 'draw'), pick, {}, focal);
      const verdicts = new Map<string, Verdict>();
      for (const settings of variants) {
        const ours = await measureVantage(photos, references, join(work, 'vantage'), settings);
        verdicts.set(`Vantage ${settings.features}`, judge(ours, size));
      }
      if (colmap !== null) {
        const theirs = await measureColmap(colmap, photos, references, join(work, 'colmap'), one.isOneCamera);
        verdicts.set('COLMAP', judge(theirs, size));
      }
      for (const [who, verdict] of verdicts) {
        const tally = tallies.get(who) ?? new Map<Verdict, number>();
        tallies.set(who, tally.set(verdict, (tally.get(verdict) ?? 0) + 1));
      }
      console.log(`  ${pick.join(' ')}: ${[...verdicts].map((entry) => entry.join(' ')).join(', ')}`);
    }
    const show = (counts: Map<Verdict, number>): string => [...counts].map(([v, n]) => `${n} ${v}`).join(', ');
    console.log(
      `${one.row}, ${size} photos: ${[...tallies].map(([who, tally]) => `${who} ${show(tally)}`).join('; ')}`,
    );
  }
}

printOrigin(describeOrigin());
if (colmap === null && !values['no-colmap']) console.log('COLMAP is not installed: Vantage alone.');
const wanted = values.only?.split(',');
for (const one of POSE_CASES) {
  if (wanted !== undefined && !wanted.includes(one.row)) continue;
  if (values.draw !== undefined) await runDraw(one, Number(values.draw));
  else await runCase(one);
}
rmSync(work, { recursive: true, force: true });
