/** What is done with cameras that were found once: again with a better lens, with matches along lines, and with photos that these reach. */
import { median } from '../math/median.js';
import type { StageContext } from '../scene/stage.js';
import { partOfStage } from '../scene/stage.js';
import type { PairMatches } from './contract.js';
import type { GrowthSettings } from './grow-model.js';
import { regrowModel } from './grow-model.js';
import type { GrowingModel } from './growing-model.js';
import { meanFocalPx } from './lens.js';
import { matchAlongLines, matchAlongPairs } from './match-photos.js';
import { mergeSources } from './merge-sources.js';
import type { PhotoFeatures } from './photo-features.js';
import type { CameraProblem, SolvedCameras } from './solve-cameras.js';
import { isBetter, solveCameras, tracksOf } from './solve-cameras.js';

/** How far from known lines matches are looked for. */
const LINE_SIGMAS = 2.5;
/** A focal length that was off by this share may be why photos are left over. */
const FOCAL_OFF = 0.04;
/** One that was off by so much made pairs fit that do not, and others not. */
const FOCAL_FAR_OFF = 0.15;
/** A photo that sees so many points needs no more: they would cost seconds and move its camera by nothing that can be measured. */
const ENOUGH_POINTS = 350;
/** Of the time of the last round, for progress. */
const LINES_SHARE = 0.5;

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
export async function solveAgain(
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
export async function reachFurther(
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

/**
 * Looks for matches along the lines of the cameras that were found, and finds everything anew with them.
 *
 * @returns the model as it was where every photo sees enough already, or where one would be lost.
 */
export async function refineAlongLines(
  features: readonly PhotoFeatures[],
  problem: CameraProblem,
  { model, pairs: known }: { readonly model: GrowingModel | null; readonly pairs: readonly PairMatches[] },
  settings: GrowthSettings,
  context: StageContext,
): Promise<GrowingModel | null> {
  if (model === null) return null;
  const { photos } = problem;
  if (median([...model.placed.keys()].map((photo) => model.observedCount(photo))) >= ENOUGH_POINTS) return model;
  const cameras = new Map(
    [...model.placed].map(([photo, cameraFromWorld]) => [
      photo,
      { lens: model.lenses[photos[photo]!.lens]!, cameraFromWorld },
    ]),
  );
  const pairs = await matchAlongLines(
    features,
    cameras,
    known,
    LINE_SIGMAS * settings.keypointSigmaPx,
    partOfStage(context, 0, LINES_SHARE),
  );
  const regrowing = partOfStage(context, LINES_SHARE, 1 - LINES_SHARE);
  const again = await regrowWith(problem, model, pairs, settings, regrowing);
  return again === null || again.placed.size < model.placed.size ? model : again;
}
