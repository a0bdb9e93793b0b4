/** The pose stage: photos in, cameras out. */
import { median } from '../math/median.js';
import { ShapeError } from '../scene/errors.js';
import type { StageContext } from '../scene/stage.js';
import { partOfStage } from '../scene/stage.js';
import type { PairMatches, RadialLens } from './contract.js';
import { rescueByDepth } from './depth-rescue.js';
import { isFocalTold } from './focal-certainty.js';
import { findDisputed } from './disputed-pairs.js';
import { explainRescued } from './explain-rescued.js';
import { explainPhotos } from './explain-photos.js';
import type { GrowingModel } from './growing-model.js';
import type { GrowthSettings } from './grow-model.js';
import { regrowModel } from './grow-model.js';
import { makeSparseModel } from './make-sparse-model.js';
import { meanFocalPx } from './lens.js';
import { mergeSources } from './merge-sources.js';
import { matchAlongLines, matchAlongPairs, matchPhotos } from './match-photos.js';
import type { PhotoFeatures } from './photo-features.js';
import { detectFeatures } from './photo-features.js';
import type { FoundCameras, PoseOptions, PosePhoto } from './pose-stage.js';
import { fileScale } from './pose-stage.js';
import { applyFocalRatio, searchFocalRatio } from './search-focal.js';
import type { CameraProblem, SolvedCameras } from './solve-cameras.js';
import { isBetter, solveCameras, tracksOf } from './solve-cameras.js';

/** Shares of the time, for progress. */
const SHARES = { features: 0.4, matches: 0.2, cameras: 0.3, lines: 0.05, again: 0.05 };
/** Keypoints are off by about this many pixels of the photo that was searched, at some million pixels; smaller photos are enlarged first. */
const SIGMA_PX = 1;
const SIGMA_AT_PIXELS = 1.2e6;
const LEAST_SIGMA_PX = 0.5;
/** Distortion that lenses for photos of scenes stay within. */
const K1_SIGMA = 0.1;
const K2_SIGMA = 0.1;
/** How far from known lines matches are looked for. */
const LINE_SIGMAS = 2.5;
/** A focal length that was off by this share may be why photos are left over. */
const FOCAL_OFF = 0.04;
/** One that was off by so much made pairs fit that do not, and others not. */
const FOCAL_FAR_OFF = 0.15;
/** A photo that sees so many points needs no more: they would cost seconds and move its camera by nothing that can be measured. */
const ENOUGH_POINTS = 350;
/** Two photos fit any focal length about as well as another. */
const FEWEST_TELLING_FOCAL = 3;
/** So many photos tell their focal length. */
const ENOUGH_TO_TELL_FOCAL = 8;

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

/** The model's cameras with points of other matches, and photos that can be added by them. */
function regrowWith(
  { photos }: CameraProblem,
  { lenses, placed }: GrowingModel,
  pairs: readonly PairMatches[],
  settings: GrowthSettings,
  context: StageContext,
): Promise<GrowingModel | null> {
  return regrowModel({ photos, lenses, tracks: tracksOf({ photos }, pairs) }, placed, settings, context);
}

/**
 * Pairs were checked under a guessed focal length. Where it turns out to have been far off, everything is found anew under the one that was
 * found, from nothing: a model that began with wrong pairs keeps their mistakes.
 */
async function solveAgain(
  problem: CameraProblem,
  solved: SolvedCameras,
  settings: GrowthSettings,
  context: StageContext,
): Promise<SolvedCameras> {
  const { model } = solved;
  if (model === null) return solved;
  const { photos } = problem;
  const moved = model.lenses.map((lens, i) => Math.abs(Math.log(meanFocalPx(lens) / meanFocalPx(problem.lenses[i]!))));
  const isComplete = model.placed.size === photos.length;
  if (Math.max(...moved) < (isComplete ? FOCAL_FAR_OFF : FOCAL_OFF)) return solved;
  const lenses = model.lenses.map(({ intrinsics }) => ({ intrinsics, k1: 0, k2: 0 }));
  const anew = await solveCameras({ ...problem, lenses }, settings, context);
  return isBetter(anew.model, model) ? anew : solved;
}

/**
 * Photos that share something with others, but too few points that are known already: looks for more along the lines of their pairs' motions,
 * and tries again to place them.
 */
async function reachFurther(
  features: readonly PhotoFeatures[],
  problem: CameraProblem,
  solved: SolvedCameras,
  settings: GrowthSettings,
  context: StageContext,
): Promise<SolvedCameras> {
  const { model } = solved;
  if (model === null) return solved;
  const isLeftOut = (photo: number): boolean => !model.placed.has(photo);
  const ofLeftOut = solved.pairs.filter(({ first, second }) => isLeftOut(first) || isLeftOut(second));
  if (ofLeftOut.length === 0) return solved;
  const lensOfPhoto = problem.photos.map(({ lens }) => solved.lenses[lens]!);
  const maxErrorPx = LINE_SIGMAS * settings.keypointSigmaPx;
  const more = await matchAlongPairs(features, lensOfPhoto, ofLeftOut, maxErrorPx, context);
  const all = [...solved.pairs.filter((pair) => !ofLeftOut.includes(pair)), ...more];
  const merged = mergeSources(features, all);
  const pairs = all.map((pair, i) => ({ ...pair, indices: merged[i]!.indices }));
  const again = await regrowWith(problem, model, pairs, settings, context);
  return again === null || again.placed.size <= model.placed.size ? solved : { ...solved, model: again, pairs };
}

