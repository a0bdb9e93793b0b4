/** Finds the points near a place in a picture. */

/** Points of a picture in square cells, for searches around a place. */
export class PixelGrid {
  private readonly columns: number;
  private readonly rows: number;
  /** [cells + 1] where each cell's points start in `order`. */
  private readonly starts: Uint32Array;
  private readonly order: Uint32Array;

  /**
   * @param pixels [N, 2] px within the picture.
   * @param cellPx side of a cell; searches are quickest at about the distance between points.
   */
  constructor(
    private readonly pixels: Float32Array,
    size: { readonly width: number; readonly height: number },
    readonly cellPx: number,
  ) {
    this.columns = Math.max(1, Math.ceil(size.width / cellPx));
    this.rows = Math.max(1, Math.ceil(size.height / cellPx));
    const count = pixels.length / 2;
    const cells = new Uint32Array(count);
    this.starts = new Uint32Array(this.columns * this.rows + 1);
    for (let i = 0; i < count; i++) {
      const cell = this.row(pixels[2 * i + 1] as number) * this.columns + this.column(pixels[2 * i] as number);
      cells[i] = cell;
      this.starts[cell + 1]!++;
    }
    for (let c = 1; c < this.starts.length; c++) this.starts[c]! += this.starts[c - 1] as number;
    const next = this.starts.slice();
    this.order = new Uint32Array(count);
    for (let i = 0; i < count; i++) this.order[next[cells[i] as number]!++] = i;
  }

  private column(u: number): number {
    return Math.min(this.columns - 1, Math.max(0, Math.floor(u / this.cellPx)));
  }

  private row(v: number): number {
    return Math.min(this.rows - 1, Math.max(0, Math.floor(v / this.cellPx)));
  }

  /** Calls `visit(j)` for every point j within `reachX` and `reachY` px of point i, itself left out. */
  visitBox(i: number, reachX: number, reachY: number, visit: (j: number) => void): void {
    const [u, v] = [this.pixels[2 * i] as number, this.pixels[2 * i + 1] as number];
    const [left, right] = [this.column(u - reachX), this.column(u + reachX)];
    for (let y = this.row(v - reachY), bottom = this.row(v + reachY); y <= bottom; y++) {
      const end = this.starts[y * this.columns + right + 1] as number;
      for (let k = this.starts[y * this.columns + left] as number; k < end; k++) {
        const j = this.order[k] as number;
        if (j === i) continue;
        const [du, dv] = [(this.pixels[2 * j] as number) - u, (this.pixels[2 * j + 1] as number) - v];
        if (Math.abs(du) <= reachX && Math.abs(dv) <= reachY) visit(j);
      }
    }
  }
}
