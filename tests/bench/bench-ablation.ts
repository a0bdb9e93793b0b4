/**
 * `npm run bench:ablation`: what each loss and option of a preset brings on held-out views of three scenes, switched off (or on)
 * one at a time. Options: --preset standard · --scenes fern,fox-3,sample · --only TEXT (variants whose name contains it) ·
 * --set training.losses.depthTv=0.02 (repeatable: these variants instead of the list) · --iterations N · --width PX · --seeds 1,2 ·
 * --data DIR · --no-save · --list
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openDecoderTensors, openEngine } from '../../host/run/compose.js';
import { scoreViews } from '../../host/run/score-views.js';
import type { StereoBackend } from '../../engine/correspondence/contract.js';
import { reconstruct } from '../../engine/pipeline/reconstruct.js';
import type { PresetName } from '../../engine/pipeline/reconstruction.js';
import type { SplattingBackend } from '../../engine/splatting/contract.js';
import { PRESETS } from '../../engine/training/presets.js';
import { defaultMemoryBudgetBytes } from '../../host/machine.js';
import type { AblationScene, LoadedScene } from './ablation-scenes.js';
import { ABLATION_SCENES, loadAblationScene } from './ablation-scenes.js';
import type { Variant } from './ablations.js';
import { listVariants, parseVariant } from './ablations.js';
import { describeOrigin, printOrigin, printTable, saveResult } from './record.js';

interface AblationMeasurement {
  readonly variant: string;
  readonly scene: AblationScene;
  readonly seed: number;
  readonly psnr: number;
  readonly ssim: number;
  readonly seconds: number;
  readonly gaussians: number;
}

const { values } = parseArgs({
  options: {
    preset: { type: 'string', default: 'standard' },
    scenes: { type: 'string', default: ABLATION_SCENES.join(',') },
    only: { type: 'string' },
    set: { type: 'string', multiple: true },
    iterations: { type: 'string' },
    width: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    data: { type: 'string', default: fileURLToPath(new URL('../../../shared/data', import.meta.url)) },
    'no-save': { type: 'boolean' },
    list: { type: 'boolean' },
  },
});

function chooseVariants(preset: PresetName): Variant[] {
  const [unchanged, ...others] = listVariants(PRESETS[preset]) as [Variant, ...Variant[]];
  const chosen = values.set?.map((text) => parseVariant(PRESETS[preset], text)) ?? others;
  const wanted = values.only;
  return [unchanged, ...(wanted === undefined ? chosen : chosen.filter(({ name }) => name.includes(wanted)))];
}

interface Backends {
  readonly splatting: SplattingBackend;
  readonly stereo: StereoBackend;
}

async function measure(
  backends: Backends,
  variant: Variant,
  scene: AblationScene,
  views: LoadedScene,
  seed: number,
): Promise<AblationMeasurement> {
  const start = performance.now();
  const { splats } = await reconstruct({
    views: views.train,
    preset: values.preset as PresetName,
    tuning: variant.preset,
    ...(values.iterations === undefined ? {} : { iterations: Number(values.iterations) }),
    seed,
    ...backends,
    depthNetwork: null,
    openDecoderTensors,
    memoryBudgetBytes: defaultMemoryBudgetBytes(),
    onEvent: (event) => {
      // A run that fell back on something else must not pass for its variant.
      if (event.type === 'warning') console.log(`${scene}, ${variant.name}: ${event.message}`);
    },
  });
  const seconds = (performance.now() - start) / 1000;
  const { mean } = await scoreViews(backends.splatting, splats, views.test);
  return { variant: variant.name, scene, seed, ...mean, seconds, gaussians: splats.count };
}

function average(measurements: readonly AblationMeasurement[], key: 'psnr' | 'ssim' | 'seconds'): number {
  return measurements.reduce((sum, measurement) => sum + measurement[key], 0) / measurements.length;
}

/** One row a variant; a column of PSNR / SSIM a scene, and the mean difference to the unchanged preset. */
function printAblation(
  variants: readonly Variant[],
  scenes: readonly AblationScene[],
  all: AblationMeasurement[],
): void {
  const pick = (variant: string, scene: AblationScene): AblationMeasurement[] =>
    all.filter((measurement) => measurement.variant === variant && measurement.scene === scene);
  const meanOver = (variant: string, key: 'psnr' | 'ssim'): number =>
    scenes.reduce((sum, scene) => sum + average(pick(variant, scene), key), 0) / scenes.length;
  const signed = (value: number, digits: number): string => `${value > 0 ? '+' : ''}${value.toFixed(digits)}`;
  const unchanged = variants[0]!.name;
  const rows = variants.map(({ name }) => [
    name,
    ...scenes.map((scene) => {
      const found = pick(name, scene);
      return `${average(found, 'psnr').toFixed(2)} / ${average(found, 'ssim').toFixed(4)}, ${average(found, 'seconds').toFixed(0)} s`;
    }),
    signed(meanOver(name, 'psnr') - meanOver(unchanged, 'psnr'), 2),
    signed(meanOver(name, 'ssim') - meanOver(unchanged, 'ssim'), 4),
  ]);
  printTable([['variant', ...scenes, 'Δ PSNR', 'Δ SSIM'], ...rows]);
}

async function run(variants: readonly Variant[]): Promise<void> {
  const origin = describeOrigin();
  printOrigin(origin);
  const measurements: AblationMeasurement[] = [];
  const measured: AblationScene[] = [];
  const engine = await openEngine('auto');
  try {
    const backends = { splatting: engine.splatting, stereo: await engine.openStereo() };
    for (const scene of ABLATION_SCENES.filter((name) => values.scenes.split(',').includes(name))) {
      const width = values.width === undefined ? undefined : Number(values.width);
      const views = await loadAblationScene(scene, values.data, width);
      if (views === null) {
        console.log(`SKIPPED ${scene}: its capture is not here`);
        continue;
      }
      measured.push(scene);
      for (const variant of variants) {
        for (const seed of values.seeds.split(',').map(Number)) {
          const measurement = await measure(backends, variant, scene, views, seed);
          measurements.push(measurement);
          const { psnr, ssim, seconds } = measurement;
          console.log(
            `${scene}, ${variant.name}, seed ${seed}: ${psnr.toFixed(2)} / ${ssim.toFixed(4)}, ${seconds.toFixed(0)} s`,
          );
        }
      }
    }
  } finally {
    await engine.dispose();
  }
  if (measured.length === 0) return;
  console.log('');
  printAblation(variants, measured, measurements);
  const { preset, iterations = null, width = null } = values;
  if (values['no-save'] !== true) saveResult('ablation', origin, { preset, iterations, width, measurements });
}

if (!(values.preset in PRESETS)) throw new Error(`no preset ${values.preset}`);
const variants = chooseVariants(values.preset as PresetName);
if (values.list === true) console.log(variants.map(({ name }) => name).join('\n'));
else await run(variants);
