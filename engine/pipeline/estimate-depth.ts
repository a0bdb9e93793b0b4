/** From photos with cameras to a depth at every pixel: sparse matches, stereo, a network where there is one, and the fill. */
import { chooseSources } from '../correspondence/choose-sources.js';
import type { InverseDepthRange, StereoDepth } from '../correspondence/contract.js';
import { estimateInverseDepthRanges } from '../correspondence/sparse-depth-ranges.js';
import { findSparseMatches } from '../correspondence/sparse-matches.js';
import { alignNetworkDepths } from '../depth/align-network-depth.js';
import type { TrustedDepth } from '../depth/fill-depth.js';
import { completeDepth } from '../depth/fill-depth.js';
import { segmentDepth } from '../depth/segment-depth.js';
import type { DepthNetwork } from '../scene/depth-network.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { View } from '../scene/view.js';
import type { SeedView } from '../training/seed-view.js';
import { cloudOfMatches, cloudOfStereo } from './point-clouds.js';
import type { ReconstructOptions } from './reconstruction.js';
import type { StageRunner } from './run-stages.js';
import type { HeldOutDepths, SensorSupervision } from './sensor-supervision.js';
import { bringToSensors, depthOfLonePhoto, sensedInverseDepths } from './sensor-supervision.js';
import type { ViewReport } from './view-report.js';

const MAX_STEREO_SOURCES = 4;
const CONSISTENCY_PX = 1;
/** One plane is several per cent of the depth far away: the pixel criterion is the sharp one. */
const CONSISTENCY_RELATIVE_DEPTH = 0.03;

export interface EstimatedDepths {
  readonly seeds: readonly SeedView[];
  readonly stereo: readonly StereoDepth[];
  readonly reports: readonly ViewReport[];
  /** Depths at LiDAR points that are held out, by photo. */
  readonly heldOut: ReadonlyMap<string, HeldOutDepths>;
}

interface NetworkDepth {
  readonly trusted: TrustedDepth;
  readonly residual: number | null;
}

function guessDepths(network: DepthNetwork, views: readonly View[], stages: StageRunner): Promise<Float32Array[]> {
  return stages.run('depth', `Depth by ${network.name}`, async (context) => {
    const values: Float32Array[] = [];
    for (const [index, view] of views.entries()) {
      context.onProgress?.(index / views.length, view.name);
      values.push(await network.estimate(view.image, context.signal));
      await yieldToHost(context);
    }
    return values;
  });
}

async function alignNetwork(
  network: DepthNetwork,
  views: readonly View[],
  stereo: readonly StereoDepth[],
  stages: StageRunner,
): Promise<NetworkDepth[]> {
  const estimates = await guessDepths(network, views, stages);
  const aligned = await stages.run('alignment', 'Bringing the depths onto the matches', (context) =>
    alignNetworkDepths(
      views.map((view, i) => ({ network: estimates[i]!, stereo: stereo[i]!, image: view.image, mask: view.mask })),
      { outputKind: network.outputKind },
      context,
    ),
  );
  return aligned.map(({ depthMap, fit }) => ({
    trusted: { depth: depthMap.depth, trust: fit.trust },
    residual: Number.isFinite(fit.correctedResidual) ? fit.correctedResidual : null,
  }));
}

async function completeDepths(
  views: readonly View[],
  stereo: readonly StereoDepth[],
  ranges: readonly InverseDepthRange[],
  networks: readonly NetworkDepth[] | null,
  context: StageContext,
): Promise<SeedView[]> {
  const seeds: SeedView[] = [];
  for (const [index, view] of views.entries()) {
    context.onProgress?.(index / views.length, view.name);
    const range = ranges[index]!;
    const completed = completeDepth(stereo[index]!.depthMap, {
      mask: view.mask,
      network: networks?.[index]?.trusted ?? null,
      fallbackDepth: 2 / (range.near + range.far),
    });
    await yieldToHost(context);
    seeds.push({
      camera: view.camera,
      image: view.image,
      mask: view.mask,
      depth: completed.depth,
      confirmed: Uint8Array.from(completed.confidence, (confidence) => (confidence >= 0.5 ? 1 : 0)),
      segments: segmentDepth(completed.depth, view.mask).segments,
    });
    await yieldToHost(context);
  }
  return seeds;
}

