/** Brings the photos' sparse points and a sensor's cloud together when no calibration says how. */
import type { Vec3 } from '../math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../math/rigid-transform.js';
import { createRandom } from '../math/random.js';
import type { RandomSource } from '../math/random.js';
import { rotationAngle, rotationOfVector } from '../math/rotation-vector.js';
import type { Similarity } from './align-similarity.js';
import { transformBySimilarity } from './align-similarity.js';
import type { SurfaceCloud } from './cloud-normals.js';
import { prepareCloud } from './cloud-normals.js';
import { proposeSimilarities } from './pair-hypotheses.js';
import { refineRegistration } from './refine-registration.js';
import type { UpAxes } from './similarity-from-picks.js';

export interface RegisterCloudOptions {
  /** Up in the photos' world and in the cloud; null when either is unknown: the search is then harder. */
  readonly up: UpAxes | null;
  /** Bounds on metres (the cloud's unit) per unit of the photos' world, where something is known; wide when left out. */
  readonly scaleBounds?: readonly [number, number];
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

export interface CloudRegistration {
  /**
   * 'found': one place fits, clearly better than chance and than any other. 'ambiguous': others fit about as well (a corridor, a symmetric
   * room). 'failed': nothing fits. Only 'found' may be used without asking; the others want picked points (similarityFromPicks).
   */
  readonly verdict: 'found' | 'ambiguous' | 'failed';
  /** The best, whatever the verdict; null when the clouds are too small. */
  readonly cloudFromPhotos: Similarity | null;
  /** Share of the photos' points within the tolerance of the cloud. */
  readonly inlierShare: number;
  /** The share that 9 of 10 random placements of the same scale stay below. */
  readonly chanceShare: number;
  /** The best share at another place. */
  readonly runnerUpShare: number;
  /** In the cloud's unit. */
  readonly tolerance: number;
}

const SOURCE_LIMIT = 700;
const TARGET_LIMIT = 9000;
/** Of the photos' points' radius, after scaling: how near to the cloud a point must come. */
const TOLERANCE = 0.03;
const FINALISTS = 12;
const QUICK_POINTS = 90;
const LEAST_SHARE = 0.5;
const ABOVE_CHANCE = 0.2;
const RIVAL = 0.85;
const RANDOM_PLACES = 40;

interface Scored {
  readonly similarity: Similarity;
  readonly share: number;
}

interface Refined extends Scored {
  /** 0..1: mean of `1 − d² / tolerance²` over the source, 0 beyond: of two that bring as many points near, the one that brings them nearer. */
  readonly quality: number;
}

class Placement {
  /** Mean distance of a target point to its nearest fellow: no tolerance can be finer. */
  readonly spacing: number;
  /** Source points in random order, so that any first n are a sample. */
  private readonly order: number[];

  constructor(
    readonly source: SurfaceCloud,
    readonly target: SurfaceCloud,
    random: RandomSource,
  ) {
    let sum = 0;
    const step = Math.max(1, Math.floor(target.count / 400));
    let count = 0;
    for (let i = 0; i < target.count; i += step, count++) {
      const [, second] = target.tree.nearest(this.pick(target, i), 2);
      sum += Math.sqrt(second?.distance ?? 0);
    }
    this.spacing = sum / count;
    this.order = Array.from({ length: source.count }, () => Math.floor(random.next() * source.count));
  }

  private pick({ positions }: SurfaceCloud, i: number): Vec3 {
    return [positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!];
  }

  /** Proportional to the scale, so that shrinking the source into a dense corner of the target wins nothing. */
  toleranceOf({ scale }: Similarity): number {
    return TOLERANCE * scale * this.source.radius;
  }

  /** No finer than the target's points are dense. */
  reachOf(similarity: Similarity): number {
    return Math.max(this.toleranceOf(similarity), 0.7 * this.spacing);
  }

