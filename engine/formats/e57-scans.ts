/** What the XML of an E57 file says of its scans (ASTM E2807, 8: data3D). */
import { rotationOfQuaternion } from '../math/conventions.js';
import type { RigidTransform } from '../math/rigid-transform.js';
import { ImportError } from '../scene/errors.js';
import { printable } from './capture-files.js';
import { parseDecimal } from './text-records.js';
import type { XmlElement } from './xml-tree.js';

/** One number (or string) of a point, as stored. */
export interface E57Field {
  /** As in the prototype: `cartesianX`, `intensity`, `nor:normalX`. */
  readonly name: string;
  readonly kind: 'float32' | 'float64' | 'integer' | 'string';
  /** Of integers; 0 where all points have the minimum. */
  readonly bits: number;
  /** Value = `scale · (minimum + stored) + offset`. */
  readonly minimum: bigint;
  readonly maximum: bigint;
  readonly scale: number;
  readonly offset: number;
}

export interface E57Scan {
  readonly name: string;
  readonly records: number;
  /** Physical offset of the compressed vector. */
  readonly fileOffset: number;
  readonly fields: readonly E57Field[];
  /** null: the scan is in the file's frame. */
  readonly worldFromScan: RigidTransform | null;
  /** Least and greatest red, green, blue. */
  readonly colorLimits: readonly (readonly [number, number])[] | null;
  /** In the scan's frame. */
  readonly bounds: { readonly min: readonly number[]; readonly max: readonly number[] } | null;
}

export interface E57Contents {
  readonly scans: readonly E57Scan[];
  readonly images: number;
  readonly crs: string | null;
  readonly warnings: readonly string[];
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const MAX_FIELDS = 256;
/** Quaternions that are this far from unit length were not written as rotations. */
const UNIT_TOLERANCE = 1e-3;

/** Reads values of elements, with the file's name for messages. */
class XmlValues {
  constructor(private readonly file: string) {}

  fail(problem: string, where: string): ImportError {
    return new ImportError('malformed', problem, this.file, `XML, ${printable(where, 60)}`, 'Export the file again.');
  }

  child(element: XmlElement, name: string): XmlElement | undefined {
    return element.children.find((one) => one.name === name);
  }

  /** The standard writes zero as an empty element. */
  number(element: XmlElement): number {
    const value = element.text === '' ? 0 : parseDecimal(element.text);
    if (!Number.isFinite(value)) throw this.fail(`"${printable(element.text, 40)}" is not a number.`, element.name);
    return value;
  }

  /** Numbers of children; null where one is missing. */
  numbers(element: XmlElement | undefined, names: readonly string[]): number[] | null {
    const children = names.map((name) => element && this.child(element, name));
    return children.every((one) => one !== undefined) ? children.map((one) => this.number(one)) : null;
  }

  decimalAttribute(element: XmlElement, name: string, missing: number): number {
    const written = element.attributes.get(name);
    const value = written === undefined ? missing : parseDecimal(written);
    if (!Number.isFinite(value)) throw this.fail(`The attribute ${name} is not a number.`, element.name);
    return value;
  }