function reportView(view: View, seed: SeedView, network: NetworkDepth | undefined): ViewReport {
  let counted = 0;
  let confirmed = 0;
  for (let i = 0; i < seed.confirmed.length; i++) {
    if (view.mask !== null && view.mask[i] === 0) continue;
    counted++;
    confirmed += seed.confirmed[i]!;
  }
  return {
    name: view.name,
    confirmedShare: confirmed / Math.max(1, counted),
    alignmentResidual: network?.residual ?? null,
  };
}

type DepthOptions = Pick<ReconstructOptions, 'stereo' | 'depthNetwork' | 'onPoints' | 'sensors'>;

/** One photo: there is nothing to match it with; sensors tell its depth, and a network between them. */
async function estimateLonePhoto(
  view: View,
  { depthNetwork: network, sensors }: DepthOptions,
  stages: StageRunner,
): Promise<EstimatedDepths> {
  const guesses = network === null ? null : await guessDepths(network, [view], stages);
  const told = sensors?.byView.get(view.name) ?? { anchors: [], heldOut: null };
  const { seed, heldOut } = await stages.run('alignment', 'Filling in between the sensors', () =>
    depthOfLonePhoto(
      view,
      guesses === null || network === null ? null : { values: guesses[0]!, kind: network.outputKind },
      told,
    ),
  );
  const reports = [reportView(view, seed, undefined)];
  return { seeds: [seed], stereo: [], reports, heldOut: new Map(heldOut === null ? [] : [[view.name, heldOut]]) };
}

/** Brings the photos' depths to what sensors measured, where they did. */
async function meetSensors(
  views: readonly View[],
  seeds: readonly SeedView[],
  { byView }: SensorSupervision,
  context: StageContext,
): Promise<Pick<EstimatedDepths, 'seeds' | 'heldOut'>> {
  const met: SeedView[] = [];
  const heldOut = new Map<string, HeldOutDepths>();
  for (const [index, view] of views.entries()) {
    context.onProgress?.(index / views.length, view.name);
    const told = byView.get(view.name);
    if (told === undefined) met.push(seeds[index]!);
    else {
      const brought = bringToSensors(view, seeds[index]!, told);
      met.push(brought.seed);
      if (brought.heldOut !== null) heldOut.set(view.name, brought.heldOut);
    }
    await yieldToHost(context);
  }
  return { seeds: met, heldOut };
}

/**
 * Runs the stages `matches`, `stereo`, `depth` and `alignment` (the last two only with a network or sensors); shows points on the way. A
 * photo alone has the last two only.
 */
export async function estimateDepths(
  views: readonly View[],
  options: DepthOptions,
  stages: StageRunner,
): Promise<EstimatedDepths> {
  const { depthNetwork: network, onPoints, sensors } = options;
  if (views.length === 1) return estimateLonePhoto(views[0]!, options, stages);
  const { ranges, sources } = await stages.run('matches', 'Matching the photos', async (context) => {
    const matches = await findSparseMatches(views, context);
    onPoints?.(cloudOfMatches(matches.points, views));
    return {
      ranges: estimateInverseDepthRanges(
        matches,
        views,
        views.map(({ name }) => sensedInverseDepths(sensors?.byView.get(name))),
      ),
      sources: chooseSources(views, matches, MAX_STEREO_SOURCES),
    };
  });
  const stereo = await stages.run('stereo', 'Measuring depth between the photos', (context) =>
    options.stereo.estimateDepths(
      views,
      { sources, ranges, consistencyPx: CONSISTENCY_PX, consistencyRelativeDepth: CONSISTENCY_RELATIVE_DEPTH },
      context,
    ),
  );
  onPoints?.(cloudOfStereo(stereo, views));
  const networks = network === null ? null : await alignNetwork(network, views, stereo, stages);
  const fromPhotos = await completeDepths(views, stereo, ranges, networks, stages.context);
  const { seeds, heldOut } =
    sensors === undefined
      ? { seeds: fromPhotos, heldOut: new Map<string, HeldOutDepths>() }
      : await stages.run('alignment', 'Bringing the depths to the sensors', (context) =>
          meetSensors(views, fromPhotos, sensors, context),
        );
  const reports = views.map((view, i) => reportView(view, seeds[i]!, networks?.[i]));
  for (const { name, confirmedShare } of reports)
    if (confirmedShare < 0.1)
      stages.warn(`${name}: only ${Math.round(confirmedShare * 100)} % of its depth is confirmed by another photo.`);
  return { seeds, stereo, reports, heldOut };
}
