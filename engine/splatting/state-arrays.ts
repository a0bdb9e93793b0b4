/** Takes the arrays out of a saved state; nothing of it is believed, since states come from files. */
import { ShapeError } from '../scene/errors.js';
import { assertSplatsShape } from '../scene/splats.js';
import type { BackendName, SceneState, StateArray } from './contract.js';

type ArrayType<T extends StateArray> = new (length: number) => T;

/** Reads a {@link SceneState} of one backend. */
export class StateReader {
  /** @throws ShapeError when the state is another backend's or its splats do not fit their count. */
  constructor(
    private readonly state: SceneState,
    backend: BackendName,
  ) {
    if (state.backend !== backend)
      throw new ShapeError(`a scene saved by the backend ${state.backend} cannot go on in ${backend}`);
    assertSplatsShape(state.splats);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.state.arrays, name);
  }

  /**
   * The array of that name; not a copy.
   *
   * @param length undefined: any
   * @throws ShapeError when it is missing, of another type or of another length
   */
  take<T extends StateArray>(name: string, type: ArrayType<T>, length?: number): T {
    const array = this.has(name) ? this.state.arrays[name] : undefined;
    if (!(array instanceof type)) throw new ShapeError(`the saved scene lacks ${name}`);
    if (length !== undefined && array.length !== length)
      throw new ShapeError(`${name} of the saved scene holds ${array.length} numbers, ${length} expected`);
    return array;
  }
}

/** A column and a row count of each grid level, as `gridSizes` of a state has them. @throws ShapeError for sizes that no grid has. */
export function readGridLevels(sizes: Uint32Array): { columns: number; rows: number }[] {
  const MAX_SIDE = 4096;
  if (sizes.length % 2 !== 0) throw new ShapeError(`${sizes.length} numbers are no grid sizes`);
  const levels: { columns: number; rows: number }[] = [];
  for (let l = 0; l < sizes.length; l += 2) {
    const [columns, rows] = [sizes[l] as number, sizes[l + 1] as number];
    if (!(columns >= 1 && rows >= 1 && columns <= MAX_SIDE && rows <= MAX_SIDE))
      throw new ShapeError(`a grid of ${columns} × ${rows}`);
    levels.push({ columns, rows });
  }
  return levels;
}
