/** Variants of a preset, each with one thing switched off, or one that is off switched on. */
import type { Preset } from '../../engine/training/presets.js';

/** A place in the preset table: `training.losses.dssim`. */
export type PresetPath = string;

export interface Variant {
  readonly name: string;
  readonly preset: Preset;
}

/** What "off" means for every option that is not a loss; losses are off at 0. */
const OFF_VALUES: Readonly<Record<PresetPath, unknown>> = {
  'training.halfSizeShare': 0,
  'training.finalRateShare': 1,
  'training.dropoutProbability': 0,
  'training.opacityDecay': 1,
  'training.motion': 'free',
  'training.densifyAt': [],
  'training.pruneOpacity': 0,
  'training.refinement.cameras': false,
  'training.refinement.exposure': false,
  'initialise.shDegree': 0,
  'initialise.hiddenPx': 0,
  'initialise.borderPx': 0,
  'initialise.largestBlockPx': 1,
  'initialise.mergeDepth': 0,
};

/** Weights at which losses that the preset leaves out are tried: a first guess each, `--set` tries others. */
const TRIAL_WEIGHTS: Readonly<Record<string, number>> = {
  l1: 0.8,
  dssim: 0.2,
  depthTv: 0.01,
  depthPrior: 0.01,
  opacity: 0.01,
  scale: 0.01,
  needle: 0.01,
  ownDepth: 0.1,
  flow: 0.1,
};

/** Options that a preset may leave off, and how they are tried: `PATH=VALUE`, several at once where one means nothing alone. */
const TRIAL_OPTIONS: Readonly<Record<string, string>> = {
  'motion along rays, each on its own': 'training.motion="rays",training.gridLevels=[]',
  'motion along rays, smooth field': 'training.motion="rays",training.losses.ownDepth=0.1',
  'motion along rays, decoder': 'training.motion="decoder"',
  'opacity decay 0.999': 'training.opacityDecay=0.999',
  'dropout 20 %': 'training.dropoutProbability=0.2',
  'splitting by residual': 'training.densifyAt=[0.2,0.4]',
  'cameras that learn': 'training.refinement.cameras=true',
  'colours of each photo': 'training.refinement.exposure=true',
  'SH degree 1': 'initialise.shDegree=1',
};

/** The value at a path; throws when the table has no such place, so that a renamed option cannot drop out of the ablation. */
export function readPath(preset: Preset, path: PresetPath): unknown {
  return path.split('.').reduce<unknown>((node, key) => {
    if (typeof node !== 'object' || node === null || !(key in node)) throw new Error(`the preset has no ${path}`);
    return (node as Record<string, unknown>)[key];
  }, preset);
}

/** A copy with another value at a path. */
export function writePath(preset: Preset, path: PresetPath, value: unknown): Preset {
  readPath(preset, path);
  const copy = structuredClone(preset);
  const keys = path.split('.');
  const last = keys.pop()!;
  const parent = keys.reduce<Record<string, unknown>>(
    (node, key) => node[key] as Record<string, unknown>,
    copy as unknown as Record<string, unknown>,
  );
  parent[last] = value;
  return copy;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** `training.dropoutProbability` → `dropoutProbability`. */
function shortName(path: PresetPath): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/** Trials of what the preset leaves off: their first place holds the value that means off. */
function trialOptions(preset: Preset): Variant[] {
  return Object.entries(TRIAL_OPTIONS)
    .filter(([, text]) => {
      const path = text.slice(0, text.indexOf('='));
      return isSame(readPath(preset, path), OFF_VALUES[path]);
    })
    .map(([name, text]) => ({ name: `with ${name}`, preset: parseVariant(preset, text).preset }));
}

/**
 * Every variant of a preset: as it is; without each loss that has a weight; without each option that is on; with each loss
 * that has no weight and each option that is off.
 */
export function listVariants(preset: Preset): Variant[] {
  const losses = Object.entries(preset.training.losses) as [string, number][];
  return [
    { name: 'as it is', preset },
    ...losses
      .filter(([, weight]) => weight !== 0)
      .map(([loss]) => ({ name: `without ${loss}`, preset: writePath(preset, `training.losses.${loss}`, 0) })),
    ...Object.entries(OFF_VALUES)
      .filter(([path, off]) => !isSame(readPath(preset, path), off))
      .map(([path, off]) => ({ name: `without ${shortName(path)}`, preset: writePath(preset, path, off) })),
    ...losses
      .filter(([loss, weight]) => weight === 0 && loss in TRIAL_WEIGHTS)
      .map(([loss]) => ({
        name: `with ${loss} ${TRIAL_WEIGHTS[loss]!}`,
        preset: writePath(preset, `training.losses.${loss}`, TRIAL_WEIGHTS[loss]!),
      })),
    ...trialOptions(preset),
  ];
}

/** A variant from `training.losses.depthTv=0.02`; values are JSON. Several assignments join with a comma outside of brackets. */
export function parseVariant(preset: Preset, text: string): Variant {
  const assignments = text.split(/,(?=[a-z]+\.)/i).map((assignment) => {
    const at = assignment.indexOf('=');
    if (at < 0) throw new Error(`--set ${assignment}: give PATH=VALUE`);
    return { path: assignment.slice(0, at), value: JSON.parse(assignment.slice(at + 1)) as unknown };
  });
  return {
    name: assignments.map(({ path, value }) => `${shortName(path)}=${JSON.stringify(value)}`).join(' '),
    preset: assignments.reduce((changed, { path, value }) => writePath(changed, path, value), preset),
  };
}
