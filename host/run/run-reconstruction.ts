/** One run from an opened capture to a written .ply: what `reconstruct` and `sample` share. */
import { writeSplatPly } from '../../engine/formats/write-splat-ply.js';
import type { DepthNetwork } from '../../engine/scene/depth-network.js';
import { writeFusedCloud } from '../clouds/write-fused-cloud.js';
import { cloudsInScene } from '../sensors/fuse-cloud.js';
import type { RunSensors } from '../sensors/sense-views.js';
import { senseViews } from '../sensors/sense-views.js';
import type { Checkpoint } from '../../engine/pipeline/checkpoint.js';
import type { PipelineListener, PipelineStage } from '../../engine/pipeline/events.js';
import { reconstruct } from '../../engine/pipeline/reconstruct.js';
import type {
  Motion,
  PresetName,
  ReconstructOptions,
  Reconstruction,
  RunControl,
} from '../../engine/pipeline/reconstruction.js';
import type { View } from '../../engine/scene/view.js';
import { writeFileAtomic } from '../atomic-write.js';
import { defaultMemoryBudgetBytes, VANTAGE_VERSION } from '../machine.js';
import type { OpenedCapture } from './capture-input.js';
import type { BackendChoice, Engine } from './compose.js';
import { openDecoderTensors, openDepthModel, openEngine } from './compose.js';
import type { RefinementSwitch } from './refinement-switch.js';
import { chooseRefinement } from './refinement-switch.js';
import { StoppedError } from './user-errors.js';
import type { RunOutcome, RunSettings } from './run-report.js';
import type { ScoredRender, ViewScores } from './score-views.js';
import { scoreViews } from './score-views.js';
import { timeStage } from './time-stage.js';
import type { ViewSplit } from './view-choice.js';

export interface RunRequest {
  readonly capture: OpenedCapture;
  readonly split: ViewSplit;
  readonly output: string;
  readonly preset: PresetName;
  readonly iterations?: number;
  readonly motion?: Motion;
  /** Whether cameras are moved with the scene; default 'off'. */
  readonly refineCameras?: RefinementSwitch;
  /** Whether each photo gets its own colours; default 'off'. */
  readonly exposure?: RefinementSwitch;
  /** The cameras were found from the photos alone, in this run: what 'auto' goes by. */
  readonly areCamerasFound?: boolean;
  readonly width?: number;
  /** Longest side of the photos, where no width is given; default by preset. */
  readonly longSide?: number;
  readonly seed: number;
  readonly backend: BackendChoice;
  readonly threads?: number;
  readonly depthModel: string;
  readonly maxSplats?: number;
  readonly memoryBytes?: number;
  readonly compact: boolean;
  readonly listener: PipelineListener;
  readonly signal: AbortSignal;
  /** Pausing, points, snapshots, checkpoints. */
  readonly control?: Omit<RunControl, 'heldOutViews'>;
  /** Held-out views are loaded before training and measured while it goes on ('evaluation' events). */
  readonly evaluateWhileTraining?: boolean;
  readonly resumeFrom?: Checkpoint;
  readonly warmStartFrom?: Checkpoint;
  /** LiDAR and radar, in the capture's world. */
  readonly sensors?: RunSensors;
  /** A .ply for the sensors' points in the scene's frame, with the photos' colours. */
  readonly cloudOutput?: string;
}

export interface RunProducts {
  readonly outcome: RunOutcome;
  readonly reconstruction: Reconstruction;
  readonly trainViews: readonly View[];
}

export interface RunHooks {
  /** The .ply is on disk; held-out views are yet to be scored. */
  readonly onWritten?: () => void;
  /** Sees each held-out view beside its rendering. */
  readonly onScored?: (scored: ScoredRender) => void;
  /** May draw more with the engine before it is closed. */
  readonly onFinished?: (products: RunProducts, engine: Engine) => Promise<void>;
}

/** Longest side of the photos when --width is not given, by preset: what its iterations can make use of. Photos are never enlarged. */
export const DEFAULT_LONG_SIDE_PX: Readonly<Record<PresetName, number>> = { draft: 480, standard: 720, high: 1080 };

