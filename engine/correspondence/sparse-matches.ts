/** Sparse matches between posed photos: the points that depth ranges, stereo's choice of sources and alignments start from. */
import { cameraCentre } from '../math/conventions.js';
import { transformPoint } from '../math/rigid-transform.js';
import { ImportError } from '../scene/errors.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { View } from '../scene/view.js';
import { chooseRollReference, describeKeypoints } from './describe-keypoints.js';
import { detectKeypoints } from './detect-keypoints.js';
import { buildScaleLevels } from './detect-scale-space.js';
import type { DescribedView } from './sparse-pair-matching.js';
import { bucketKeypoints, matchPair } from './sparse-pair-matching.js';
import { pruneTracks } from './sparse-pruning.js';
import type { KeypointTable, Track, TrackEdge } from './sparse-tracks.js';
import { buildTracks } from './sparse-tracks.js';
import { createPairGeometry, triangulateMatch } from './triangulate-match.js';

/** The matches of one pair of photos, M long. */
export interface PairMatches {
  readonly firstView: number;
  readonly secondView: number;
  readonly count: number;
  /** [M, 2] pixels, centres at +0.5 */
  readonly firstPx: Float32Array;
  readonly secondPx: Float32Array;
  /** [M] 1 / depth in the first camera, of the point as all its photos place it */
  readonly inverseDepths: Float32Array;
  /** [M] 1 / depth in the second camera */
  readonly secondInverseDepths: Float32Array;
  /** [M] what one pixel along the epipolar line changes in `inverseDepths`: its standard deviation for 1 px of noise */
  readonly inverseDepthsPerPx: Float32Array;
  /** [M] largest reprojection error among the point's photos */
  readonly errorsPx: Float32Array;
  /** [M] photos that see the point, ≥ 2 */
  readonly viewCounts: Uint8Array;
  /** [M] 0..1, how clearly the descriptors stood out */
  readonly qualities: Float32Array;
}

/** The points behind the matches, P long; point p's observations are `starts[p] .. starts[p + 1]`. */
export interface SparsePoints {
  readonly count: number;
  /** [P, 3] world */
  readonly positions: Float64Array;
  /** [P + 1] */
  readonly starts: Uint32Array;
  /** [O] view of each observation */
  readonly views: Uint16Array;
  /** [O, 2] pixel of each observation */
  readonly px: Float32Array;
}

export interface SparseMatches {
  /** firstView comes before secondView by name. */
  readonly pairs: readonly PairMatches[];
  readonly points: SparsePoints;
  /** Per view: inverse depths (upper bounds) of matches too distant to be placed. They only tell how far the scene reaches. */
  readonly distant: readonly Float32Array[];
}

/** Up to this many photos every pair is tried; beyond, each photo's nearest by direction and place. */
const ALL_PAIRS_UP_TO = 16;
const NEAREST_PAIRS = 12;
/** A match nearer to its infinitely far position than this has no depth worth the name. */
const MIN_DISPARITY_PX = 2;
/** Fewer points than this in the whole capture: cameras and photos do not belong together. */
const MIN_POINTS = 8;

/** Pairs worth matching, in the canonical order of `order`. */
function selectPairs(views: readonly View[], order: readonly number[]): [number, number][] {
  const centres = views.map((view) => cameraCentre(view.camera.cameraFromWorld));
  const between = (i: number, j: number): number => {
    const [a, b] = [centres[i] as number[], centres[j] as number[]];
    return Math.hypot(...a.map((value, k) => value - (b[k] as number)));
  };
  const axis = (i: number): readonly number[] => (views[i] as View).camera.cameraFromWorld.rotation.slice(6);
  const cosine = (i: number, j: number): number => axis(i).reduce((sum, v, k) => sum + v * (axis(j)[k] as number), 0);
  const extent = Math.max(1e-12, ...order.map((j) => between(order[0] as number, j)));
  const cost = (i: number, j: number): number => between(i, j) / extent + 2 * (1 - cosine(i, j));
  const nearest = order.map((i) => {
    const others = order.filter((j) => j !== i);
    if (order.length <= ALL_PAIRS_UP_TO) return new Set(others);
    return new Set([...others].sort((a, b) => cost(i, a) - cost(i, b)).slice(0, NEAREST_PAIRS));
  });
  const pairs: [number, number][] = [];
  order.forEach((i, m) => {
    order.forEach((j, n) => {
      // Cameras that look against each other see different sides of everything.
      const wanted = m < n && (nearest[m]?.has(j) === true || nearest[n]?.has(i) === true);
      if (wanted && cosine(i, j) > -0.2) pairs.push([i, j]);
    });
  });
  return pairs;
}

