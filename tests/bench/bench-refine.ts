/**
 * `npm run bench:refine`: what moving cameras and adapting colours brings on held-out views, with cameras as they are given, shaken by a
 * known amount, and found by `vantage poses`. Options: --rows fern,fox-3,fox-12 · --cameras given,shaken,found · --variants TEXT (of
 * off,cameras,exposure,both,twice) · --preset standard · --iterations N · --width PX · --set training.refinement.rotationRate=1e-4 (repeatable,
 * for all variants) · --seed N · --threads N · --unit N (median depth, where it is
 * known: saves the run that tells it) · --data DIR · --found DIR (where found cameras are kept) · --no-save
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { reconstruct } from '../../engine/pipeline/reconstruct.js';
import type { PresetName, Reconstruction } from '../../engine/pipeline/reconstruction.js';
import type { View } from '../../engine/scene/view.js';
import type { Preset } from '../../engine/training/presets.js';
import { PRESETS } from '../../engine/training/presets.js';
import { defaultMemoryBudgetBytes } from '../../host/machine.js';
import type { Engine } from '../../host/run/compose.js';
import { openEngine } from '../../host/run/compose.js';
import { scoreViews } from '../../host/run/score-views.js';
import { parseVariant } from './ablations.js';
import { alignViews } from './align-views.js';
import { describeOrigin, printOrigin, printTable, saveResult } from './record.js';
import type { RefineCameras, RefineScene } from './refine-scenes.js';
import { loadRefineScene, measureOffset, REFINE_CAMERAS, shakeViews } from './refine-scenes.js';

/** 'twice': half the iterations with cameras that learn, then the whole run again from the cameras that it ends with. */
const VARIANTS = ['off', 'cameras', 'exposure', 'both', 'twice'] as const;
type Variant = (typeof VARIANTS)[number];

interface RefineMeasurement {
  readonly row: string;
  readonly cameras: RefineCameras;
  readonly variant: Variant;
  readonly psnr: number;
  readonly ssim: number;
  /** With the held-out cameras fitted to the finished scene first: how good the scene is, wherever it lies. */
  readonly alignedPsnr: number;
  readonly seconds: number;
  /** Mean over the training photos. */
  readonly turnedDeg: number;
  readonly movedShare: number;
  readonly focalFactor: number;
  /** Mean distance in pixels, at median depth, from the pictures that unshaken cameras would give; null where cameras were not shaken. */
  readonly offPx: number | null;
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: 'fern,fox-3,fox-12' },
    cameras: { type: 'string', default: REFINE_CAMERAS.join(',') },
    variants: { type: 'string', default: VARIANTS.join(',') },
    preset: { type: 'string', default: 'standard' },
    iterations: { type: 'string' },
    width: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string' },
    unit: { type: 'string' },
    data: { type: 'string', default: fileURLToPath(new URL('../../../shared/data', import.meta.url)) },
    found: { type: 'string', default: fileURLToPath(new URL('../../out/bench-refine', import.meta.url)) },
    'no-save': { type: 'boolean' },
  },
});