function optionsOf(
  request: RunRequest,
  views: readonly View[],
  engine: Engine,
  handedIn: Pick<ReconstructOptions, 'stereo' | 'depthNetwork' | 'heldOutViews' | 'sensors'>,
): ReconstructOptions {
  return {
    ...request.control,
    ...handedIn,
    views,
    preset: request.preset,
    ...(request.iterations === undefined ? {} : { iterations: request.iterations }),
    ...(request.motion === undefined ? {} : { motion: request.motion }),
    ...chooseRefinement(request),
    ...(request.maxSplats === undefined ? {} : { maxSplats: request.maxSplats }),
    seed: request.seed,
    splatting: engine.splatting,
    openDecoderTensors,
    memoryBudgetBytes: request.memoryBytes ?? defaultMemoryBudgetBytes(),
    onEvent: request.listener,
    signal: request.signal,
    ...(request.resumeFrom === undefined ? {} : { resumeFrom: request.resumeFrom }),
    ...(request.warmStartFrom === undefined ? {} : { warmStartFrom: request.warmStartFrom }),
  };
}

function settingsOf(request: RunRequest, engine: Engine, depthModel: string): RunSettings {
  return {
    preset: request.preset,
    iterations: request.iterations ?? null,
    width: request.width ?? null,
    longSide: request.width === undefined ? (request.longSide ?? DEFAULT_LONG_SIDE_PX[request.preset]) : null,
    seed: request.seed,
    backend: engine.splatting.name,
    threads: engine.threads,
    depthModel,
    ...chooseRefinement(request),
    maxSplats: request.maxSplats ?? null,
    memoryBudgetBytes: request.memoryBytes ?? defaultMemoryBudgetBytes(),
    trainViews: request.split.train.map((view) => view.name),
    heldOutViews: request.split.heldOut.map((view) => view.name),
  };
}

const STAGE_ORDER: readonly PipelineStage[] = [
  ...(['import', 'photos', 'poses', 'matches', 'stereo', 'depth', 'alignment'] as const),
  ...(['initialisation', 'optimisation', 'export'] as const),
];

function inOrder(stageMs: Partial<Record<PipelineStage, number>>): Partial<Record<PipelineStage, number>> {
  return Object.fromEntries(STAGE_ORDER.flatMap((stage) => (stage in stageMs ? [[stage, stageMs[stage]]] : [])));
}

/** A scene without a single finite Gaussian is a failure, not a file. */
async function exportScene(reconstruction: Reconstruction, request: RunRequest): Promise<RunOutcome['written']> {
  const { splats } = reconstruction;
  const generator = `Vantage ${VANTAGE_VERSION}`;
  const { origin } = request.capture;
  const { bytes, writtenCount, droppedCount } = writeSplatPly(splats, {
    generator,
    compact: request.compact,
    ...(origin === undefined ? {} : { origin }),
  });
  if (writtenCount === 0) throw new Error('The run left no Gaussian that could be written.');
  await writeFileAtomic(request.output, bytes);
  return { file: request.output, count: writtenCount, dropped: droppedCount, shDegree: splats.shDegree };
}

async function exportCloud({ sensors, cloudOutput }: RunRequest, views: readonly View[]): Promise<void> {
  if (sensors === undefined || cloudOutput === undefined) return;
  const clouds = cloudsInScene(views, sensors);
  if (clouds.length > 0) await writeFusedCloud(cloudOutput, clouds);
}

/** After Ctrl-C whatever is not yet loaded stays unscored: the user wants to leave. */
async function scoreHeldOut(
  request: RunRequest,
  engine: Engine,
  reconstruction: Reconstruction,
  heldOutViews: readonly View[] | undefined,
  onScored: (scored: ScoredRender) => void,
): Promise<ViewScores | null> {
  const { heldOut } = request.split;
  if (heldOut.length === 0 || request.signal.aborted) return null;
  const views = heldOutViews ?? (await request.capture.load(heldOut, sizeOf(request))).views;
  try {
    return await scoreViews(engine.splatting, reconstruction.splats, views, onScored, request.signal);
  } catch (error) {
    // The scene is written: a run that is stopped now has not failed.
    if (request.signal.aborted) return null;
    throw error;
  }
}

function sizeOf(request: RunRequest): { width: number } | { longSide: number } {
  if (request.width !== undefined) return { width: request.width };
  return { longSide: request.longSide ?? DEFAULT_LONG_SIDE_PX[request.preset] };
}

interface RunPhotos {
  readonly train: readonly View[];
  /** Absent when they are not needed before the end. */
  readonly heldOut?: readonly View[];
  readonly warnings: readonly string[];
}

