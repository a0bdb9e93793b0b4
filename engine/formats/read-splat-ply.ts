/** 3D Gaussian splats from a .ply, as INRIA's code and the tools after it write them. */
import { ImportError } from '../scene/errors.js';
import { createSplats, shCoefficientCount } from '../scene/splats.js';
import type { ReadSplats } from './finish-splats.js';
import { finishReadSplats } from './finish-splats.js';
import type { PlyElement } from './ply-header.js';
import { readPlyHeader } from './ply-header.js';
import type { PlyColumn } from './ply-records.js';
import { openPlyElement } from './ply-records.js';

export interface SplatPly extends ReadSplats {
  readonly comments: readonly string[];
}

const REST_COUNT_OF_DEGREE = [0, 9, 24, 45];
const REQUIRED = [
  ...['x', 'y', 'z', 'f_dc_0', 'f_dc_1', 'f_dc_2', 'opacity'],
  ...['scale_0', 'scale_1', 'scale_2', 'rot_0', 'rot_1', 'rot_2', 'rot_3'],
];

function checkProperties(element: PlyElement, file: string): number {
  const names = new Set(element.properties.map((property) => property.name));
  if (names.has('packed_position'))
    throw new ImportError(
      'unsupported',
      'This is a compressed splat PLY, which is read in another way.',
      file,
      'element vertex',
      'Open it with "vantage info", or convert it with "vantage convert".',
    );
  const missing = REQUIRED.filter((name) => !names.has(name));
  if (missing.length > 0)
    throw new ImportError(
      missing.length > 4 ? 'unsupported' : 'malformed',
      missing.length > 4
        ? 'This PLY holds no Gaussian splats (it looks like a mesh or a point cloud).'
        : `The splat properties ${missing.join(', ')} are missing.`,
      file,
      'element vertex',
      'Give a .ply that a 3D Gaussian splatting tool wrote.',
    );
  let restCount = 0;
  while (names.has(`f_rest_${restCount}`)) restCount++;
  const degree = REST_COUNT_OF_DEGREE.indexOf(restCount);
  if (degree < 0)
    throw new ImportError(
      'malformed',
      `${restCount} f_rest properties fit no spherical-harmonics degree from 0 to 3 (0, 9, 24 or 45 do).`,
      file,
      'element vertex',
      'Export the file again with complete spherical harmonics.',
    );
  return degree;
}

/**
 * Reads a 3DGS `.ply` (ascii, little- or big-endian). Properties are found by name, in any order and of any number
 * type; others (nx ny nz, …) are passed over. Opacity is stored as logit, scale as natural logarithm, `rot_0..3` is
 * w x y z, and `f_rest` is channel-major (all of red first) where {@link Splats} is coefficient-major.
 * Quaternions are left unnormalised. Doubles are rounded to float32.
 *
 * @param bytes the whole file. @param file its name, for messages.
 * @returns the finite records; infinite opacity logits and −∞ log scales become large finite numbers, every other
 * NaN or infinity drops its record and is counted.
 * @throws ImportError 'malformed', 'truncated', 'unsupported' (mesh, point cloud, compressed PLY).
 * Layout: https://github.com/graphdeco-inria/gaussian-splatting, scene/gaussian_model.py, save_ply.
 */
export function readSplatPly(bytes: Uint8Array, file: string): SplatPly {
  const header = readPlyHeader(bytes, file);
  const element = header.elements.find((candidate) => candidate.name === 'vertex');
  if (element === undefined)
    throw new ImportError('malformed', 'There is no "vertex" element.', file, 'header', 'Give a splat .ply.');
  const storedShDegree = checkProperties(element, file);
  const readColumns = openPlyElement(bytes, header, element, file);

  const stored = createSplats(element.count, storedShDegree);
  const columns: PlyColumn[] = [];
  const add = (prefix: string, names: readonly string[], target: Float32Array, stride: number): void =>
    names.forEach((name, offset) => columns.push({ property: `${prefix}${name}`, target, stride, offset }));
  const coefficients = shCoefficientCount(storedShDegree);
  add('', ['x', 'y', 'z'], stored.means, 3);
  add('rot_', ['0', '1', '2', '3'], stored.quats, 4);
  add('scale_', ['0', '1', '2'], stored.logScales, 3);
  add('', ['opacity'], stored.rawOpacities, 1);
  add('f_dc_', ['0', '1', '2'], stored.shCoeffs, coefficients * 3);
  for (let channel = 0; channel < 3; channel++)
    for (let k = 1; k < coefficients; k++)
      columns.push({
        property: `f_rest_${channel * (coefficients - 1) + k - 1}`,
        target: stored.shCoeffs,
        stride: coefficients * 3,
        offset: k * 3 + channel,
      });
  readColumns(columns);

  return { ...finishReadSplats(stored), comments: header.comments };
}
