/**
 * The smooth camera of a path at any time. Three steps: a twice differentiable curve through the keys over knots that grow with the
 * root of the way between them (centripetal knots bend least between unevenly spaced keys, and the curve's shape does not depend on
 * the keys' times); the way along it, by length or by the keys' times; and the inverse, knot of a time.
 *
 * Rotations are splined as quaternions in one hemisphere and normalised, so that they turn the short way and without a jump in
 * angular velocity. The angle of view is splined as the logarithm of its tangent: equal steps look like equal steps of zoom.
 */
import { rotationOfQuaternion } from '../../../engine/math/conventions.js';
import type { Vec3 } from '../../../engine/math/rigid-transform.js';
import type { ViewPose } from '../viewer-contract.js';
import type { CameraPath, PathKeyframe } from './camera-path.js';
import { createSpline } from './cubic-spline.js';
import { createMonotoneCubic } from './monotone-cubic.js';
import type { Quaternion } from './quaternion.js';
import { angleBetween, dotQuaternions, quaternionOfRotation } from './quaternion.js';

export interface PathSampler {
  /** null for a path without keys. */
  poseAt(timeMs: number): ViewPose | null;
  /** When each key is passed: its own time, or what constant speed makes of it. */
  readonly keyTimesMs: readonly number[];
  /** Points of the curve, evenly by knots, for drawing it; closed ones end where they began. */
  curve(pointsPerSegment: number): Vec3[];
}

/** Steps of the length's table in a segment; the error of a chord falls with their square. */
const LENGTH_STEPS = 128;
/** Keys nearer than this share of a mean segment are a turn on the spot, which takes time by its angle. */
const ON_THE_SPOT = 0.02;
/** Share that a turn of one radian has in the spacing of knots, beside the way of a mean segment. */
const TURN_SHARE = 0.1;
const MIN_SPACING = 1e-3;
const MIN_FOV_RAD = 0.01;

interface Curve {
  readonly knots: readonly number[];
  poseAt(knot: number): ViewPose;
  positionAt(knot: number): Vec3;
}

export function createPathSampler(path: CameraPath): PathSampler {
  const keys = path.keyframes;
  if (keys.length === 0) return { poseAt: () => null, keyTimesMs: [], curve: () => [] };
  if (keys.length === 1) {
    const { pose, timeMs } = keys[0] as PathKeyframe;
    return { poseAt: () => pose, keyTimesMs: [timeMs], curve: () => [pose.position] };
  }
  const curve = createCurve(keys, path.isLoop);
  const times = segmentTimes(path);
  const lap = (times.at(-1) as number) - (times[0] as number);
  const wrap = (timeMs: number): number => {
    if (!path.isLoop) return timeMs;
    const since = (timeMs - (times[0] as number)) % lap;
    return (times[0] as number) + (since < 0 ? since + lap : since);
  };
  const timing = path.isConstantSpeed ? constantSpeed(curve, path, times) : keyed(curve, times, path.isLoop);
  return {
    poseAt: (timeMs) => curve.poseAt(timing.knotAt(wrap(timeMs))),
    keyTimesMs: timing.keyTimesMs.slice(0, keys.length),
    curve: (pointsPerSegment) =>
      curve.knots.flatMap((knot, i) => {
        const next = curve.knots[i + 1];
        if (next === undefined) return [curve.positionAt(knot)];
        return Array.from({ length: pointsPerSegment }, (_, j) =>
          curve.positionAt(knot + ((next - knot) * j) / pointsPerSegment),
        );
      }),
  };
}

/** Times of the curve's knots: the keys', and a loop's return to the first. */
function segmentTimes(path: CameraPath): number[] {
  const times: number[] = [];
  // Two keys of one time cannot be passed one after the other; files may hold such.
  for (const { timeMs } of path.keyframes) times.push(Math.max(timeMs, (times.at(-1) ?? -Infinity) + 1));
  if (path.isLoop) times.push(Math.max((times[0] as number) + path.durationMs, (times.at(-1) as number) + 1));
  return times;
}

/** All rotations in one hemisphere, each the nearer of q and −q to the one before. */
function alignedQuaternions(keys: readonly PathKeyframe[]): Quaternion[] {
  const aligned: Quaternion[] = [];
  for (const { pose } of keys) {
    const q = quaternionOfRotation(pose.rotation);
    const previous = aligned.at(-1);
    aligned.push(previous !== undefined && dotQuaternions(previous, q) < 0 ? negate(q) : q);
  }
  return aligned;
}

function negate(q: Readonly<Quaternion>): Quaternion {
  return [-q[0], -q[1], -q[2], -q[3]];
}

