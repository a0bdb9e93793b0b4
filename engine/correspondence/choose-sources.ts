/** Which other photos each photo is matched against densely. */
import { cameraCentre } from '../math/conventions.js';
import type { Vec3 } from '../math/rigid-transform.js';
import type { View } from '../scene/view.js';
import type { SparseMatches } from './sparse-matches.js';
import { compareNames } from './sparse-matches.js';

const DEGREE = Math.PI / 180;

/**
 * Worth of a triangulation angle: none without parallax, full from 3° to 25°, little where the two photos see the surface
 * too differently (the shape of MVSNet's pair score, Yao et al. 2018, with a plateau).
 */
function angleWorth(angleRad: number): number {
  const degrees = angleRad / DEGREE;
  if (degrees < 0.5) return 0;
  if (degrees < 3) return (degrees - 0.5) / 2.5;
  return degrees <= 25 ? 1 : Math.exp(-(((degrees - 25) / 15) ** 2));
}

function angleAt(point: Readonly<Vec3>, a: Readonly<Vec3>, b: Readonly<Vec3>): number {
  const [p, q] = [a, b].map((centre) => centre.map((value, k) => value - (point[k] as number))) as [Vec3, Vec3];
  const cross = Math.hypot(p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]);
  return Math.atan2(cross, p[0] * q[0] + p[1] * q[1] + p[2] * q[2]);
}

/** A point that view i shares with view j, and what j is worth for it. */
interface SharedPoint {
  readonly point: number;
  readonly worth: number;
}

/** shared[i][j]: points of views i and j. */
function collectShared(views: readonly View[], { points }: SparseMatches): SharedPoint[][][] {
  const centres = views.map((view) => cameraCentre(view.camera.cameraFromWorld));
  const shared: SharedPoint[][][] = views.map(() => views.map(() => []));
  for (let p = 0; p < points.count; p++) {
    const position = [...points.positions.subarray(3 * p, 3 * p + 3)] as Vec3;
    const seenBy = [...points.views.subarray(points.starts[p], points.starts[p + 1])];
    seenBy.forEach((i, m) => {
      for (const j of seenBy.slice(m + 1)) {
        const worth = angleWorth(angleAt(position, centres[i] as Vec3, centres[j] as Vec3));
        if (worth === 0) continue;
        shared[i]?.[j]?.push({ point: p, worth });
        shared[j]?.[i]?.push({ point: p, worth });
      }
    });
  }
  return shared;
}

/** The other views by how near they are and how alike they look: what is left when no point is shared. */
function nearestView(views: readonly View[], i: number): number | undefined {
  const view = views[i] as View;
  const centre = cameraCentre(view.camera.cameraFromWorld);
  const axis = view.camera.cameraFromWorld.rotation.slice(6);
  const costs = views.map((other, j) => {
    const distance = Math.hypot(...cameraCentre(other.camera.cameraFromWorld).map((v, k) => v - (centre[k] as number)));
    const cosine = other.camera.cameraFromWorld.rotation.slice(6).reduce((s, v, k) => s + v * (axis[k] as number), 0);
    return { j, other, cost: distance * (2 - cosine) };
  });
  costs.sort((a, b) => a.cost - b.cost || compareNames(a.other, b.other));
  return costs.find(({ j, cost }) => j !== i && cost > 0)?.j ?? costs.find(({ j }) => j !== i)?.j;
}

/**
 * Up to `maxSources` other views for each view, best first. Greedy: the next source is the one that adds most
 * Σ over shared points of worth(triangulation angle) · 2^−max(0, times already covered − 1), so that a second photo
 * of the same part still counts fully (occlusions), a third one less than a photo of another part. Near-duplicates without
 * parallax add nothing. A view that shares no point gets its nearest neighbour.
 *
 * Ties go by name: the choice does not depend on the order of the photos.
 *
 * @returns [V][1 .. maxSources] view indices; empty lists only when there is a single view
 */
export function chooseSources(views: readonly View[], matches: SparseMatches, maxSources = 4): number[][] {
  const shared = collectShared(views, matches);
  return views.map((_, i) => {
    const covered = new Uint8Array(matches.points.count);
    const chosen: number[] = [];
    const candidates = views.map((view, j) => ({ view, j })).filter(({ j }) => j !== i);
    candidates.sort((a, b) => compareNames(a.view, b.view));
    while (chosen.length < maxSources) {
      let best = -1;
      let bestGain = 0;
      for (const { j } of candidates) {
        if (chosen.includes(j)) continue;
        let gain = 0;
        for (const { point, worth } of shared[i]?.[j] ?? []) {
          gain += worth * 0.5 ** Math.max(0, (covered[point] as number) - 1);
        }
        // A hair's breadth is rounding, not merit: the order of points must not decide.
        if (gain > bestGain * (1 + 1e-9)) [best, bestGain] = [j, gain];
      }
      if (best < 0) break;
      chosen.push(best);
      for (const { point } of shared[i]?.[best] ?? []) covered[point] = Math.min(255, (covered[point] as number) + 1);
    }
    const fallback = nearestView(views, i);
    if (chosen.length === 0 && fallback !== undefined && maxSources > 0) chosen.push(fallback);
    return chosen;
  });
}
