/** 3D Gaussian splats from a binary glTF with KHR_gaussian_splatting. */
import { GLTF_FROM_PLY, rotationOfQuaternion } from '../math/conventions.js';
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat, multiplyMatVec } from '../math/rigid-transform.js';
import { ImportError } from '../scene/errors.js';
import type { Splats } from '../scene/splats.js';
import { concatenateSplats, createSplats, shCoefficientCount } from '../scene/splats.js';
import type { SimilarityTransform } from '../scene/transform-splats.js';
import { transformSplats } from '../scene/transform-splats.js';
import type { ReadSplats } from './finish-splats.js';
import { finishReadSplats } from './finish-splats.js';
import type { GltfContainer, GltfPrimitive } from './gltf-container.js';
import { openGlb, readGltfAccessor } from './gltf-container.js';

const EXTENSION = 'KHR_gaussian_splatting';
const MAX_SH_DEGREE = 3;
/** Files of splats have one node or a few; each may hold a copy of all the splats, and stands on the call stack. */
const MAX_NODES = 256;
const IDENTITY: SimilarityTransform = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], scale: 1, translation: [0, 0, 0] };

function shDegreeOf(primitive: GltfPrimitive): number {
  let degree = 0;
  while (degree < MAX_SH_DEGREE && `${EXTENSION}:SH_DEGREE_${degree + 1}_COEF_0` in primitive.attributes) degree++;
  return degree;
}

function readPrimitive(container: GltfContainer, primitive: GltfPrimitive): Splats {
  const read = (semantic: string, width: number, count: number | null): Float32Array => {
    const accessor = primitive.attributes[semantic];
    if (accessor === undefined) throw malformed(container.file, semantic, `The attribute ${semantic} is missing.`);
    const values = readGltfAccessor(container, accessor, width);
    if (count !== null && values.length !== count * width)
      throw malformed(container.file, semantic, `${values.length / width} records do not fit ${count} positions.`);
    return values;
  };
  const positions = read('POSITION', 3, null);
  const count = positions.length / 3;
  const shDegree = shDegreeOf(primitive);
  const splats = createSplats(count, shDegree);
  splats.means.set(positions);
  const rotations = read(`${EXTENSION}:ROTATION`, 4, count);
  // x y z w there, w x y z here.
  for (let i = 0; i < count * 4; i++) splats.quats[i] = rotations[(i & ~3) + ((i + 3) & 3)] as number;
  splats.logScales.set(read(`${EXTENSION}:SCALE`, 3, count).map(Math.log));
  splats.rawOpacities.set(read(`${EXTENSION}:OPACITY`, 1, count).map((opacity) => Math.log(opacity / (1 - opacity))));
  const stride = shCoefficientCount(shDegree) * 3;
  for (let degree = 0; degree <= shDegree; degree++)
    for (let k = 0; k <= 2 * degree; k++) {
      const values = read(`${EXTENSION}:SH_DEGREE_${degree}_COEF_${k}`, 3, count);
      for (let i = 0; i < count; i++)
        splats.shCoeffs.set(values.subarray(i * 3, i * 3 + 3), i * stride + (degree * degree + k) * 3);
    }
  return splats;
}

function malformed(file: string, where: string, problem: string): ImportError {
  return new ImportError('malformed', problem, file, where, 'Export the file again.');
}

function unsupported(file: string, where: string, problem: string): ImportError {
  return new ImportError('unsupported', problem, file, where, 'Export it as .ply, or without compression.');
}

/** A 4×4 column-major matrix or translation, rotation and scale; only turns, moves and even scaling can be applied to Gaussians. */
function localTransform(container: GltfContainer, index: number): SimilarityTransform {
  const node = container.nodes[index];
  if (node === undefined) throw malformed(container.file, `node ${index}`, 'There is no such node.');
  const askew = (): ImportError =>
    unsupported(container.file, `node ${index}`, 'It stretches or mirrors the splats, which cannot be read.');
  if (node.matrix !== undefined) {
    const m = node.matrix;
    const scale = Math.hypot(m[0] as number, m[1] as number, m[2] as number);
    const rotation = [0, 4, 8, 1, 5, 9, 2, 6, 10].map((at) => (m[at] as number) / scale) as Mat3;
    if (!isRotation(rotation)) throw askew();
    return { rotation, scale, translation: [m[12], m[13], m[14]] as Vec3 };
  }
  const [x, y, z, w] = node.rotation ?? [0, 0, 0, 1];
  const scales = node.scale ?? [1, 1, 1];
  const scale = scales[0] as number;
  const isEven = scales.every((value) => Math.abs(value - scale) <= 1e-4 * scale);
  const rotation = rotationOfQuaternion([w, x, y, z] as [number, number, number, number]);
  if (!(scale > 0) || !isEven || !isRotation(rotation)) throw askew();
  return { rotation, scale, translation: (node.translation ?? [0, 0, 0]) as Vec3 };
}