/** Looks for matches along the lines of the cameras that were found, and finds everything anew with them. */
async function refineAlongLines(
  features: readonly PhotoFeatures[],
  problem: CameraProblem,
  solved: SolvedCameras,
  settings: GrowthSettings,
  context: StageContext,
): Promise<GrowingModel | null> {
  const { model } = solved;
  if (model === null) return null;
  const { photos } = problem;
  if (median([...model.placed.keys()].map((photo) => model.observedCount(photo))) >= ENOUGH_POINTS) return model;
  const cameras = new Map(
    [...model.placed].map(([photo, cameraFromWorld]) => [
      photo,
      { lens: model.lenses[photos[photo]!.lens]!, cameraFromWorld },
    ]),
  );
  const start = SHARES.features + SHARES.matches + SHARES.cameras;
  const pairs = await matchAlongLines(
    features,
    cameras,
    solved.pairs,
    LINE_SIGMAS * settings.keypointSigmaPx,
    partOfStage(context, start, SHARES.lines),
  );
  const regrowing = partOfStage(context, start + SHARES.lines, SHARES.again);
  const again = await regrowWith(problem, model, pairs, settings, regrowing);
  return again === null || again.placed.size < model.placed.size ? model : again;
}

/** Whether the placed photos leave no doubt about a focal length that nobody told. */
async function tellsFocal(model: GrowingModel, { photos }: CameraProblem, context: StageContext): Promise<boolean> {
  const count = model.placed.size;
  if (count < FEWEST_TELLING_FOCAL || count >= ENOUGH_TO_TELL_FOCAL) return count >= ENOUGH_TO_TELL_FOCAL;
  return isFocalTold(model.solution(), photos, { ...context, onProgress: () => undefined });
}

/**
 * Finds the cameras of photos: keypoints, matches, verified pairs, a first pair, then photo after photo, all adjusted together; further
 * matches along the lines of what was found, and the adjustment again; photos that are left over by guessed depth, where a network is at
 * hand; upright and of a usual size in the end.
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
  const problem = { photos: keypoints, lenses: applyFocalRatio(lenses, isUnknown, ratio), pairs: matches };
  const settings = {
    seed: options.seed,
    isFocalFree: isUnknown.includes(true),
    lensPriors: priors,
    keypointSigmaPx,
  };
  const solving = partOfStage(context, SHARES.features + SHARES.matches, SHARES.cameras);
  const unreported = partOfStage(context, SHARES.features + SHARES.matches + SHARES.cameras, 0);
  const first = await solveCameras(problem, settings, solving);
  const second = await solveAgain(problem, first, settings, unreported);
  const solved = await reachFurther(features, problem, second, settings, unreported);
  const model = await refineAlongLines(features, problem, solved, settings, context);
  const rescued =
    options.openDepth === undefined || model?.placed.size === photos.length
      ? null
      : await rescueByDepth(
          { problem, images: photos.map(({ image }) => image), solved, model, seed: options.seed, keypointSigmaPx },
          options.openDepth,
          { ...context, onProgress: () => undefined },
        );
  const errorsPx = new Map(
    [...(model?.errorsByPhoto() ?? [])].map(([photo, squared]) => [
      photo,
      squared.map((error) => Math.sqrt(error) * fileScale(photos[photo]!)),
    ]),
  );
  const names = photos.map(({ name }) => name);
  const isTold = !settings.isFocalFree || model === null || (await tellsFocal(model, problem, context));
  const isFocalGuessed = lensOfPhoto.map((lens) => !isTold && isUnknown[lens]!);
  const disputed = findDisputed(features, matches, solved.pairs);
  const explained = explainPhotos(names, features, isFocalGuessed, { solved, model, disputed }, errorsPx);
  const outcomes = rescued === null ? explained : explainRescued(explained, rescued, photos.map(fileScale));
  context.onProgress?.(1);
  const solution = rescued?.solution ?? model?.solution();
  if (solution === undefined) return { model: null, photos: outcomes, medianErrorPx: NaN, upConfidence: 0 };
  const medianErrorPx = median(
    rescued === null
      ? [...errorsPx.values()].flat()
      : [...rescued.errorsPx].flatMap(([photo, errors]) => errors.map((error) => error * fileScale(photos[photo]!))),
  );
  return { ...makeSparseModel(solution, photos, features), photos: outcomes, medianErrorPx };
}
