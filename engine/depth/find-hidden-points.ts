/** Which of a sensor's points a camera cannot see, because a nearer surface stands before them. */
import type { PicturePoints, SurfaceSpacing } from './surface-spacing.js';

/** A point hides another only when it is nearer by this share of the other's depth: rough surfaces do not hide themselves. */
const NEARER_SHARE = 0.05;
/** How much wider than its spacing the patch is that a point stands for: neighbours' patches overlap where spacing varies. */
const PATCH = 1.3;
/** Within this share of the patch beside or above a point, nearer points count for both sides. */
const MIDDLE_SHARE = 0.15;
const ALL_QUARTERS = 15;

/**
 * A point is hidden when nearer points stand in all four quarters around it (upper left … lower right), each within the patch of surface that
 * it stands for: 1.3 times its distance to its neighbours on its own surface. So what shines through between two rows of a scanner is found,
 * though no pixel is covered, while what is seen just over the edge of a surface stays: there a quarter is empty. In a cloud merged from many
 * stations, each surface has a patch of its own density.
 *
 * @param points in front of the camera, at most a few in each pixel.
 * @returns [N] 1 where hidden. O(N times the points in a patch).
 * @remarks The z-buffer with splats of Pintus et al., "Real-time rendering of massive unstructured raw point clouds using screen-space
 * operators" (2011) and Katz' hidden point removal (2007) were considered: the first needs one splat radius or grows silhouettes, the second
 * a convex hull and a parameter for noise.
 */
export function findHiddenPoints(points: PicturePoints, spacing: SurfaceSpacing): Uint8Array {
  const { pixels, depth } = points;
  const quarters = new Uint8Array(depth.length);
  for (let i = 0; i < depth.length; i++) {
    const z = depth[i] as number;
    const [reachX, reachY] = [PATCH * (spacing.x[i] as number), PATCH * (spacing.y[i] as number)];
    spacing.grid.visitBox(i, reachX, reachY, (j) => {
      if (z >= (1 - NEARER_SHARE) * (depth[j] as number)) return;
      // From the farther point j, the nearer one lies to this side.
      const du = (pixels[2 * i] as number) - (pixels[2 * j] as number);
      const dv = (pixels[2 * i + 1] as number) - (pixels[2 * j + 1] as number);
      const isLeft = du <= MIDDLE_SHARE * reachX;
      const isRight = du >= -MIDDLE_SHARE * reachX;
      const isAbove = dv <= MIDDLE_SHARE * reachY;
      const isBelow = dv >= -MIDDLE_SHARE * reachY;
      quarters[j]! |=
        (isLeft && isAbove ? 1 : 0) |
        (isRight && isAbove ? 2 : 0) |
        (isLeft && isBelow ? 4 : 0) |
        (isRight && isBelow ? 8 : 0);
    });
  }
  return quarters.map((seen) => (seen === ALL_QUARTERS ? 1 : 0));
}
