/** What the bench of sensors compares: which sensors a run has, and how strongly LiDAR holds its depth. */
export interface SensorVariant {
  readonly name: string;
  readonly usesLidar: boolean;
  readonly usesRadar: boolean;
  /** Weight of the loss; 0: sensors only start the scene. */
  readonly lossWeight: number;
}

/** `photos`, `lidar-start`, `lidar-W`, `radar`, `both-start` and `both-W` with the loss's weight W. */
export function parseSensorVariant(name: string): SensorVariant {
  const [, kind, loss = ''] = /^(photos|lidar|radar|both)(?:-(start|[0-9.]+))?$/.exec(name) ?? [];
  const usesLidar = kind === 'lidar' || kind === 'both';
  if (kind === undefined || usesLidar !== (loss !== '')) throw new Error(`no such variant: ${name}`);
  const lossWeight = loss === 'start' || loss === '' ? 0 : Number(loss);
  return { name, usesLidar, usesRadar: kind === 'radar' || kind === 'both', lossWeight };
}

export const DEFAULT_VARIANTS = [
  ...['photos', 'lidar-start', 'lidar-0.02', 'lidar-0.1', 'lidar-0.5'],
  ...['radar', 'both-0.1'],
];

/** Photos that are trained on, by their number; the others of the sample are held out. */
export const TRAIN_PHOTOS: Readonly<Record<string, string>> = {
  1: '04.jpg',
  2: '03.jpg,06.jpg',
  3: '01.jpg,04.jpg,08.jpg',
  5: '01.jpg,03.jpg,04.jpg,06.jpg,08.jpg',
};
