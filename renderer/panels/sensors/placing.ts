/** Places a cloud by hand: points are picked in it and in the scene, in turn, until two or three pairs say how it lies. */
import i18next from 'i18next';
import type { Sensor } from '../../../electron/ipc/contract.js';
import type { Vec3 } from '../../../engine/math/rigid-transform.js';
import { useAppStore } from '../../app/store.js';
import { sendCommand } from '../../app/send.js';
import { announce } from '../../app/ui-store.js';
import type { SceneViewer, ViewPose } from '../../viewer/viewer-contract.js';
import { getViewer } from '../viewer/viewer-instance.js';
import { useViewerStore } from '../viewer/viewer-store.js';
import { stopMeasuring } from '../viewer/viewer-actions.js';
import { pointInSensor } from './cloud-feed.js';
import { upAxisOf } from './draw-clouds.js';
import type { Placing } from './sensor-store.js';
import { useSensorStore } from './sensor-store.js';

/** Three pairs always tell; more make it better. */
export const MOST_PAIRS = 6;

/** Two pairs are enough where up is known in both. */
export function pairsNeeded(sensor: Pick<Sensor, 'facts' | 'chosenUpAxis'>): 2 | 3 {
  return upAxisOf(sensor) === 'unknown' ? 3 : 2;
}

/** Where the viewer stood in the scene, and in the cloud. */
let sceneView: ViewPose | null = null;
let cloudView: ViewPose | null = null;

function show(placing: Placing): void {
  const viewer = getViewer();
  const isCloudsTurn = placing.inSensor === null;
  viewer.setSolo(isCloudsTurn ? 'clouds' : 'scene');
  viewer.setMarkers([]);
  useSensorStore.setState({ placing });
  announce(
    i18next.t(isCloudsTurn ? 'sensors:pickInCloud' : 'sensors:pickInScene', { number: placing.pairs.length + 1 }),
  );
}

function look(pose: ViewPose | null): void {
  if (pose === null) getViewer().frameAll();
  else getViewer().setPose(pose);
}

export function beginPlacing(sensorId: string): void {
  const viewer = getViewer();
  stopMeasuring();
  sceneView = viewer.pose;
  cloudView = null;
  viewer.setPicking(true);
  show({ sensorId, pairs: [], inSensor: null, drawn: [] });
  // The feed shows the cloud in a moment of its own.
  setTimeout(() => {
    if (useSensorStore.getState().placing?.sensorId === sensorId) getViewer().frameAll();
  }, 100);
}

export function stopPlacing(): void {
  const viewer = getViewer();
  if (useSensorStore.getState().placing === null) return;
  useSensorStore.setState({ placing: null });
  viewer.setSolo(null);
  viewer.setPicking(false);
  viewer.setMarkers([]);
  look(sceneView);
}

/** A point of the cloud: its partner in the scene is next. */
function takeInCloud(sensorId: string, index: number): void {
  const { placing } = useSensorStore.getState();
  const inSensor = pointInSensor(sensorId, index);
  if (placing === null || placing.inSensor !== null || inSensor === null) return;
  cloudView = getViewer().pose;
  show({ ...placing, inSensor });
  look(sceneView);
}

function takeInScene(inWorld: Vec3): void {
  const { placing } = useSensorStore.getState();
  if (placing === null || placing.inSensor === null) return;
  const { inSensor } = placing;
  sceneView = getViewer().pose;
  show({ ...placing, pairs: [...placing.pairs, { inSensor, inWorld }], inSensor: null });
  look(cloudView);
}

/** Picks what lies in the middle of the view: placing without a pointer. */
export function pickMiddle(): void {
  const viewer = getViewer();
  const { placing } = useSensorStore.getState();
  if (placing === null) return;
  const { clientWidth = 0, clientHeight = 0 } = viewer.overlay ?? {};
  const [x, y] = [clientWidth / 2, clientHeight / 2];
  if (placing.inSensor === null) {
    const point = viewer.pickCloudAt(x, y);
    if (point === null) announce(i18next.t('sensors:pickVoid'));
    else takeInCloud(point.cloudId, point.index);
  } else {
    const picked = viewer.pickAt(x, y);
    if (picked === null) announce(i18next.t('sensors:pickVoid'));
    else takeInScene(picked.position);
  }
}

/** Takes the last picked point back. */
export function takeBack(): void {
  const { placing } = useSensorStore.getState();
  if (placing === null) return;
  if (placing.inSensor !== null) show({ ...placing, inSensor: null });
  else if (placing.pairs.length > 0) show({ ...placing, pairs: placing.pairs.slice(0, -1) });
  look(cloudView);
}

export async function finishPlacing(): Promise<void> {
  const { placing } = useSensorStore.getState();
  if (placing === null) return;
  const { sensorId, pairs } = placing;
  const answer = await sendCommand('placeSensor', { sensorId, pairs: [...pairs], up: getViewer().frame.up });
  if (answer !== null) stopPlacing();
}

/** From now on clicks are taken as picks while a cloud is being placed; one whose sensor goes is over. */
export function startPlacing(viewer: SceneViewer): void {
  viewer.on('cloudPick', ({ cloudId, index }) => takeInCloud(cloudId, index));
  viewer.on('pick', ({ position }) => takeInScene(position));
  // Clicks are for one tool at a time.
  useViewerStore.subscribe(({ measurement }, before) => {
    if (measurement === null || before.measurement !== null || useSensorStore.getState().placing === null) return;
    stopPlacing();
    viewer.setPicking(true);
  });
  useAppStore.subscribe(({ state }) => {
    const { placing } = useSensorStore.getState();
    if (placing !== null && state?.sensors.some(({ id }) => id === placing.sensorId) !== true) stopPlacing();
  });
}
