/** Keypoints sorted into square cells, so that those near a line or a point are found without looking at all. */

/** Cells along the longer side of what the keypoints cover. */
const CELLS = 96;

/** A grid over the keypoints' own extent; points that are not finite are in no cell. */
export class KeypointGrid {
  private readonly cell: number;
  private readonly left: number;
  private readonly top: number;
  private readonly columns: number;
  private readonly rows: number;
  /** [columns · rows + 1] where each cell's indices begin. */
  private readonly starts: Uint32Array;
  private readonly indices: Uint32Array;

  /** @param points [N, 2] in any unit. */
  constructor(private readonly points: ArrayLike<number>) {
    const { left, top, right, bottom } = measureExtent(points);
    this.left = left;
    this.top = top;
    this.cell = Math.max(right - left, bottom - top) / CELLS || 1;
    this.columns = Math.floor((right - left) / this.cell) + 1;
    this.rows = Math.floor((bottom - top) / this.cell) + 1;
    const cellOf = (i: number): number =>
      Math.floor((points[2 * i + 1]! - top) / this.cell) * this.columns +
      Math.floor((points[2 * i]! - left) / this.cell);
    const count = points.length / 2;
    this.starts = new Uint32Array(this.columns * this.rows + 1);
    const inCells: number[] = [];
    for (let i = 0; i < count; i++) {
      if (!isPlaced(points, i)) continue;
      inCells.push(i);
      this.starts[cellOf(i) + 1]!++;
    }
    for (let c = 0; c < this.columns * this.rows; c++) this.starts[c + 1]! += this.starts[c]!;
    const next = this.starts.slice();
    this.indices = new Uint32Array(inCells.length);
    for (const i of inCells) this.indices[next[cellOf(i)]!++] = i;
  }

  /** Calls `visit` once with every keypoint within `radius` of the line a x + b y + c = 0, a² + b² = 1. A NaN line visits none. */
  visitNearLine(a: number, b: number, c: number, radius: number, visit: (index: number) => void): void {
    const near = (i: number): void => {
      if (Math.abs(a * this.points[2 * i]! + b * this.points[2 * i + 1]! + c) <= radius) visit(i);
    };
    if (Math.abs(b) >= Math.abs(a)) {
      for (let column = 0; column < this.columns; column++) {
        const x = this.left + column * this.cell;
        const [y0, y1] = [-(a * x + c) / b, -(a * (x + this.cell) + c) / b];
        const half = radius / Math.abs(b);
        this.visitCells(column, column, this.rowOf(Math.min(y0, y1) - half), this.rowOf(Math.max(y0, y1) + half), near);
      }
    } else {
      for (let row = 0; row < this.rows; row++) {
        const y = this.top + row * this.cell;
        const [x0, x1] = [-(b * y + c) / a, -(b * (y + this.cell) + c) / a];
        const half = radius / Math.abs(a);
        this.visitCells(this.columnOf(Math.min(x0, x1) - half), this.columnOf(Math.max(x0, x1) + half), row, row, near);
      }
    }
  }

  /** Calls `visit` once with every keypoint within `radius` of a point. A NaN point visits none. */
  visitNearPoint(x: number, y: number, radius: number, visit: (index: number) => void): void {
    const near = (i: number): void => {
      if (Math.hypot(this.points[2 * i]! - x, this.points[2 * i + 1]! - y) <= radius) visit(i);
    };
    const [first, last] = [this.columnOf(x - radius), this.columnOf(x + radius)];
    this.visitCells(first, last, this.rowOf(y - radius), this.rowOf(y + radius), near);
  }

  private columnOf(x: number): number {
    return Math.floor((x - this.left) / this.cell);
  }

  private rowOf(y: number): number {
    return Math.floor((y - this.top) / this.cell);
  }

  private visitCells(
    firstColumn: number,
    lastColumn: number,
    firstRow: number,
    lastRow: number,
    visit: (index: number) => void,
  ): void {
    const right = Math.min(lastColumn, this.columns - 1);
    const bottom = Math.min(lastRow, this.rows - 1);
    for (let row = Math.max(0, firstRow); row <= bottom; row++) {
      for (let column = Math.max(0, firstColumn); column <= right; column++) {
        const cell = row * this.columns + column;
        for (let k = this.starts[cell]!; k < this.starts[cell + 1]!; k++) visit(this.indices[k]!);
      }
    }
  }
}

function isPlaced(points: ArrayLike<number>, i: number): boolean {
  return Number.isFinite(points[2 * i]) && Number.isFinite(points[2 * i + 1]);
}

function measureExtent(points: ArrayLike<number>): { left: number; top: number; right: number; bottom: number } {
  const extent = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let i = 0; i < points.length / 2; i++) {
    if (!isPlaced(points, i)) continue;
    extent.left = Math.min(extent.left, points[2 * i]!);
    extent.right = Math.max(extent.right, points[2 * i]!);
    extent.top = Math.min(extent.top, points[2 * i + 1]!);
    extent.bottom = Math.max(extent.bottom, points[2 * i + 1]!);
  }
  return extent.left <= extent.right ? extent : { left: 0, top: 0, right: 0, bottom: 0 };
}
