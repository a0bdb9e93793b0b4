/** Between our splats and the columns of splat-transform, which are named as in INRIA's PLY. */
import { ImportError } from '../../engine/scene/errors.js';
import type { Splats } from '../../engine/scene/splats.js';
import { createSplats, shCoefficientCount } from '../../engine/scene/splats.js';
import type { SplatTable, SplatTransform } from './splat-transform.js';

const MAX_SH_DEGREE = 3;

/** Name, array, numbers a record and place among them, of every column of degree `shDegree`; `storedCount` coefficients a channel. */
function columnsOf(splats: Splats, storedCount: number): [string, Float32Array, number, number][] {
  const coefficients = shCoefficientCount(splats.shDegree);
  const columns: [string, Float32Array, number, number][] = [['opacity', splats.rawOpacities, 1, 0]];
  for (let k = 0; k < 3; k++) {
    columns.push(['xyz'.charAt(k), splats.means, 3, k], [`scale_${k}`, splats.logScales, 3, k]);
    columns.push([`f_dc_${k}`, splats.shCoeffs, coefficients * 3, k]);
    // Channel-major there, coefficient-major here.
    for (let j = 1; j < coefficients; j++)
      columns.push([`f_rest_${k * (storedCount - 1) + j - 1}`, splats.shCoeffs, coefficients * 3, j * 3 + k]);
  }
  for (let k = 0; k < 4; k++) columns.push([`rot_${k}`, splats.quats, 4, k]);
  return columns;
}

/** Degrees above 3, which SPZ can hold, are left out. */
export function splatsOfTable(table: SplatTable, file: string): Splats {
  const found = new Map(table.columns.map(({ name, data }) => [name, data]));
  let restCount = 0;
  while (found.has(`f_rest_${restCount}`)) restCount++;
  const storedDegree = Math.floor(Math.sqrt(restCount / 3 + 1)) - 1;
  const splats = createSplats(table.numRows, Math.min(MAX_SH_DEGREE, storedDegree));
  for (const [name, target, stride, offset] of columnsOf(splats, shCoefficientCount(storedDegree))) {
    const source = found.get(name);
    if (source === undefined)
      throw new ImportError('malformed', `The splats in it lack ${name}.`, file, '', 'Export the file again.');
    for (let i = 0; i < splats.count; i++) target[i * stride + offset] = source[i] as number;
  }
  return splats;
}

export function tableOfSplats(library: SplatTransform, splats: Splats): SplatTable {
  const columns = columnsOf(splats, shCoefficientCount(splats.shDegree)).map(([name, source, stride, offset]) => {
    const data = new Float32Array(splats.count);
    for (let i = 0; i < splats.count; i++) data[i] = source[i * stride + offset] as number;
    return new library.Column(name, data);
  });
  const table = new library.DataTable(columns);
  // Its name for "as in a PLY": x right, y down, z forward, half a turn about z from its own frame.
  table.transform = new library.Transform().fromEulers(0, 0, 180);
  return table;
}