/** Epipolar tolerance: what the poses of real captures are good for, growing with the photo. */
function epipolarTolerancePx(view: View): number {
  return Math.max(2, 0.0025 * Math.hypot(view.image.width, view.image.height));
}

async function describeViews(views: readonly View[], context: StageContext): Promise<DescribedView[]> {
  const rollReference = chooseRollReference(views.map((view) => view.camera));
  const described: DescribedView[] = [];
  for (const view of views) {
    await yieldToHost(context);
    const { width, height } = view.image;
    const levels = buildScaleLevels(view);
    await yieldToHost(context);
    const keypoints = detectKeypoints(view, levels);
    await yieldToHost(context);
    const descriptors = describeKeypoints(view.camera, levels, keypoints, rollReference);
    described.push({ width, height, keypoints, descriptors, buckets: bucketKeypoints(keypoints, width, height) });
    context.onProgress?.((0.5 * described.length) / views.length, `keypoints of ${view.name}`);
  }
  return described;
}

interface RawMatches {
  readonly edges: TrackEdge[];
  readonly distant: Float32Array[];
}

async function matchViews(
  views: readonly View[],
  described: readonly DescribedView[],
  offsets: readonly number[],
  pairs: readonly (readonly [number, number])[],
  context: StageContext,
): Promise<RawMatches> {
  const edges: TrackEdge[] = [];
  const distant: number[][] = views.map(() => []);
  let done = 0;
  for (const [i, j] of pairs) {
    await yieldToHost(context);
    const [a, b] = [views[i] as View, views[j] as View];
    const pair = createPairGeometry(a.camera, b.camera);
    const matches = matchPair(
      pair,
      described[i] as DescribedView,
      described[j] as DescribedView,
      epipolarTolerancePx(b),
    );
    for (const match of matches) {
      if (match.inverseDepth > MIN_DISPARITY_PX * match.inverseDepthPerPx) {
        const quality = match.distinctness;
        edges.push({ a: (offsets[i] as number) + match.first, b: (offsets[j] as number) + match.second, quality });
      } else distant[i]?.push(Math.max(0, match.inverseDepth) + MIN_DISPARITY_PX * match.inverseDepthPerPx);
    }
    context.onProgress?.(0.5 + (0.45 * ++done) / pairs.length, `${a.name} with ${b.name}`);
  }
  return { edges, distant: distant.map((values) => Float32Array.from(values)) };
}

function collectPoints(tracks: readonly Track[], table: KeypointTable): SparsePoints {
  const starts = new Uint32Array(tracks.length + 1);
  tracks.forEach((track, p) => (starts[p + 1] = (starts[p] as number) + track.keypoints.length));
  const keypoints = tracks.flatMap((track) => track.keypoints);
  return {
    count: tracks.length,
    positions: Float64Array.from(tracks.flatMap((track) => track.position)),
    starts,
    views: Uint16Array.from(keypoints, (k) => table.views[k] as number),
    px: Float32Array.from(keypoints.flatMap((k) => [table.px[2 * k] as number, table.px[2 * k + 1] as number])),
  };
}

/** Two keypoints of one track. */
interface PairMember {
  readonly track: Track;
  readonly first: number;
  readonly second: number;
}

function fillPair(
  views: readonly View[],
  table: KeypointTable,
  members: readonly PairMember[],
  firstView: number,
  secondView: number,
): PairMatches {
  const [first, second] = [(views[firstView] as View).camera, (views[secondView] as View).camera];
  const geometry = createPairGeometry(first, second);
  const pixel = (k: number): [number, number] => [table.px[2 * k] as number, table.px[2 * k + 1] as number];
  return {
    firstView,
    secondView,
    count: members.length,
    firstPx: Float32Array.from(members.flatMap(({ first: k }) => pixel(k))),
    secondPx: Float32Array.from(members.flatMap(({ second: k }) => pixel(k))),
    inverseDepths: Float32Array.from(
      members,
      ({ track }) => 1 / transformPoint(first.cameraFromWorld, track.position)[2],
    ),
    secondInverseDepths: Float32Array.from(
      members,
      ({ track }) => 1 / transformPoint(second.cameraFromWorld, track.position)[2],
    ),
    inverseDepthsPerPx: Float32Array.from(
      members,
      ({ first: k, second: l }) => triangulateMatch(geometry, ...pixel(k), ...pixel(l)).inverseDepthPerPx,
    ),
    errorsPx: Float32Array.from(members, ({ track }) => track.errorPx),
    viewCounts: Uint8Array.from(members, ({ track }) => track.keypoints.length),
    qualities: Float32Array.from(members, ({ track }) => track.quality),
  };
}