async function loadPhotos(request: RunRequest): Promise<RunPhotos> {
  const { capture, split, listener, signal, control, evaluateWhileTraining = false } = request;
  const wanted = evaluateWhileTraining ? [...split.train, ...split.heldOut] : split.train;
  const { views, warnings } = await capture.load(wanted, sizeOf(request), {
    signal,
    ...(control?.pause === undefined ? {} : { pause: control.pause }),
    onProgress: (fraction, detail = '') => listener({ type: 'progress', stage: 'photos', fraction, detail }),
  });
  if (!evaluateWhileTraining) return { train: views, warnings };
  return { train: views.slice(0, split.train.length), heldOut: views.slice(split.train.length), warnings };
}

/** The photos with what sensors tell of them; as they are without sensors. */
async function sensePhotos(
  { sensors, signal, listener }: RunRequest,
  train: readonly View[],
  network: DepthNetwork | null,
  warn: (message: string) => void,
): Promise<{ readonly train: readonly View[]; readonly supervision: Pick<ReconstructOptions, 'sensors'> }> {
  if (sensors === undefined) return { train, supervision: {} };
  const onProgress = (fraction: number, detail = ''): void =>
    listener({ type: 'progress', stage: 'photos', fraction, detail });
  const { views, supervision, warnings } = await senseViews(train, sensors, network, { signal, onProgress });
  warnings.forEach(warn);
  return { train: views, supervision: { sensors: supervision } };
}

async function reconstructPhotos(
  request: RunRequest,
  engine: Engine,
  photos: RunPhotos,
  warn: (message: string) => void,
): Promise<{ reconstruction: Reconstruction; depthModelName: string }> {
  const stereo = await engine.openStereo();
  const depthModel = await openDepthModel(request.depthModel, engine.threads);
  try {
    depthModel.warnings.forEach(warn);
    const { train, supervision } = await sensePhotos(request, photos.train, depthModel.network, warn);
    const heldOutViews = photos.heldOut === undefined ? {} : { heldOutViews: photos.heldOut };
    const options = optionsOf(request, train, engine, {
      stereo,
      depthNetwork: depthModel.network,
      ...supervision,
      ...heldOutViews,
    });
    return { reconstruction: await reconstruct(options), depthModelName: depthModel.name };
  } finally {
    await depthModel.dispose();
  }
}

/** Loads the photos, reconstructs, writes the .ply, and scores the held-out views. */
export async function runReconstruction(request: RunRequest, hooks: RunHooks = {}): Promise<RunProducts> {
  const { capture, split, listener, signal } = request;
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const stageMs: Partial<Record<PipelineStage, number>> = {};
  const warnings: string[] = [];
  const warn = (message: string): void => {
    warnings.push(message);
    listener({ type: 'warning', message });
  };
  capture.warnings.forEach(warn);
  const engine = await openEngine(request.backend, request.threads);
  try {
    const photos = await timeStage('photos', `Loading ${split.train.length} photos`, stageMs, listener, () =>
      loadPhotos(request),
    );
    photos.warnings.forEach(warn);
    const { reconstruction, depthModelName } = await reconstructPhotos(request, engine, photos, warn);
    const written = await timeStage('export', 'Writing', stageMs, listener, () => exportScene(reconstruction, request));
    await exportCloud(request, photos.train);
    const totalMs = performance.now() - start;
    hooks.onWritten?.();
    const heldOut = await scoreHeldOut(
      request,
      engine,
      reconstruction,
      photos.heldOut,
      hooks.onScored ?? (() => undefined),
    );
    const products: RunProducts = {
      reconstruction,
      trainViews: photos.train,
      outcome: {
        settings: settingsOf(request, engine, depthModelName),
        reconstruction: {
          ...reconstruction.report,
          stageMs: inOrder({ ...stageMs, ...reconstruction.report.stageMs }),
        },
        origin: request.capture.origin ?? null,
        written,
        heldOut,
        totalMs,
        startedAt,
        warnings,
      },
    };
    await hooks.onFinished?.(products, engine);
    return products;
  } catch (error) {
    // Whatever an aborted stage threw, the reason is that the user stopped it.
    if (signal.aborted && !(error instanceof StoppedError)) throw signal.reason;
    throw error;
  } finally {
    await engine.dispose();
  }
}
