/** The reconstructions that the bench runs, each with what it should reach. */

export interface Goal {
  readonly psnr?: number;
  readonly ssim?: number;
  readonly seconds?: number;
  readonly gaussians?: number;
}

export interface BenchCase {
  /** What `--only` selects. */
  readonly row: string;
  readonly title: string;
  /** Folder under the data folder. */
  readonly capture: string;
  readonly trainViews: readonly string[];
  readonly testViews: readonly string[];
  readonly widthPx: number;
  readonly seeds: readonly number[];
  /** Further arguments of `vantage reconstruct`. */
  readonly options: readonly string[];
  readonly goal: Goal;
}

const FERN = {
  capture: 'fern',
  trainViews: ['1', '10', '19'],
  testViews: ['0', '8', '16'],
  widthPx: 504,
} as const;

const jpegs = (names: string): string[] => names.split(' ').map((name) => `${name}.jpg`);

const FOX_3 = {
  capture: 'fox',
  trainViews: jpegs('0009 0018 0025'),
  testViews: jpegs('0012 0014 0019 0021 0022'),
  widthPx: 504,
} as const;

export const BENCH_CASES: readonly BenchCase[] = [
  {
    ...FERN,
    row: 'fern',
    title: 'fern, 3 views',
    seeds: [1, 2, 3],
    options: [],
    goal: { psnr: 23, ssim: 0.76, seconds: 600, gaussians: 500_000 },
  },
  {
    ...FERN,
    row: 'first-picture',
    title: 'fern, 3 views, before optimisation',
    seeds: [1],
    options: ['--iterations', '0'],
    goal: { psnr: 21.5, ssim: 0.68, seconds: 20 },
  },
  {
    ...FERN,
    row: 'splat-count',
    title: 'fern, 3 views, without a splat budget',
    seeds: [1],
    options: ['--max-splats', '3000000'],
    // What the row "fern" loses against this one is what the budget costs: it should be 0.2 dB or less.
    goal: {},
  },
  {
    ...FOX_3,
    row: 'fox-3',
    title: 'fox, 3 views, standard',
    seeds: [1],
    options: ['--preset', 'standard'],
    goal: { psnr: 24, ssim: 0.76, seconds: 300 },
  },
  {
    ...FOX_3,
    row: 'fox-3-draft',
    title: 'fox, 3 views, draft',
    seeds: [1],
    options: ['--preset', 'draft'],
    goal: { psnr: 23, ssim: 0.7, seconds: 90 },
  },
  {
    row: 'fox-12',
    title: 'fox, 12 views',
    capture: 'fox',
    trainViews: jpegs('0001 0006 0014 0022 0030 0035 0046 0072 0078 0089 0105 0115'),
    testViews: jpegs('0003 0008 0019 0026 0033 0042 0052 0074 0084 0094 0108'),
    widthPx: 504,
    seeds: [1],
    options: ['--preset', 'standard'],
    goal: { psnr: 24.5, ssim: 0.79, seconds: 500 },
  },
];