  /** Whether the target's points are dense enough, and the target large enough, to judge this scale. */
  isJudgeable(similarity: Similarity, bounds: readonly [number, number]): boolean {
    const { scale } = similarity;
    const isBounded = scale >= bounds[0] && scale <= bounds[1];
    return (
      isBounded &&
      this.toleranceOf(similarity) > 0.5 * this.spacing &&
      scale * this.source.radius < 2 * this.target.radius
    );
  }

  /** Share of a sample of source points near the target; gives up once `bound` is out of reach. */
  score(similarity: Similarity, points: number, bound = 0): number {
    const reach = this.reachOf(similarity);
    let hits = 0;
    const count = Math.min(points, this.order.length);
    for (let k = 0; k < count; k++) {
      const moved = transformBySimilarity(similarity, this.pick(this.source, this.order[k]!));
      if (this.target.tree.hasWithin(moved, reach)) hits++;
      if (hits + count - k - 1 < bound * count) return 0;
    }
    return hits / count;
  }

  /** The best placements, none near another that is better. */
  search(options: RegisterCloudOptions, random: RandomSource): Scored[] {
    const bounds = options.scaleBounds ?? [0, Infinity];
    const best: Scored[] = [];
    let tried = 0;
    for (const similarity of proposeSimilarities(this.source, this.target, options.up, random)) {
      if (tried++ % 512 === 0) options.signal?.throwIfAborted();
      if (!this.isJudgeable(similarity, bounds)) continue;
      const bound = best.length < FINALISTS ? 0.2 : best[best.length - 1]!.share;
      // A quarter of the sample first: most placements are plainly wrong.
      if (this.score(similarity, QUICK_POINTS / 4, 0.7 * bound) === 0) continue;
      const share = this.score(similarity, QUICK_POINTS, bound);
      if (share <= bound) continue;
      const rival = best.findIndex((other) => !this.areApart(other.similarity, similarity));
      if (rival >= 0 && best[rival]!.share >= share) continue;
      if (rival >= 0) best.splice(rival, 1);
      best.push({ similarity, share });
      best.sort((a, b) => b.share - a.share);
      if (best.length > FINALISTS) best.pop();
    }
    return best;
  }

  /** Whether two placements put the source in different places: by 10°, 15 % of scale, or a fifth of its radius. */
  areApart(a: Similarity, b: Similarity): boolean {
    const turn = rotationAngle(multiplyMat(transposeMat(a.rotation), b.rotation));
    const [p, q] = [a, b].map((s) => transformBySimilarity(s, this.source.centre)) as [Vec3, Vec3];
    const shift = Math.hypot(...p.map((v, k) => v - q[k]!));
    const size = this.source.radius * Math.max(a.scale, b.scale);
    return turn > 0.17 || Math.abs(Math.log(a.scale / b.scale)) > 0.14 || shift > 0.2 * size;
  }

  /** Distance of a moved source point from the target's surface; along its normal where a far scan line leaves only its plane known. */
  private distanceTo(moved: Vec3, reach: number): number {
    const { tree, spacing, normals, positions } = this.target;
    const [hit] = tree.nearest(moved, 1, 4 * reach);
    if (hit === undefined) return Infinity;
    const distance = Math.sqrt(hit.distance);
    if (distance > spacing[hit.index]!) return distance;
    const at = 3 * hit.index;
    const across = Math.abs([0, 1, 2].reduce((sum, k) => sum + normals[at + k]! * (moved[k]! - positions[at + k]!), 0));
    return Number.isNaN(across) ? distance : across;
  }

  private measure(similarity: Similarity): Pick<Refined, 'share' | 'quality'> {
    const reach = this.reachOf(similarity);
    let [hits, sum] = [0, 0];
    for (let i = 0; i < this.source.count; i++) {
      const distance = this.distanceTo(transformBySimilarity(similarity, this.pick(this.source, i)), reach);
      if (!(distance < reach)) continue;
      hits++;
      sum += 1 - (distance / reach) ** 2;
    }
    return { share: hits / this.source.count, quality: sum / this.source.count };
  }