function distance(a: Readonly<Vec3>, b: Readonly<Vec3>): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function createCurve(keys: readonly PathKeyframe[], isLoop: boolean): Curve {
  const quaternions = alignedQuaternions(keys);
  const segments = isLoop ? keys.length : keys.length - 1;
  const following = (i: number): number => (i + 1) % keys.length;
  const ways = Array.from({ length: segments }, (_, i) =>
    distance(keys[i]!.pose.position, keys[following(i)]!.pose.position),
  );
  const meanWay = ways.reduce((sum, way) => sum + way, 0) / segments || 1;
  const knots = [0];
  ways.forEach((way, i) => {
    const turn = angleBetween(quaternions[i]!, quaternions[following(i)]!);
    knots.push(knots[i]! + Math.sqrt(Math.max(way / meanWay + TURN_SHARE * turn, MIN_SPACING)));
  });
  const places = createSpline(
    knots,
    keys.map(({ pose }) => [...pose.position, Math.log(Math.tan(pose.fovYRad / 2))]),
    isLoop,
  );
  const turns = turningSpline(knots, quaternions, isLoop);
  const positionAt = (knot: number): Vec3 => places.evaluate(knot).slice(0, 3) as Vec3;
  const poseAt = (knot: number): ViewPose => {
    const [x, y, z, logTan] = places.evaluate(knot) as [number, number, number, number];
    const fovYRad = Math.min(Math.PI - MIN_FOV_RAD, Math.max(MIN_FOV_RAD, 2 * Math.atan(Math.exp(logTan))));
    return { position: [x, y, z], rotation: rotationOfQuaternion(turns(knot)), fovYRad };
  };
  return { knots, poseAt, positionAt };
}

/** A lap may come home to −q (a full turn does): the spline then closes after two laps, the second with the other sign. */
function turningSpline(
  knots: readonly number[],
  quaternions: readonly Quaternion[],
  isLoop: boolean,
): (knot: number) => Quaternion {
  if (!isLoop) {
    const open = createSpline(knots, quaternions, false);
    return (knot) => open.evaluate(knot) as Quaternion;
  }
  const isTwisted = dotQuaternions(quaternions[0]!, quaternions.at(-1)!) < 0;
  const lap = knots.at(-1) as number;
  const values = isTwisted ? [...quaternions, ...quaternions.map(negate)] : quaternions;
  const closedKnots = isTwisted ? [...knots, ...knots.slice(1).map((knot) => knot + lap)] : knots;
  const closed = createSpline(closedKnots, values, true);
  return (knot) => closed.evaluate(knot) as Quaternion;
}

interface Timing {
  knotAt(timeMs: number): number;
  readonly keyTimesMs: readonly number[];
}

function keyed(curve: Curve, times: readonly number[], isLoop: boolean): Timing {
  const knotAt = createMonotoneCubic(times, curve.knots, isLoop);
  return { knotAt, keyTimesMs: times };
}

/** Time grows with the length of the curve; where it only turns, with the angle: a radian counts as much as a mean segment. */
function constantSpeed(curve: Curve, path: CameraPath, times: readonly number[]): Timing {
  const tableKnots: number[] = [curve.knots[0] as number];
  const lengths: number[] = [0];
  let previous = curve.positionAt(tableKnots[0] as number);
  for (let i = 0; i + 1 < curve.knots.length; i++) {
    const [from, to] = [curve.knots[i] as number, curve.knots[i + 1] as number];
    for (let step = 1; step <= LENGTH_STEPS; step++) {
      const knot = from + ((to - from) * step) / LENGTH_STEPS;
      const position = curve.positionAt(knot);
      tableKnots.push(knot);
      lengths.push((lengths.at(-1) as number) + distance(previous, position));
      previous = position;
    }
  }
  const spent = withTurnsOnTheSpot(lengths, path.keyframes);
  const start = times[0] as number;
  const msPerLength = ((times.at(-1) as number) - start) / (spent.at(-1) as number);
  const tableTimes = spent.map((length) => start + length * msPerLength);
  return {
    knotAt: createMonotoneCubic(tableTimes, tableKnots, path.isLoop),
    keyTimesMs: curve.knots.map((_, i) => tableTimes[i * LENGTH_STEPS] as number),
  };
}

function withTurnsOnTheSpot(lengths: readonly number[], keys: readonly PathKeyframe[]): number[] {
  const segments = (lengths.length - 1) / LENGTH_STEPS;
  const mean = (lengths.at(-1) as number) / segments;
  const radian = mean > 0 ? mean : 1;
  const quaternions = alignedQuaternions(keys);
  const spent = [0];
  for (let i = 0; i < segments; i++) {
    const first = lengths[i * LENGTH_STEPS] as number;
    const [from, to] = [keys[i]!.pose, keys[(i + 1) % keys.length]!.pose];
    const isTurn = distance(from.position, to.position) < ON_THE_SPOT * radian;
    const before = spent.at(-1) as number;
    const turn = angleBetween(quaternions[i]!, quaternions[(i + 1) % keys.length]!);
    const onTheSpot = Math.max(turn * radian, radian * 1e-3);
    for (let step = 1; step <= LENGTH_STEPS; step++) {
      const along = (lengths[i * LENGTH_STEPS + step] as number) - first;
      const wanted = before + (isTurn ? (onTheSpot * step) / LENGTH_STEPS : along);
      // Strictly rising, also through a cusp of the curve.
      spent.push(Math.max(wanted, (spent.at(-1) as number) + radian * 1e-9));
    }
  }
  return spent;
}