  integerAttribute(element: XmlElement, name: string, missing: bigint | null): bigint {
    const written = element.attributes.get(name);
    if (written === undefined && missing !== null) return missing;
    const value = /^[+-]?\d{1,20}$/.test(written ?? '') ? BigInt(written!.replace('+', '')) : null;
    if (value === null || value < INT64_MIN || value > INT64_MAX)
      throw this.fail(`The attribute ${name} is no 64-bit integer.`, element.name);
    return value;
  }
}

function readField(element: XmlElement, values: XmlValues): E57Field {
  const field = { name: element.name, bits: 0, minimum: 0n, maximum: 0n, scale: 1, offset: 0 };
  const type = element.attributes.get('type');
  if (type === 'Float') {
    const kind = element.attributes.get('precision') === 'single' ? 'float32' : 'float64';
    return { ...field, kind, bits: kind === 'float32' ? 32 : 64 };
  }
  if (type === 'String') return { ...field, kind: 'string' };
  if (type !== 'Integer' && type !== 'ScaledInteger')
    throw values.fail(`The type "${printable(type ?? '', 40)}" cannot stand in a point.`, element.name);
  const minimum = values.integerAttribute(element, 'minimum', INT64_MIN);
  const maximum = values.integerAttribute(element, 'maximum', INT64_MAX);
  if (minimum > maximum) throw values.fail('The minimum is above the maximum.', element.name);
  const bits = maximum === minimum ? 0 : (maximum - minimum).toString(2).length;
  const isScaled = type === 'ScaledInteger';
  return {
    ...field,
    ...{ kind: 'integer', bits, minimum, maximum },
    scale: isScaled ? values.decimalAttribute(element, 'scale', 1) : 1,
    offset: isScaled ? values.decimalAttribute(element, 'offset', 0) : 0,
  };
}

/** Leaves of a prototype in the order of their byte streams. */
function leavesOf(element: XmlElement): XmlElement[] {
  return element.children.flatMap((child) => {
    const type = child.attributes.get('type');
    return type === 'Structure' || type === 'Vector' ? leavesOf(child) : [child];
  });
}

function readPose(element: XmlElement | undefined, values: XmlValues, warnings: string[]): RigidTransform | null {
  if (element === undefined) return null;
  const rotation = values.numbers(values.child(element, 'rotation'), ['w', 'x', 'y', 'z']) ?? [1, 0, 0, 0];
  const translation = values.numbers(values.child(element, 'translation'), ['x', 'y', 'z']) ?? [0, 0, 0];
  const length = Math.hypot(...rotation);
  if (!(length > 0)) throw values.fail("A scan's rotation is no quaternion.", 'pose');
  if (Math.abs(length - 1) > UNIT_TOLERANCE)
    warnings.push("A scan's rotation is no unit quaternion; it is normalised.");
  return {
    rotation: rotationOfQuaternion(rotation as [number, number, number, number]),
    translation: translation as [number, number, number],
  };
}

function readColorLimits(element: XmlElement | undefined, values: XmlValues): E57Scan['colorLimits'] {
  const limits = ['Red', 'Green', 'Blue'].map((channel) =>
    values.numbers(element, [`color${channel}Minimum`, `color${channel}Maximum`]),
  );
  return limits.every((limit) => limit !== null) ? (limits as [number, number][]) : null;
}

function readBounds(element: XmlElement | undefined, values: XmlValues): E57Scan['bounds'] {
  const min = values.numbers(element, ['xMinimum', 'yMinimum', 'zMinimum']);
  const max = values.numbers(element, ['xMaximum', 'yMaximum', 'zMaximum']);
  return min === null || max === null ? null : { min, max };
}

function readScan(element: XmlElement, values: XmlValues, warnings: string[]): E57Scan | null {
  const points = values.child(element, 'points');
  if (points === undefined) return null;
  const prototype = values.child(points, 'prototype');
  const records = Number(values.integerAttribute(points, 'recordCount', null));
  const fileOffset = Number(values.integerAttribute(points, 'fileOffset', null));
  if (prototype === undefined || !(records >= 0) || !(fileOffset >= 0))
    throw values.fail('The points of a scan are not described.', 'points');
  const leaves = leavesOf(prototype);
  if (leaves.length > MAX_FIELDS) throw values.fail(`${leaves.length} fields are too many.`, 'prototype');
  return {
    name: printable(values.child(element, 'name')?.text ?? '', 60),
    records,
    fileOffset,
    fields: leaves.map((leaf) => readField(leaf, values)),
    worldFromScan: readPose(values.child(element, 'pose'), values, warnings),
    colorLimits: readColorLimits(values.child(element, 'colorLimits'), values),
    bounds: readBounds(values.child(element, 'cartesianBounds'), values),
  };
}

/**
 * Reads the description of all scans.
 *
 * @throws ImportError 'malformed' for values that make no sense; nothing is allocated from a count.
 */
export function readE57Contents(root: XmlElement, file: string): E57Contents {
  const values = new XmlValues(file);
  if (root.name !== 'e57Root') throw values.fail('The root is not "e57Root".', root.name);
  const warnings: string[] = [];
  const scans = (values.child(root, 'data3D')?.children ?? []).map((child) => readScan(child, values, warnings));
  const crs = values.child(root, 'coordinateMetadata')?.text ?? '';
  return {
    scans: scans.filter((scan) => scan !== null),
    images: values.child(root, 'images2D')?.children.length ?? 0,
    crs: crs === '' ? null : crs,
    warnings,
  };
}