  refine({ similarity }: Scored): Refined {
    const size = similarity.scale * this.source.radius;
    const reach = [Math.max(0.15 * size, 2 * this.spacing), Math.max(TOLERANCE * size, this.spacing)] as const;
    const refined = refineRegistration(this.source, this.target, similarity, { rounds: 10, reach });
    return { similarity: refined, ...this.measure(refined) };
  }

  /** What random turns (about up, where it is known) and places of the same scale reach: the ninth of ten. */
  chance(found: Similarity, up: UpAxes | null, random: RandomSource): number {
    const shares = Array.from({ length: RANDOM_PLACES }, () => {
      const axis = up ? up.target : ([random.next() - 0.5, random.next() - 0.5, random.next() - 0.5] as Vec3);
      const angle = 2 * Math.PI * random.next();
      const length = Math.hypot(...axis);
      const turn = rotationOfVector(axis.map((v) => (v / length) * angle) as Vec3);
      const rotation = multiplyMat(turn, found.rotation);
      const centred = transformBySimilarity(
        { scale: found.scale, rotation, translation: [0, 0, 0] },
        this.source.centre,
      );
      const place = this.pick(this.target, Math.floor(random.next() * this.target.count));
      const translation = place.map((v, k) => v - centred[k]!) as Vec3;
      return this.measure({ scale: found.scale, rotation, translation }).share;
    });
    return shares.sort((a, b) => a - b)[Math.floor(0.9 * RANDOM_PLACES)]!;
  }
}

const NOTHING = { inlierShare: 0, chanceShare: 0, runnerUpShare: 0, tolerance: 0 } as const;

/**
 * Finds the similarity that lays the photos' sparse points on a sensor's cloud, the scale being unknown. Both are thinned evenly; pairs of
 * oriented points with like angles propose placements; those that bring most points near the cloud are refined by ICP; the best is judged
 * against chance and against the best at another place. The tolerance is 3 % of the size of the photos' points (20th of 80th percentile
 * radius), never finer than the cloud's own spacing allows. The sensor must have seen most of what the photos show; it may have seen more.
 *
 * @param photoPoints [N, 3] in the photos' world. @param cloudPoints [M, 3] in the cloud's frame. Not finite: left out.
 * @returns verdict 'failed' without a similarity for fewer than 30 points in either.
 * @throws the signal's reason when aborted.
 */
export function registerCloud(
  photoPoints: ArrayLike<number>,
  cloudPoints: ArrayLike<number>,
  options: RegisterCloudOptions,
): CloudRegistration {
  const random = createRandom(options.seed ?? 1);
  const source = prepareCloud(photoPoints, SOURCE_LIMIT);
  const target = prepareCloud(cloudPoints, TARGET_LIMIT);
  if (source === null || target === null) return { verdict: 'failed', cloudFromPhotos: null, ...NOTHING };
  const placement = new Placement(source, target, random);
  const refined = placement
    .search(options, random)
    .map((scored) => placement.refine(scored))
    .sort((a, b) => b.quality - a.quality);
  const [best] = refined;
  if (best === undefined) return { verdict: 'failed', cloudFromPhotos: null, ...NOTHING };
  const rival = refined.find(({ similarity }) => placement.areApart(similarity, best.similarity));
  const chanceShare = placement.chance(best.similarity, options.up, random);
  const runnerUpShare = rival?.share ?? 0;
  const isGood = best.share >= LEAST_SHARE && best.share >= chanceShare + ABOVE_CHANCE;
  return {
    verdict: !isGood ? 'failed' : (rival?.quality ?? 0) > RIVAL * best.quality ? 'ambiguous' : 'found',
    cloudFromPhotos: best.similarity,
    inlierShare: best.share,
    chanceShare,
    runnerUpShare,
    tolerance: placement.reachOf(best.similarity),
  };
}