function presetOf(variant: Variant): Preset {
  const base = values.set.reduce<Preset>(
    (preset, text) => parseVariant(preset, text).preset,
    PRESETS[values.preset as PresetName],
  );
  const cameras = variant === 'cameras' || variant === 'both' || variant === 'twice';
  const exposure = variant === 'exposure' || variant === 'both';
  const refinement = { ...base.training.refinement, cameras, exposure };
  return { ...base, training: { ...base.training, refinement } };
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

async function reconstructScene(
  engine: Engine,
  train: readonly View[],
  variant: Variant,
  share: number,
): Promise<Reconstruction> {
  const preset = presetOf(variant);
  const { iterations, iterationsPerPhoto } = preset.training;
  const whole = Number(values.iterations ?? Math.max(iterations, iterationsPerPhoto * train.length));
  return reconstruct({
    views: train,
    preset: values.preset as PresetName,
    tuning: preset,
    iterations: Math.round(whole * share),
    seed: Number(values.seed),
    splatting: engine.splatting,
    stereo: await engine.openStereo(),
    depthNetwork: null,
    memoryBudgetBytes: defaultMemoryBudgetBytes(),
    onEvent: () => undefined,
  });
}

/** Photos with the cameras that a run has ended with. */
function refinedViews(views: readonly View[], { refinement }: Reconstruction['report']): View[] {
  return views.map((view) => ({
    ...view,
    camera: refinement?.views.find(({ name }) => name === view.name)?.camera ?? view.camera,
  }));
}

async function measure(
  engine: Engine,
  scene: RefineScene,
  cameras: RefineCameras,
  variant: Variant,
): Promise<RefineMeasurement & { readonly sceneUnit: number }> {
  const start = performance.now();
  const first = variant === 'twice' ? await reconstructScene(engine, scene.train, variant, 0.5) : null;
  const train = first === null ? scene.train : refinedViews(scene.train, first.report);
  const { splats, report } = await reconstructScene(engine, train, variant, 1);
  const seconds = (performance.now() - start) / 1000;
  const scores = await scoreViews(engine.splatting, splats, scene.test);
  const aligned = await alignViews(engine.splatting, splats, scene.test, report.sceneUnit);
  const views = report.refinement?.views ?? [];
  return {
    ...{ row: scene.row, cameras, variant, ...scores.mean, seconds, sceneUnit: report.sceneUnit },
    alignedPsnr: (await scoreViews(engine.splatting, splats, aligned)).mean.psnr,
    turnedDeg: mean(views.map(({ turnedDeg }) => turnedDeg)),
    movedShare: mean(views.map(({ movedShare }) => movedShare)),
    focalFactor: report.refinement?.focalFactor ?? 1,
    offPx: scene.truth === null ? null : measureOffset(refinedViews(train, report), scene.truth, report.sceneUnit),
  };
}

function describe(m: RefineMeasurement): string[] {
  return [
    ...[m.row, m.cameras, m.variant, m.psnr.toFixed(2), m.ssim.toFixed(4), m.alignedPsnr.toFixed(2)],
    ...[m.seconds.toFixed(0), m.turnedDeg.toFixed(3), (m.movedShare * 100).toFixed(3), m.focalFactor.toFixed(4)],
    m.offPx?.toFixed(2) ?? '',
  ];
}

const HEAD = [
  ...['row', 'cameras', 'variant', 'PSNR', 'SSIM', 'PSNR aligned'],
  ...['s', 'turned °', 'moved %', 'focal ×', 'off px'],
];

async function run(): Promise<void> {
  const origin = describeOrigin();
  printOrigin(origin);
  const measurements: RefineMeasurement[] = [];
  const engine = await openEngine('auto', values.threads === undefined ? undefined : Number(values.threads));
  try {
    for (const row of values.rows.split(',')) {
      // The unit of a shake; the first run of a row tells it.
      let sceneUnit: number | null = values.unit === undefined ? null : Number(values.unit);
      for (const cameras of REFINE_CAMERAS.filter((name) => values.cameras.split(',').includes(name))) {
        const loaded = await loadRefineScene(row, cameras, values.data, values.found, values.width);
        if (loaded === null) {
          console.log(`SKIPPED ${row}, ${cameras}: its capture is not here`);
          continue;
        }
        if (cameras === 'shaken') sceneUnit ??= (await measure(engine, loaded, 'given', 'off')).sceneUnit;
        const scene = cameras === 'shaken' ? shakeViews(loaded, sceneUnit!) : loaded;
        for (const variant of VARIANTS.filter((name) => values.variants.split(',').includes(name))) {
          const measurement = await measure(engine, scene, cameras, variant);
          if (cameras === 'given') sceneUnit = measurement.sceneUnit;
          measurements.push(measurement);
          console.log(`${describe(measurement).join('  ')}  (unit ${measurement.sceneUnit.toFixed(3)})`);
        }
      }
    }
  } finally {
    await engine.dispose();
  }
  printTable([HEAD, ...measurements.map(describe)]);
  const { preset, iterations = null, width = null, set, seed } = values;
  if (values['no-save'] !== true) saveResult('refine', origin, { preset, iterations, width, set, seed, measurements });
}

await run();
