/** What was found, judged photo by photo: placed with what error, doubted, or left out and why. */
import type { StageContext } from '../scene/stage.js';
import type { PairMatches } from './contract.js';
import { findDisputed } from './disputed-pairs.js';
import { explainPhotos } from './explain-photos.js';
import { isFocalTold } from './focal-certainty.js';
import { findLoosePhotos } from './loose-photos.js';
import type { GrowingModel } from './growing-model.js';
import type { PhotoFeatures } from './photo-features.js';
import type { PhotoOutcome, PosePhoto } from './pose-stage.js';
import { fileScale } from './pose-stage.js';
import type { CameraProblem, SolvedCameras } from './solve-cameras.js';

/** Two photos fit any focal length about as well as another. */
const FEWEST_TELLING_FOCAL = 3;
/** So many photos tell their focal length. */
const ENOUGH_TO_TELL_FOCAL = 8;

/** What judging needs beside the model. */
export interface Evidence {
  readonly photos: readonly PosePhoto[];
  readonly features: readonly PhotoFeatures[];
  /** All matches, before they were checked. */
  readonly matches: readonly PairMatches[];
  readonly problem: CameraProblem;
  /** By lens: nothing but the photos tells its focal length. */
  readonly isUnknown: readonly boolean[];
  readonly solved: SolvedCameras;
}

export interface JudgedCameras {
  /** Null when nothing was placed. */
  readonly model: GrowingModel | null;
  /** In the order of the photos. */
  readonly outcomes: readonly PhotoOutcome[];
  /** By placed photo, in pixels of its file. */
  readonly errorsPx: ReadonlyMap<number, readonly number[]>;
}

/** Whether the placed photos leave no doubt about a focal length that nobody told. */
async function tellsFocal(model: GrowingModel, { photos }: CameraProblem, context: StageContext): Promise<boolean> {
  const count = model.placed.size;
  if (count < FEWEST_TELLING_FOCAL || count >= ENOUGH_TO_TELL_FOCAL) return count >= ENOUGH_TO_TELL_FOCAL;
  return isFocalTold(model.solution(), photos, { ...context, onProgress: () => undefined });
}

/**
 * Judges a model.
 *
 * @param model may be another than the evidence's own.
 * @throws the signal's reason when it was aborted.
 */
export async function judgeCameras(
  model: GrowingModel | null,
  { photos, features, matches, problem, isUnknown, solved }: Evidence,
  context: StageContext,
): Promise<JudgedCameras> {
  const errorsPx = new Map(
    [...(model?.errorsByPhoto() ?? [])].map(([photo, squared]) => [
      photo,
      squared.map((error) => Math.sqrt(error) * fileScale(photos[photo]!)),
    ]),
  );
  const names = photos.map(({ name }) => name);
  const isTold = !isUnknown.includes(true) || model === null || (await tellsFocal(model, problem, context));
  const isFocalGuessed = problem.photos.map(({ lens }) => !isTold && isUnknown[lens]!);
  const disputed = findDisputed(features, matches, solved.pairs);
  const loose = new Set(model === null ? [] : findLoosePhotos(model.solution()));
  const outcomes = explainPhotos(names, features, isFocalGuessed, { solved, model, disputed, loose }, errorsPx);
  return { model, outcomes, errorsPx };
}

/** How many photos are placed beyond doubt, and how many at all. */
export function countPlaced(outcomes: readonly PhotoOutcome[]): { readonly sure: number; readonly placed: number } {
  const placed = outcomes.filter((outcome) => outcome.isPlaced);
  return { sure: placed.filter(({ doubts }) => doubts.length === 0).length, placed: placed.length };
}
