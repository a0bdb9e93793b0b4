/** Takes values out of a checkpoint's description; each is checked, since files are damaged and forged. */
import { ImportError } from '../scene/errors.js';
import type { StateArray } from '../splatting/contract.js';

const MAX_TEXT = 100_000;
const MAX_LIST = 100_000;

/** An object of the description, and the way to it for messages. */
export class CheckpointFields {
  constructor(
    private readonly value: unknown,
    private readonly where: string,
    private readonly arrays: readonly StateArray[],
    private readonly file: string,
  ) {}

  fail(name: string, problem: string): never {
    throw new ImportError(
      'malformed',
      problem,
      this.file,
      `${this.where}${name}`,
      'Take an older checkpoint, or start again.',
    );
  }

  private field(name: string): unknown {
    const { value } = this;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) this.fail(name, 'This is missing.');
    return (value as Record<string, unknown>)[name];
  }

  isNull(name: string): boolean {
    return this.field(name) === null;
  }

  number(name: string, low: number, high: number): number {
    const value = this.field(name);
    if (typeof value !== 'number' || !(value >= low && value <= high))
      this.fail(name, `This must be a number from ${low} to ${high}.`);
    return value;
  }

  whole(name: string, low: number, high: number): number {
    const value = this.number(name, low, high);
    if (!Number.isInteger(value)) this.fail(name, 'This must be a whole number.');
    return value;
  }

  text(name: string): string {
    const value = this.field(name);
    if (typeof value !== 'string' || value.length > MAX_TEXT) this.fail(name, 'This must be a text.');
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.text(name);
    return choices.find((choice) => choice === value) ?? this.fail(name, `"${value.slice(0, 40)}" is not known here.`);
  }

  object(name: string): CheckpointFields {
    return new CheckpointFields(this.field(name), `${this.where}${name}.`, this.arrays, this.file);
  }

  /** The elements as fields of their own, or of an object with the one field `value` where they are no objects. */
  list(name: string): CheckpointFields[] {
    const value = this.field(name);
    if (!Array.isArray(value) || value.length > MAX_LIST) this.fail(name, 'This must be a list.');
    return value.map((item: unknown, i) => {
      const fields = typeof item === 'object' && item !== null ? item : { value: item };
      return new CheckpointFields(fields, `${this.where}${name}[${i}].`, this.arrays, this.file);
    });
  }

  names(): string[] {
    if (typeof this.value !== 'object' || this.value === null) this.fail('', 'This must be an object.');
    return Object.keys(this.value);
  }

  /** The array that the field refers to. */
  array(name: string): StateArray {
    const index = this.object(name).whole('array', 0, Math.max(0, this.arrays.length - 1));
    return this.arrays[index] ?? this.fail(name, 'This array is missing.');
  }

  typed<T extends StateArray>(name: string, type: new (length: number) => T, length?: number): T {
    const array = this.array(name);
    if (!(array instanceof type)) this.fail(name, 'This array is of another type.');
    if (length !== undefined && array.length !== length)
      this.fail(name, `This array holds ${array.length} numbers, ${length} are expected.`);
    return array;
  }
}
