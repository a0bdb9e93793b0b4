/** Fetches the sensors' points and shows them, anew whenever something that they are drawn by has changed. */
import type { AppState, Sensor } from '../../../electron/ipc/contract.js';
import { decodeSensorPoints } from '../../../engine/scene/encode-sensor-points.js';
import type { Vec3 } from '../../../engine/math/rigid-transform.js';
import type { SensorPoints } from '../../../engine/scene/sensor-points.js';
import { useAppStore } from '../../app/store.js';
import type { SceneViewer } from '../../viewer/viewer-contract.js';
import { useViewerStore } from '../viewer/viewer-store.js';
import type { CloudPicture, DrawRequest, ResidualPoints } from './draw-clouds.js';
import { drawClouds } from './draw-clouds.js';
import { useSensorStore } from './sensor-store.js';

/** [N, 4] as electron/ipc/media.ts lays residuals out; null when the bytes are something else. */
export function decodeResiduals(bytes: ArrayBuffer): ResidualPoints | null {
  if (bytes.byteLength % 16 !== 0) return null;
  const values = new Float32Array(bytes);
  const count = values.length / 4;
  const positions = new Float32Array(count * 3);
  const residuals = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    positions.set(values.subarray(4 * i, 4 * i + 3), 3 * i);
    residuals[i] = values[4 * i + 3] as number;
  }
  return { positions, residuals };
}

/** What was decoded of an address; null: it could not be had. */
class Fetched<T> {
  private readonly known = new Map<string, T | null>();
  private readonly underWay = new Set<string>();

  constructor(
    private readonly decode: (bytes: ArrayBuffer) => T | null,
    private readonly onArrived: () => void,
  ) {}

  get(url: string): T | null {
    if (!this.known.has(url) && !this.underWay.has(url)) void this.fetch(url);
    return this.known.get(url) ?? null;
  }

  /** Forgets what no longer has an address. */
  keepOnly(urls: ReadonlySet<string>): void {
    for (const url of this.known.keys()) if (!urls.has(url)) this.known.delete(url);
  }

  private async fetch(url: string): Promise<void> {
    this.underWay.add(url);
    const bytes = await fetch(url).then(
      (response) => (response.ok ? response.arrayBuffer() : null),
      () => null,
    );
    this.underWay.delete(url);
    this.known.set(url, bytes === null ? null : this.decode(bytes));
    this.onArrived();
  }
}

let feed: CloudFeed | null = null;

/** A drawn point's place in its sensor's own frame, in float64; null when it is not there any more. */
export function pointInSensor(sensorId: string, index: number): Vec3 | null {
  const url = useAppStore.getState().state?.sensors.find(({ id }) => id === sensorId)?.pictureUrl ?? null;
  const points = url === null ? null : (feed?.pointsOf(url) ?? null);
  if (points === null || !(index >= 0 && index < points.count)) return null;
  return points.origin.map((value, axis) => value + (points.positions[3 * index + axis] as number)) as Vec3;
}

export function startCloudFeed(viewer: SceneViewer): () => void {
  const started = new CloudFeed(viewer);
  feed = started;
  const stops = [
    useAppStore.subscribe(({ state }, before) => {
      if (state?.sensors !== before.state?.sensors || state?.scene !== before.state?.scene) started.refresh();
    }),
    useViewerStore.subscribe(({ frame }, before) => {
      if (frame !== before.frame) started.refresh();
    }),
    useSensorStore.subscribe(({ wanted, placing }, before) => {
      if (wanted !== before.wanted || placing?.sensorId !== before.placing?.sensorId) started.refresh();
    }),
  ];
  started.refresh();
  return () => stops.forEach((stop) => stop());
}

/** The same as long as the same would be drawn: an address never stands for other points than before. */
function keyOf({ pictures, residuals, ...rest }: DrawRequest, residualsUrl: string | null): string {
  const sensors = pictures.map(({ sensor: { id, pictureUrl, placement, facts, chosenUnit, chosenUpAxis } }) => [
    ...[id, pictureUrl, placement?.worldFromSensor, facts?.unit, facts?.upAxis, chosenUnit, chosenUpAxis],
  ]);
  return JSON.stringify({ sensors, residuals: residuals === null ? null : residualsUrl, ...rest });
}

class CloudFeed {
  private readonly pictures = new Fetched<SensorPoints>(decodeSensorPoints, () => this.refresh());
  private readonly residuals = new Fetched<ResidualPoints>(decodeResiduals, () => this.refresh());
  private isDue = false;
  /** What the drawn clouds were made from. */
  private drawnKey = '';

  constructor(private readonly viewer: SceneViewer) {}

  /** Once for all that changes in one turn. */
  refresh(): void {
    if (this.isDue) return;
    this.isDue = true;
    queueMicrotask(() => {
      this.isDue = false;
      this.show(useAppStore.getState().state);
    });
  }

  private show(state: AppState | null): void {
    const { wanted, placing } = useSensorStore.getState();
    const sensors = state?.sensors ?? [];
    const isShown = ({ id, isUsed }: Sensor): boolean => (placing === null ? isUsed : id === placing.sensorId);
    this.pictures.keepOnly(new Set(sensors.flatMap(({ pictureUrl }) => pictureUrl ?? [])));
    const pictures = sensors.filter(isShown).flatMap((sensor): CloudPicture[] => {
      const points = sensor.pictureUrl === null ? null : this.pictures.get(sensor.pictureUrl);
      // A cloud that is being placed is seen as it is, in its own frame.
      const shown = placing === null ? sensor : { ...sensor, placement: null };
      return points === null ? [] : [{ sensor: shown, points }];
    });
    const residualsUrl = state?.scene?.residualsUrl ?? null;
    this.residuals.keepOnly(new Set(residualsUrl === null ? [] : [residualsUrl]));
    const request: DrawRequest = {
      pictures,
      residuals: residualsUrl === null || placing !== null ? null : this.residuals.get(residualsUrl),
      wanted,
      frame: useViewerStore.getState().frame,
      isMetric: state?.scene?.isMetric ?? false,
    };
    const key = keyOf(request, residualsUrl);
    // Every snapshot of a run comes by here; colouring and sending hundreds of thousands of points anew would hold up the window.
    if (key === this.drawnKey) return;
    this.drawnKey = key;
    const drawn = drawClouds(request);
    this.viewer.setClouds(drawn.clouds);
    const { colouring, legend, available } = drawn;
    useSensorStore.setState({ colouring, legend, available });
  }

  /** Points of a sensor as they were fetched; null until they are there. */
  pointsOf(url: string): SensorPoints | null {
    return this.pictures.get(url);
  }
}
