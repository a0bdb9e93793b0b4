/** Cameras that a network guessed as the beginning of a model, in place of a pair's motion. */
import { rotationAngle } from '../math/rotation-vector.js';
import { median } from '../math/median.js';
import type { RigidTransform } from '../math/rigid-transform.js';
import { composeRigid, invertRigid } from '../math/rigid-transform.js';
import type { GuessedCamera } from '../scene/camera-network.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import { alignCameras, moveCamera } from './align-similarity.js';
import type { PairMatches, RadialLens } from './contract.js';
import type { GrowthProblem, GrowthSettings } from './grow-model.js';
import { MIN_RESECTED, regrowModel } from './grow-model.js';
import { GrowingModel } from './growing-model.js';
import { meanFocalPx } from './lens.js';
import type { CameraProblem, SolvedCameras } from './solve-cameras.js';
import { isBetter, tracksOf } from './solve-cameras.js';
import type { CheckedPair } from './verify-pairs.js';

export interface GuessInput {
  readonly problem: CameraProblem;
  /** By lens: nothing but the photos tells its focal length. */
  readonly isUnknown: readonly boolean[];
  readonly solved: SolvedCameras;
  /** What matches alone placed; null for nothing. */
  readonly model: GrowingModel | null;
  readonly settings: GrowthSettings;
}

export interface GuessedModel {
  readonly model: GrowingModel;
  /** All matches that it was tried with. */
  readonly pairs: readonly PairMatches[];
}

interface Start {
  readonly cameras: ReadonlyMap<number, RigidTransform>;
  /** Photos whose cameras matches alone gave: they are held while the guess settles. */
  readonly held: ReadonlySet<number>;
}

/** With the network's word for its rough place a camera is believed on fewer points than without. Eight, tried on photos, let some turn by 15°. */
export const FEWEST_POINTS = 10;
/**
 * How far off guesses may be, turn and place together: points are let in within what such a turn moves them by, then within half as much, and so
 * on. With cameras off by 5° and a tenth of the extent, 6° placed fewer photos than 10°, and 15° no more.
 */
const GUESS_OFF_RAD = (10 * Math.PI) / 180;
const LOOSE_SIGMAS = 5;
const MIN_ANGLE_RAD = (1.5 * Math.PI) / 180;
const ITERATIONS = 15;
/** Guesses are not off by more; a photo that rests on one and ends farther from it was taken there by wrong matches. */
const MAX_TURN_RAD = (15 * Math.PI) / 180;
/** Placed photos from which on their lenses are known better than a guess. */
const ENOUGH_TO_KNOW_LENS = 3;

/** Matches that agree with a motion where there are such, else all that look alike: the guess will sort them. */
function choosePairs({ problem, solved }: GuessInput): PairMatches[] {
  const keyOf = ({ first, second }: PairMatches): string => `${first} ${second}`;
  const checked = new Map(solved.pairs.map((pair) => [keyOf(pair), pair]));
  const barred = new Set(solved.contradicting.map(keyOf));
  return problem.pairs.filter((pair) => !barred.has(keyOf(pair))).map((pair) => checked.get(keyOf(pair)) ?? pair);
}

/** Lenses with the guessed focal length, the median of their photos', where nothing better is known. */
function chooseLenses({ problem, isUnknown, model }: GuessInput, guess: readonly GuessedCamera[]): RadialLens[] {
  if (model !== null && model.placed.size >= ENOUGH_TO_KNOW_LENS) return [...model.lenses];
  return problem.lenses.map((lens, index) => {
    const told = guess.flatMap(({ focalPx }, photo) => (problem.photos[photo]!.lens === index ? [focalPx] : []));
    if (!isUnknown[index] || told.length === 0) return lens;
    const ratio = median(told) / meanFocalPx(lens);
    const { intrinsics } = lens;
    return { ...lens, intrinsics: { ...intrinsics, fx: intrinsics.fx * ratio, fy: intrinsics.fy * ratio } };
  });
}

/** Placed cameras, held, and the guess of the others fitted to them; null where the placed ones tell no scale. */
function fitGuess(guess: readonly GuessedCamera[], placed: ReadonlyMap<number, RigidTransform>): Start | null {
  if (placed.size < 2) return null;
  const guessed = guess.map(({ cameraFromWorld }) => cameraFromWorld);
  const targets = guessed.map((_, photo) => placed.get(photo) ?? null);
  const alignment = alignCameras(guessed, targets);
  if (alignment === null || !alignment.isScaleKnown || !(alignment.targetFromSource.scale > 0)) return null;
  const fitted = guessed.map((camera, i) => targets[i] ?? moveCamera(alignment.targetFromSource, camera));
  return { cameras: new Map(fitted.entries()), held: new Set(placed.keys()) };
}

/** Cameras to begin with: what matches placed and the guess of the others fitted to it; the guess alone. */
function chooseStarts({ model }: GuessInput, guess: readonly GuessedCamera[]): Start[] {
  const alone = new Map(guess.map(({ cameraFromWorld }, photo) => [photo, cameraFromWorld]));
  const joined = model === null ? null : fitGuess(guess, model.placed);
  return [...(joined === null ? [] : [joined]), { cameras: alone, held: new Set() }];
}

