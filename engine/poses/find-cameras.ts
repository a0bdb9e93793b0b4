/** The pose stage: photos in, cameras out. */
import { median } from '../math/median.js';
import { ShapeError } from '../scene/errors.js';
import type { StageContext } from '../scene/stage.js';
import { partOfStage } from '../scene/stage.js';
import type { RadialLens } from './contract.js';
import type { RescuedCameras } from './depth-rescue.js';
import { rescueByDepth } from './depth-rescue.js';
import { explainRescued } from './explain-rescued.js';
import { findByGuess, leavesOpen } from './find-by-guess.js';
import type { GrowthSettings } from './grow-model.js';
import { reachFurther, refineAlongLines, solveAgain } from './improve-cameras.js';
import type { JudgedCameras } from './judge-cameras.js';
import { judgeCameras } from './judge-cameras.js';
import { makeSparseModel } from './make-sparse-model.js';
import { matchPhotos } from './match-photos.js';
import type { PhotoFeatures } from './photo-features.js';
import { detectFeatures } from './photo-features.js';
import type { FoundCameras, PoseOptions, PosePhoto } from './pose-stage.js';
import { fileScale } from './pose-stage.js';
import { applyFocalRatio, searchFocalRatio } from './search-focal.js';
import { solveCameras } from './solve-cameras.js';

/** Shares of the time, for progress. */
const SHARES = { features: 0.4, matches: 0.2, cameras: 0.3, refining: 0.1 };
/** Keypoints are off by about this many pixels of the photo that was searched, at some million pixels; smaller photos are enlarged first. */
const SIGMA_PX = 1;
const SIGMA_AT_PIXELS = 1.2e6;
const LEAST_SIGMA_PX = 0.5;
/** Distortion that lenses for photos of scenes stay within. */
const K1_SIGMA = 0.1;
const K2_SIGMA = 0.1;
interface Lenses {
  readonly lenses: readonly RadialLens[];
  readonly lensOfPhoto: readonly number[];
  readonly isUnknown: readonly boolean[];
  readonly priors: GrowthSettings['lensPriors'];
}

/** One lens a key, with the most certain focal length of its photos. */
function chooseLenses(photos: readonly PosePhoto[]): Lenses {
  const keys = [...new Set(photos.map(({ lensKey }) => lensKey))];
  const firsts = keys.map((key) =>
    photos.filter((photo) => photo.lensKey === key).reduce((a, b) => (b.focal.sigmaLog < a.focal.sigmaLog ? b : a)),
  );
  const lenses = firsts.map(({ focal: { focalPx }, image: { width, height } }) => ({
    intrinsics: { fx: focalPx, fy: focalPx, cx: width / 2, cy: height / 2, width, height },
    k1: 0,
    k2: 0,
  }));
  return {
    lenses,
    lensOfPhoto: photos.map(({ lensKey }) => keys.indexOf(lensKey)),
    isUnknown: firsts.map(({ focal }) => focal.source === 'guess'),
    priors: firsts.map(({ focal }) => ({
      focalPx: focal.focalPx,
      focalSigma: focal.sigmaLog,
      k1Sigma: K1_SIGMA,
      k2Sigma: K2_SIGMA,
    })),
  };
}

function keypointSigma(photos: readonly PosePhoto[]): number {
  const pixels = median(photos.map(({ image }) => image.width * image.height));
  return Math.max(LEAST_SIGMA_PX, SIGMA_PX * Math.min(1, Math.sqrt(pixels / SIGMA_AT_PIXELS)));
}

/**
 * Finds the cameras of photos: keypoints, matches, verified pairs, a first pair, then photo after photo, all adjusted together; further
 * matches along the lines of what was found, and the adjustment again; where something is left open, once more from cameras that a network
 * guessed, and photos that are left over by guessed depth, where networks are at hand; upright and of a usual size in the end.
 *
 * The same photos in the same order, sources and seed give the same cameras.
 *
 * @returns also when nothing could be placed: every photo's outcome says why.
 * @throws ShapeError without photos or sources, or when two photos of one name are given; what the sources throw; the signal's reason when it
 * was aborted.
 */
