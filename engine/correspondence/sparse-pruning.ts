/** Removes wrong points: a wrong match along an epipolar line has a depth that its neighbours in the photo do not share. */
import { transformPoint } from '../math/rigid-transform.js';
import type { View } from '../scene/view.js';
import type { KeypointTable, Track } from './sparse-tracks.js';

const NEIGHBOURS = 10;
/** Neighbours of similar inverse depth that confirm a point seen by two photos only. */
const MIN_SUPPORT = 4;
/** Relative difference of inverse depths that counts as similar … */
const SIMILAR = 0.12;
/** … and at most this share of the photo's own spread (10th to 90th percentile): at a distance, everything is alike. */
const SIMILAR_SPREAD_SHARE = 0.15;
/** … but never less than this: a flat wall seen from the front has no spread, only noise. */
const SIMILAR_AT_LEAST = 0.02;
/** Seen by as many photos, a point needs no neighbours. */
const SELF_CONFIRMED_VIEWS = 4;
/** The same corner found at another scale repeats its own mistake: it is no witness. */
const SAME_PLACE_PX = 3;

interface Observation {
  readonly track: number;
  readonly u: number;
  readonly v: number;
  readonly inverseDepth: number;
}

/** Support of each observation in one view, by brute force over a grid of its neighbours. */
function addSupport(observations: readonly Observation[], view: View, support: Uint16Array): void {
  const { width, height } = view.image;
  // About 27 observations in 3×3 cells.
  const cellPx = Math.sqrt((width * height * 3) / Math.max(1, observations.length));
  const columns = Math.ceil(width / cellPx) + 2;
  const cells = new Map<number, Observation[]>();
  const cellOf = (u: number, v: number): number => (Math.floor(v / cellPx) + 1) * columns + Math.floor(u / cellPx) + 1;
  for (const observation of observations) {
    const key = cellOf(observation.u, observation.v);
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, [observation]);
    else cell.push(observation);
  }
  const sorted = observations.map(({ inverseDepth }) => inverseDepth).sort((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] as number;
  const most = SIMILAR_SPREAD_SHARE * (quantile(0.9) - quantile(0.1));
  for (const { track, u, v, inverseDepth } of observations) {
    const centre = cellOf(u, v);
    const near: { distance: number; similar: boolean }[] = [];
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        for (const other of cells.get(centre + dy * columns + dx) ?? []) {
          const distance = Math.hypot(other.u - u, other.v - v);
          if (distance < SAME_PLACE_PX) continue;
          const larger = Math.max(inverseDepth, other.inverseDepth);
          const tolerance = Math.min(SIMILAR * larger, Math.max(most, SIMILAR_AT_LEAST * larger));
          near.push({
            distance,
            similar: Math.abs(inverseDepth - other.inverseDepth) < tolerance,
          });
        }
      }
    }
    near.sort((a, b) => a.distance - b.distance);
    const closest = near.slice(0, NEIGHBOURS);
    const similar = closest.filter((neighbour) => neighbour.similar).length;
    support[track] = Math.max(support[track] as number, similar);
  }
}

/**
 * Keeps the tracks that at least 4 of the 10 nearest tracks in one of their photos confirm: inverse depths within 12 %, and
 * within 15 % of the photo's own spread. Three photos that agree need one such neighbour, four need none. The witnesses are
 * other places, not the same corner at another scale. Two rounds: points that only outliers supported go in the second.
 */
export function pruneTracks(views: readonly View[], table: KeypointTable, tracks: readonly Track[]): Track[] {
  let left = [...tracks];
  for (let round = 0; round < 2; round++) {
    const perView: Observation[][] = views.map(() => []);
    left.forEach((track, index) => {
      for (const k of track.keypoints) {
        const view = table.views[k] as number;
        const z = transformPoint((views[view] as View).camera.cameraFromWorld, track.position)[2];
        const [u, v] = [table.px[2 * k] as number, table.px[2 * k + 1] as number];
        perView[view]?.push({ track: index, u, v, inverseDepth: 1 / z });
      }
    });
    const support = new Uint16Array(left.length);
    views.forEach((view, i) => addSupport(perView[i] ?? [], view, support));
    left = left.filter((track, index) => {
      if (track.keypoints.length >= SELF_CONFIRMED_VIEWS) return true;
      const needed = track.keypoints.length === 3 ? 1 : MIN_SUPPORT;
      return (support[index] as number) >= needed;
    });
  }
  return left;
}
