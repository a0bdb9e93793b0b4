/** A second try from cameras that a network guesses, where matches alone leave photos out or in doubt. */
import type { RigidTransform } from '../math/rigid-transform.js';
import type { CameraNetwork, GuessedCamera } from '../scene/camera-network.js';
import { ShapeError } from '../scene/errors.js';
import type { StageContext } from '../scene/stage.js';
import { comparePairRotations } from './compare-cameras.js';
import type { GrowthSettings } from './grow-model.js';
import type { GrowingModel } from './growing-model.js';
import { refineAlongLines } from './improve-cameras.js';
import type { Evidence, JudgedCameras } from './judge-cameras.js';
import { countPlaced, judgeCameras } from './judge-cameras.js';
import type { PhotoOutcome } from './pose-stage.js';
import { FEWEST_POINTS, findStrays, findWeak, startFromGuess } from './start-from-guess.js';

export interface GuessSearch extends Evidence {
  readonly settings: GrowthSettings;
  /** What matches alone gave. */
  readonly plain: JudgedCameras;
}

/** What a guess gave, better than matches alone. */
export interface CamerasByGuess extends JudgedCameras {
  /** The network's name. */
  readonly network: string;
}

/** Whether a guess of the cameras could help: a photo is left out, or doubted for more than its focal length, which this does not settle. */
export function leavesOpen(outcomes: readonly PhotoOutcome[]): boolean {
  return outcomes.some((photo) => !photo.isPlaced || photo.doubts.some((doubt) => doubt !== 'guessed-focal'));
}

/**
 * Weak photos are doubted for resting on the network. That no pair of theirs leaves the plane is said by that already: they may have no pair.
 */
function doubtWeak(judged: JudgedCameras, weak: ReadonlySet<number>): JudgedCameras {
  const outcomes = judged.outcomes.map((outcome, photo): PhotoOutcome => {
    if (!outcome.isPlaced || !weak.has(photo)) return outcome;
    return { ...outcome, doubts: ['camera-prior', ...outcome.doubts.filter((doubt) => doubt !== 'planar')] };
  });
  return { ...judged, outcomes };
}

/** How far cameras that were beyond doubt may turn against each other; farther is another answer, and a guess has no right to it. */
const MAX_TURN_RAD = (3 * Math.PI) / 180;

/** Whether photos that matches alone placed beyond doubt stand to each other as they did, as far as both have them. */
function keepsSure(model: GrowingModel, { model: before, outcomes }: JudgedCameras): boolean {
  if (before === null) return true;
  const sure = outcomes.flatMap((outcome, photo) =>
    outcome.isPlaced && outcome.doubts.length === 0 && model.placed.has(photo) ? [photo] : [],
  );
  const rotations = (of: GrowingModel): (RigidTransform | null)[] => sure.map((photo) => of.placed.get(photo) ?? null);
  return Math.max(0, ...comparePairRotations(rotations(model), rotations(before))) <= MAX_TURN_RAD;
}

/** More photos placed beyond doubt; as many, and more placed at all. */
function isSurer(guessed: JudgedCameras, plain: JudgedCameras): boolean {
  const [a, b] = [countPlaced(guessed.outcomes), countPlaced(plain.outcomes)];
  return a.sure > b.sure || (a.sure === b.sure && a.placed > b.placed);
}

function assertFits(guess: readonly GuessedCamera[], count: number): void {
  if (guess.length !== count) throw new ShapeError(`${guess.length} guessed cameras of ${count} photos`);
}

/**
 * Finds cameras once more, from a network's guess, and compares with what matches alone gave.
 *
 * @param openNetwork is asked once; a network that takes fewer photos is not used.
 * @returns null where matches alone gave as much, or cameras beyond doubt that the guess would turn against each other: then that is kept.
 * @throws what the network throws; ShapeError when it answers with another number of cameras; the signal's reason when it was aborted.
 */
export async function findByGuess(
  search: GuessSearch,
  openNetwork: () => Promise<CameraNetwork | null>,
  context: StageContext,
): Promise<CamerasByGuess | null> {
  const { photos, features, problem, isUnknown, solved, settings, plain } = search;
  if (photos.length < 2 || !problem.pairs.some(({ indices }) => indices.length / 2 >= FEWEST_POINTS)) return null;
  const network = await openNetwork();
  if (network === null || photos.length > network.maxPhotos) return null;
  const images = photos.map(({ image }) => image);
  const guess = await network.estimate(images, context.signal);
  if (guess === null) return null;
  assertFits(guess, photos.length);
  const input = { problem, isUnknown, solved, model: plain.model, settings };
  const started = await startFromGuess(input, guess, context);
  if (started === null) return null;
  const lenient = { ...settings, fewestPoints: FEWEST_POINTS };
  const refined = await refineAlongLines(features, problem, started, lenient, context);
  const model = refined === null || findStrays(refined, guess, input).length > 0 ? started.model : refined;
  const judged = doubtWeak(await judgeCameras(model, search, context), findWeak(model, solved.pairs));
  return keepsSure(model, plain) && isSurer(judged, plain) ? { ...judged, network: network.name } : null;
}