function isRotation(m: Mat3): boolean {
  const columns = [0, 1, 2].map((j) => [m[j], m[3 + j], m[6 + j]] as Vec3) as [Vec3, Vec3, Vec3];
  const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const [a, b, c] = columns;
  const cross: Vec3 = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const off = [dot(a, a) - 1, dot(b, b) - 1, dot(c, c) - 1, dot(a, b), dot(a, c), dot(b, c), dot(cross, c) - 1];
  return off.every((value) => Math.abs(value) < 1e-3);
}

function compose(outer: SimilarityTransform, inner: SimilarityTransform): SimilarityTransform {
  const moved = multiplyMatVec(outer.rotation, inner.translation);
  return {
    rotation: multiplyMat(outer.rotation, inner.rotation),
    scale: outer.scale * inner.scale,
    translation: moved.map((value, i) => outer.scale * value + (outer.translation[i] as number)) as Vec3,
  };
}

/** Every splat primitive below a node, moved into the scene. `visited` are the nodes above and before it. */
function collect(container: GltfContainer, index: number, parent: SimilarityTransform, visited: Set<number>): Splats[] {
  if (visited.has(index)) throw malformed(container.file, `node ${index}`, 'It stands in two places of the scene.');
  if (visited.size >= MAX_NODES) throw unsupported(container.file, 'nodes', 'It has too many parts to be read.');
  visited.add(index);
  const node = container.nodes[index];
  const transform = compose(parent, localTransform(container, index));
  const mesh = node?.mesh === undefined ? undefined : container.meshes[node.mesh];
  const parts = (mesh?.primitives ?? [])
    .filter((primitive) => EXTENSION in (primitive.extensions ?? {}))
    .map((primitive) => transformSplats(readPrimitive(container, primitive), transform));
  for (const child of node?.children ?? []) parts.push(...collect(container, child, transform, visited));
  return parts;
}

/**
 * Reads the splats of a `.glb`: every primitive with KHR_gaussian_splatting in the file's scene, moved by its nodes, from glTF's frame
 * into that of splat PLYs. Scales and opacities are linear there and become logarithms and logits; spherical harmonics have the same basis.
 *
 * @param bytes the whole file. @param file its name, for messages.
 * @returns the finite records; see {@link finishReadSplats}.
 * @throws ImportError 'malformed', 'truncated', 'unsupported' (no splats, compressed splats, data outside the file, stretching nodes).
 * Source: https://github.com/KhronosGroup/glTF, extensions/2.0/Khronos/KHR_gaussian_splatting.
 */
export function readSplatGlb(bytes: Uint8Array, file: string): ReadSplats {
  const container = openGlb(bytes, file);
  const compression = container.extensionsUsed.find((name) => name.startsWith(`${EXTENSION}_`));
  if (compression !== undefined)
    throw unsupported(file, compression, 'The splats in it are compressed, which cannot be read.');
  const visited = new Set<number>();
  const parts = container.roots.flatMap((root) => collect(container, root, IDENTITY, visited));
  if (parts.length === 0)
    throw unsupported(file, '', 'This glTF holds no Gaussian splats (it looks like an ordinary 3D model).');
  const shDegree = Math.max(...parts.map((part) => part.shDegree));
  const joined = concatenateSplats(parts.map((part) => raiseShDegree(part, shDegree)));
  return finishReadSplats(transformSplats(joined, { ...IDENTITY, rotation: GLTF_FROM_PLY }));
}

function raiseShDegree(splats: Splats, shDegree: number): Splats {
  if (splats.shDegree === shDegree) return splats;
  const raised = createSplats(splats.count, shDegree);
  const [from, to] = [shCoefficientCount(splats.shDegree) * 3, shCoefficientCount(shDegree) * 3];
  for (let i = 0; i < splats.count; i++)
    raised.shCoeffs.set(splats.shCoeffs.subarray(i * from, (i + 1) * from), i * to);
  return { ...splats, shDegree, shCoeffs: raised.shCoeffs };
}