function collectPairs(
  views: readonly View[],
  table: KeypointTable,
  tracks: readonly Track[],
  rank: readonly number[],
): PairMatches[] {
  const members = new Map<number, PairMember[]>();
  for (const track of tracks) {
    const ordered = [...track.keypoints].sort(
      (k, l) => (rank[table.views[k] as number] as number) - (rank[table.views[l] as number] as number),
    );
    ordered.forEach((first, m) => {
      for (const second of ordered.slice(m + 1)) {
        const key = (table.views[first] as number) * views.length + (table.views[second] as number);
        const member = { track, first, second };
        const list = members.get(key);
        if (list === undefined) members.set(key, [member]);
        else list.push(member);
      }
    });
  }
  return [...members].map(([key, list]) =>
    fillPair(views, table, list, Math.floor(key / views.length), key % views.length),
  );
}

/**
 * Finds points that two or more photos see. Corners at several scales are described by their gradients (turned by the
 * cameras, not by the picture), matched along epipolar lines, joined into tracks, placed by least squares, and pruned by
 * what their neighbours say. Every point lies in front of its cameras and reprojects within about 1.5 px.
 *
 * Photos are treated in the order of their names, so the result does not depend on the order of `views` beyond renaming.
 *
 * @param views at least two; masked pixels give no keypoints
 * @throws ImportError 'malformed' when fewer than 8 points are found in the whole capture
 * @throws the signal's reason when it is aborted
 */
export async function findSparseMatches(views: readonly View[], context: StageContext = {}): Promise<SparseMatches> {
  const order = views.map((_, i) => i).sort((i, j) => compareNames(views[i] as View, views[j] as View));
  const rank = new Array<number>(views.length).fill(0);
  order.forEach((view, position) => (rank[view] = position));
  const inOrder = order.map((i) => views[i] as View);
  // The canonical order also fixes in which order the cameras are summed.
  const describedInOrder = await describeViews(inOrder, context);
  const offsetsInOrder: number[] = [];
  let total = 0;
  for (const { keypoints } of describedInOrder) {
    offsetsInOrder.push(total);
    total += keypoints.count;
  }
  const table = { views: new Uint16Array(total), px: new Float32Array(2 * total) };
  describedInOrder.forEach(({ keypoints }, position) => {
    const offset = offsetsInOrder[position] as number;
    table.views.fill(order[position] as number, offset, offset + keypoints.count);
    table.px.set(keypoints.px, 2 * offset);
  });
  const described = rank.map((position) => describedInOrder[position] as DescribedView);
  const offsets = rank.map((position) => offsetsInOrder[position] as number);
  const raw = await matchViews(views, described, offsets, selectPairs(views, order), context);
  const maxErrorPx = 0.75 * Math.max(...views.map(epipolarTolerancePx));
  await yieldToHost(context);
  const tracks = pruneTracks(views, table, buildTracks(views, table, raw.edges, maxErrorPx));
  if (tracks.length < MIN_POINTS) throw noMatchesError(inOrder, tracks.length);
  context.onProgress?.(1, `${tracks.length} points`);
  return {
    pairs: collectPairs(views, table, tracks, rank),
    points: collectPoints(tracks, table),
    distant: raw.distant,
  };
}

/** Order of names by code units: the same on every machine, unlike a locale's. */
export function compareNames(a: View, b: View): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function noMatchesError(views: readonly View[], count: number): ImportError {
  return new ImportError(
    'malformed',
    `Only ${count} points fit the photos' cameras.`,
    views.map((view) => view.name).join(', '),
    '',
    'Check that the camera poses belong to these photos and that the photos overlap.',
  );
}