/** Brings guessed cameras to where points meet: what is allowed to be off shrinks from what a guess is off by to what keypoints are. */
async function settle(
  { photos, lenses, tracks }: GrowthProblem,
  { cameras, held }: Start,
  { keypointSigmaPx }: GrowthSettings,
  context: StageContext,
): Promise<ReadonlyMap<number, RigidTransform>> {
  const model = new GrowingModel(photos, lenses, tracks);
  for (const [photo, camera] of cameras) model.place(photo, camera);
  const constantPhotos = [...cameras.keys()].flatMap((photo, index) => (held.has(photo) ? [index] : []));
  const least = LOOSE_SIGMAS * keypointSigmaPx;
  const focalPx = median(lenses.map(meanFocalPx));
  for (let maxErrorPx = Math.tan(GUESS_OFF_RAD) * focalPx; ; maxErrorPx = Math.max(least, maxErrorPx / 2)) {
    await yieldToHost(context);
    const limits = { maxErrorPx, minAngleRad: MIN_ANGLE_RAD };
    model.reconsider(limits);
    model.triangulate(limits);
    const huberPx = Math.max(keypointSigmaPx, maxErrorPx / 4);
    const options = { maxIterations: ITERATIONS, costTolerance: 1e-4, huberPx, constantPhotos };
    await model.adjust(options, limits, context);
    if (maxErrorPx <= least) break;
  }
  return new Map([...model.placed].filter(([photo]) => model.observedCount(photo) >= FEWEST_POINTS));
}

/**
 * Placed photos that matches alone would not have placed: on fewer than 15 points, or without a pair that fits together by itself with
 * another placed photo.
 */
export function findWeak(model: GrowingModel, pairs: readonly CheckedPair[]): ReadonlySet<number> {
  const held = new Set(
    pairs.flatMap(({ first, second }) => (model.placed.has(first) && model.placed.has(second) ? [first, second] : [])),
  );
  const isWeak = (photo: number): boolean => model.observedCount(photo) < MIN_RESECTED || !held.has(photo);
  return new Set([...model.placed.keys()].filter(isWeak));
}

/**
 * Photos that rest on the guess and have turned away from it by more than 15°, as the median of what the others placed say: those that matches
 * alone did not place, and weak ones. What few matches agree with by chance, or by a repeated pattern, is off by any angle.
 */
export function findStrays(
  model: GrowingModel,
  guess: readonly GuessedCamera[],
  { solved, model: plain }: Pick<GuessInput, 'solved' | 'model'>,
): number[] {
  const turnBetween = (a: number, b: number): number => {
    const ours = composeRigid(model.placed.get(b)!, invertRigid(model.placed.get(a)!));
    const told = composeRigid(guess[b]!.cameraFromWorld, invertRigid(guess[a]!.cameraFromWorld));
    return rotationAngle(composeRigid(ours, invertRigid(told)).rotation);
  };
  const weak = findWeak(model, solved.pairs);
  const photos = [...model.placed.keys()];
  return photos.filter((photo) => {
    if (plain?.placed.has(photo) === true && !weak.has(photo)) return false;
    const others = photos.filter((other) => other !== photo);
    return !(median(others.map((other) => turnBetween(photo, other))) <= MAX_TURN_RAD);
  });
}

function without(cameras: ReadonlyMap<number, RigidTransform>, photos: ReadonlySet<number>): Start['cameras'] {
  return new Map([...cameras].filter(([photo]) => !photos.has(photo)));
}

/**
 * Grows a model from cameras. A photo that strays is tried once more, from the guess as it fits the others, which by then stand well; if it
 * strays again, it is left out with all its matches.
 */
async function growFrom(
  input: GuessInput,
  lenses: readonly RadialLens[],
  first: Start,
  guess: readonly GuessedCamera[],
  context: StageContext,
): Promise<GuessedModel | null> {
  const settings = { ...input.settings, fewestPoints: FEWEST_POINTS };
  const strayed = new Set<number>();
  const leftOut = new Set<number>();
  let start: Start | null = first;
  while (start !== null && start.cameras.size >= 2) {
    const isKept = ({ first: a, second: b }: PairMatches): boolean => !leftOut.has(a) && !leftOut.has(b);
    const pairs = choosePairs(input).filter(isKept);
    const problem = { photos: input.problem.photos, lenses, tracks: tracksOf(input.problem, pairs) };
    const cameras = await settle(problem, start, settings, context);
    const model: GrowingModel | null = cameras.size < 2 ? null : await regrowModel(problem, cameras, settings, context);
    if (model === null) return null;
    const strays = findStrays(model, guess, input);
    if (strays.length === 0) return { model, pairs };
    // Each round notes a photo that was not noted: it ends.
    for (const photo of strays) (strayed.has(photo) ? leftOut : strayed).add(photo);
    const joined = fitGuess(guess, without(model.placed, new Set(strays)));
    start = joined === null ? null : { ...joined, cameras: without(joined.cameras, leftOut) };
  }
  return null;
}

/**
 * Begins a model with cameras that were guessed for all photos: points are triangulated with them, cameras and points adjusted while the
 * error that is allowed shrinks from 10° to that of keypoints, and the model grown and finished like any other. Matches of pairs that carry no
 * motion of their own count too. Cameras stay where 10 points fit them; those that matches alone did not place, or would not (see
 * {@link findWeak}), only within 15° of the guess.
 *
 * @param guess by photo, any world, any unit.
 * @returns null when no two photos are left: the guess fits nothing.
 * @throws the signal's reason when it was aborted.
 */
export async function startFromGuess(
  input: GuessInput,
  guess: readonly GuessedCamera[],
  context: StageContext = {},
): Promise<GuessedModel | null> {
  const lenses = chooseLenses(input, guess);
  let best: GuessedModel | null = null;
  for (const start of chooseStarts(input, guess)) {
    const grown = await growFrom(input, lenses, start, guess, context);
    if (isBetter(grown?.model ?? null, best?.model ?? null)) best = grown;
    if (best?.model.placed.size === guess.length) break;
  }
  return best;
}
