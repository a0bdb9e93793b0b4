/** Photos that the ordinary way left without a camera, placed by depth that a network guesses. */
import type { RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { composeRigid, invertRigid, transformPoint } from '../math/rigid-transform.js';
import type { DepthNetwork } from '../scene/depth-network.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { RgbImage } from '../scene/view.js';
import type { PairMatches, PoseSolution, RadialLens, Track } from './contract.js';
import type { DepthGuess } from './depth-guess.js';
import { depthsOfNumbers, fitGuess, possibleGuesses, sampleNetwork } from './depth-guess.js';
import type { DepthMotion, DepthSide } from './depth-pair.js';
import { findMotionByDepth, LEAST_DEPTH_MATCHES } from './depth-pair.js';
import type { GrowingModel } from './growing-model.js';
import { normalisePoints, projectThroughLens } from './lens.js';
import type { CameraProblem, SolvedCameras } from './solve-cameras.js';
import { pointsOfMatches } from './verify-pairs.js';

export interface RescueInput {
  readonly problem: CameraProblem;
  /** [photos] as their keypoints were found in. */
  readonly images: readonly RgbImage[];
  readonly solved: SolvedCameras;
  /** What the ordinary way placed; null for nothing. */
  readonly model: GrowingModel | null;
  readonly seed: number;
  readonly keypointSigmaPx: number;
}

export interface RescuedCameras {
  /** All cameras and points: what there was, and what was added. */
  readonly solution: PoseSolution;
  /** Photos whose place rests on guessed depth. */
  readonly rescued: ReadonlySet<number>;
  /** Reprojection errors by photo, in pixels of the searched photos. */
  readonly errorsPx: ReadonlyMap<number, readonly number[]>;
}

/** Pairs that are tried to begin with, those with most matches first, and in all. */
const MAX_STARTS = 6;
const MAX_TRIES = 60;
const MAX_ERROR_SIGMAS = 3.5;

/** Matches that may hold two photos together: those that agree with a motion where there are such, else all that look alike. */
function chooseCandidates({ problem, solved }: RescueInput): PairMatches[] {
  const keyOf = ({ first, second }: PairMatches): string => `${first} ${second}`;
  const checked = new Map(solved.pairs.map((pair) => [keyOf(pair), pair]));
  const barred = new Set(solved.contradicting.map(keyOf));
  return problem.pairs
    .filter((pair) => !barred.has(keyOf(pair)))
    .map((pair): PairMatches => checked.get(keyOf(pair)) ?? pair)
    .filter(({ indices }) => indices.length / 2 >= LEAST_DEPTH_MATCHES)
    .sort((a, b) => b.indices.length - a.indices.length || a.first - b.first || a.second - b.second);
}

function swapped({ first, second, indices }: PairMatches): PairMatches {
  return { first: second, second: first, indices: indices.map((_, at) => indices[at ^ 1]!) };
}

class Rescue {
  readonly rescued = new Set<number>();
  private readonly cameras: Map<number, RigidTransform>;
  private readonly tracks: { readonly position: Vec3; observations: Track['observations'] }[];
  /** Track of a photo's keypoint. */
  private readonly trackOf = new Map<string, number>();
  private readonly maps = new Map<number, Float32Array>();
  private readonly lenses: readonly RadialLens[];
  private tries = 0;

  constructor(
    private readonly input: RescueInput,
    private readonly network: DepthNetwork,
    private readonly context: StageContext,
  ) {
    const solution = input.model?.solution();
    this.lenses = solution?.lenses ?? input.problem.lenses;
    this.cameras = new Map(solution?.photos.map(({ photo, cameraFromWorld }) => [photo, cameraFromWorld]));
    this.tracks = [];
    for (const track of solution?.tracks ?? []) this.addTrack(track);
  }

  get isEmpty(): boolean {
    return this.cameras.size === 0;
  }

  /** Two photos to begin with: of those tried, the pair with most agreeing matches. */
  async begin(candidates: readonly PairMatches[]): Promise<void> {
    let best: { readonly pair: PairMatches; readonly motion: DepthMotion } | null = null;
    for (const pair of candidates.slice(0, MAX_STARTS)) {
      const motion = await this.findMotion(pair);
      if (motion !== null && motion.inliers.length > (best?.motion.inliers.length ?? 0)) best = { pair, motion };
    }
    if (best === null) return;
    this.cameras.set(best.pair.first, { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] });
    this.rescued.add(best.pair.first);
    this.place(best.pair, best.motion);
  }

  /** Adds the photo that most matches with a placed one agree for; false when there is none. */
  async addNext(candidates: readonly PairMatches[]): Promise<boolean> {
    let best: { readonly pair: PairMatches; readonly motion: DepthMotion } | null = null;
    for (const candidate of candidates) {
      const [isFirst, isSecond] = [this.cameras.has(candidate.first), this.cameras.has(candidate.second)];
      if (isFirst === isSecond || this.tries >= MAX_TRIES) continue;
      const pair = isFirst ? candidate : swapped(candidate);
      if (pair.indices.length / 2 <= (best?.motion.inliers.length ?? 0)) continue;
      const motion = await this.findMotion(pair);
      if (motion !== null && motion.inliers.length > (best?.motion.inliers.length ?? 0)) best = { pair, motion };
    }
    if (best === null) return false;
    this.place(best.pair, best.motion);
    return true;
  }

  solution(): RescuedCameras {
    const { photos } = this.input.problem;
    const placed = [...this.cameras]
      .map(([photo, cameraFromWorld]) => ({ photo, lens: photos[photo]!.lens, cameraFromWorld }))
      .sort((a, b) => a.photo - b.photo);
    const errorsPx = new Map(placed.map(({ photo }) => [photo, [] as number[]]));
    for (const { position, observations } of this.tracks)
      for (const { photo, keypoint } of observations)
        errorsPx.get(photo)?.push(this.errorPx(photo, keypoint, position));
    return { solution: { lenses: this.lenses, photos: placed, tracks: this.tracks }, rescued: this.rescued, errorsPx };
  }

  private addTrack({ position, observations }: Track): void {
    for (const { photo, keypoint } of observations) this.trackOf.set(`${photo} ${keypoint}`, this.tracks.length);
    this.tracks.push({ position, observations });
  }

  private async mapOf(photo: number): Promise<Float32Array> {
    const known = this.maps.get(photo);
    if (known !== undefined) return known;
    const map = await this.network.estimate(this.input.images[photo]!, this.context.signal);
    this.maps.set(photo, map);
    return map;
  }

  /** Depths that the network may mean: one list where points of a placed photo are known, several where none is. */
  private guessesOf(photo: number, map: Float32Array, numbers: Float64Array): readonly DepthGuess[] {
    const camera = this.cameras.get(photo);
    const kind = this.network.outputKind;
    if (camera === undefined) return possibleGuesses(kind, numbers);
    const known = this.tracks.flatMap(({ position, observations }) =>
      observations
        .filter((seen) => seen.photo === photo)
        .map(({ keypoint }) => ({ keypoint, z: transformPoint(camera, position)[2] })),
    );
    const { points } = this.input.problem.photos[photo]!;
    const pixels = known.flatMap(({ keypoint }) => [points[2 * keypoint]!, points[2 * keypoint + 1]!]);
    const depths = Float64Array.from(known, ({ z }) => z);
    const guess = fitGuess(kind, sampleNetwork(map, this.input.images[photo]!, pixels), depths);
    return guess === null ? [] : [guess];
  }

  private async sideOf({ first, second, indices }: PairMatches, side: 0 | 1): Promise<DepthSide> {
    const photo = side === 0 ? first : second;
    const { points, lens } = this.input.problem.photos[photo]!;
    const pixels = pointsOfMatches(points, indices, side);
    const map = await this.mapOf(photo);
    const numbers = sampleNetwork(map, this.input.images[photo]!, pixels);
    const depths = this.guessesOf(photo, map, numbers).map((guess) => depthsOfNumbers(guess, numbers));
    return { lens: this.lenses[lens]!, pixels, normalised: normalisePoints(this.lenses[lens]!, pixels), depths };
  }

  private async findMotion(pair: PairMatches): Promise<DepthMotion | null> {
    this.tries++;
    await yieldToHost(this.context);
    const [first, second] = [await this.sideOf(pair, 0), await this.sideOf(pair, 1)];
    const { seed, keypointSigmaPx } = this.input;
    return findMotionByDepth(first, second, { seed: seed + pair.first + pair.second, keypointSigmaPx });
  }

  /** The second photo of a pair whose first is placed. */
  private place(
    { first, second, indices }: PairMatches,
    { camera2FromCamera1, inliers, positions }: DepthMotion,
  ): void {
    const firstFromWorld = this.cameras.get(first)!;
    this.cameras.set(second, composeRigid(camera2FromCamera1, firstFromWorld));
    this.rescued.add(second);
    const worldFromFirst = invertRigid(firstFromWorld);
    inliers.forEach((match, k) => {
      const [a, b] = [indices[2 * match]!, indices[2 * match + 1]!];
      const [x, y, z] = positions.subarray(3 * k, 3 * k + 3);
      const stands = this.trackOf.get(`${first} ${a}`);
      if (stands === undefined) {
        const position = transformPoint(worldFromFirst, [x!, y!, z!]);
        const observations = [
          { photo: first, keypoint: a },
          { photo: second, keypoint: b },
        ];
        this.addTrack({ position, observations });
        return;
      }
      // A keypoint has one point: what stands there is kept, and counts where the new photo sees it too.
      const track = this.tracks[stands]!;
      const limit = MAX_ERROR_SIGMAS * this.input.keypointSigmaPx;
      if (this.trackOf.has(`${second} ${b}`) || this.errorPx(second, b, track.position) > limit) return;
      if (track.observations.some(({ photo }) => photo === second)) return;
      track.observations = [...track.observations, { photo: second, keypoint: b }];
      this.trackOf.set(`${second} ${b}`, stands);
    });
  }

  private errorPx(photo: number, keypoint: number, position: Vec3): number {
    const { points, lens } = this.input.problem.photos[photo]!;
    const shown = projectThroughLens(this.lenses[lens]!, transformPoint(this.cameras.get(photo)!, position));
    if (shown === null) return Infinity;
    return Math.hypot(shown[0] - points[2 * keypoint]!, shown[1] - points[2 * keypoint + 1]!);
  }
}

/**
 * Places photos that have no camera: where nothing was placed, two of them by `findMotionByDepth`; then one after another, each from a photo
 * that is placed, whose depth is brought to the known points' unit. What was placed stays where it is.
 *
 * @param openNetwork is asked only when there is something to try.
 * @returns null when nothing was added, also without a network.
 * @throws what the network throws; the signal's reason when it was aborted.
 */
export async function rescueByDepth(
  input: RescueInput,
  openNetwork: () => Promise<DepthNetwork | null>,
  context: StageContext = {},
): Promise<RescuedCameras | null> {
  const candidates = chooseCandidates(input);
  const placed = input.model?.placed;
  const isOpen = ({ first, second }: PairMatches): boolean =>
    placed === undefined || placed.has(first) !== placed.has(second);
  if (!candidates.some(isOpen)) return null;
  const network = await openNetwork();
  if (network === null) return null;
  const rescue = new Rescue(input, network, context);
  if (rescue.isEmpty) await rescue.begin(candidates);
  if (rescue.isEmpty) return null;
  while (await rescue.addNext(candidates)) await yieldToHost(context);
  return rescue.rescued.size === 0 ? null : rescue.solution();
}