export async function findCameras(
  photos: readonly PosePhoto[],
  options: PoseOptions,
  context: StageContext = {},
): Promise<FoundCameras> {
  if (photos.length === 0 || options.sources.length === 0) throw new ShapeError('no photos or no detectors');
  if (new Set(photos.map(({ name }) => name)).size < photos.length) throw new ShapeError('two photos of one name');
  const features = await detectFeatures(photos, options.sources, partOfStage(context, 0, SHARES.features));
  const matches = await matchPhotos(features, options.sources, partOfStage(context, SHARES.features, SHARES.matches));
  const { lenses, lensOfPhoto, isUnknown, priors } = chooseLenses(photos);
  const keypointSigmaPx = keypointSigma(photos);
  const keypoints = features.map(({ points }, i) => ({ points, lens: lensOfPhoto[i]! }));
  const ratio = searchFocalRatio(keypoints, lenses, isUnknown, matches, {
    seed: options.seed,
    maxErrorPx: 2 * keypointSigmaPx,
  });
  const { seed, verifier = null } = options;
  const problem = { photos: keypoints, lenses: applyFocalRatio(lenses, isUnknown, ratio), pairs: matches, verifier };
  const settings = {
    seed,
    isFocalFree: isUnknown.includes(true),
    lensPriors: priors,
    keypointSigmaPx,
  };
  const solving = partOfStage(context, SHARES.features + SHARES.matches, SHARES.cameras);
  const unreported = partOfStage(context, SHARES.features + SHARES.matches + SHARES.cameras, 0);
  const first = await solveCameras(problem, settings, solving);
  const second = await solveAgain(problem, first, settings, unreported);
  const solved = await reachFurther(features, problem, second, settings, unreported);
  const refining = partOfStage(context, 1 - SHARES.refining, SHARES.refining);
  const model = await refineAlongLines(features, problem, solved, settings, refining);
  const evidence = { photos, features, matches, problem, isUnknown, solved };
  const silent = { ...context, onProgress: () => undefined };
  const plain = await judgeCameras(model, evidence, silent);
  const guessed =
    options.openCameras === undefined || !leavesOpen(plain.outcomes)
      ? null
      : await findByGuess({ ...evidence, settings, plain }, options.openCameras, silent);
  const judged = guessed ?? plain;
  const rescued =
    options.openDepth === undefined || judged.model?.placed.size === photos.length
      ? null
      : await rescueByDepth(
          { problem, images: photos.map(({ image }) => image), solved, model: judged.model, seed, keypointSigmaPx },
          options.openDepth,
          silent,
        );
  context.onProgress?.(1);
  const conclusion = conclude(judged, rescued, photos, features);
  return guessed === null ? conclusion : { ...conclusion, cameraNetwork: guessed.network };
}

/** What was judged, and what guessed depth added to it, as an answer. */
function conclude(
  { model, outcomes: judged, errorsPx }: JudgedCameras,
  rescued: RescuedCameras | null,
  photos: readonly PosePhoto[],
  features: readonly PhotoFeatures[],
): FoundCameras {
  const outcomes = rescued === null ? judged : explainRescued(judged, rescued, photos.map(fileScale));
  const solution = rescued?.solution ?? model?.solution();
  if (solution === undefined) return { model: null, photos: outcomes, medianErrorPx: NaN, upConfidence: 0 };
  const medianErrorPx = median(
    rescued === null
      ? [...errorsPx.values()].flat()
      : [...rescued.errorsPx].flatMap(([photo, errors]) => errors.map((error) => error * fileScale(photos[photo]!))),
  );
  return { ...makeSparseModel(solution, photos, features), photos: outcomes, medianErrorPx };
}
