/** What is being measured: the points that were picked, and what lies between them. */
import i18next from 'i18next';
import type { AppState } from '../../../electron/ipc/contract.js';
import { announce } from '../../app/ui-store.js';
import type { MeasuredDistance, PickedPoint } from '../../viewer/tools/measure-distance.js';
import { measureDistance } from '../../viewer/tools/measure-distance.js';
import type { SceneFrame, SceneViewer } from '../../viewer/viewer-contract.js';
import { useViewerStore } from './viewer-store.js';

/** The next point of what is being measured. */
export function takeMeasuredPoint(viewer: SceneViewer, picked: PickedPoint): void {
  const { measurement } = useViewerStore.getState();
  if (measurement === null || measurement.points.length >= 2) return;
  const points = [...measurement.points, picked];
  viewer.setMarkers(points.map(({ position }) => position));
  useViewerStore.setState({ measurement: { points } });
  if (points.length === 1) announce(i18next.t('viewer:measureSecond'));
}

/** What a world unit measures: as the user set it, else the metre where sensors took part; null: not known. */
export function knownScale(
  frame: SceneFrame,
  scene: AppState['scene'] | undefined,
): { readonly metresPerUnit: number; readonly uncertainty: number | null } | null {
  const { metresPerUnit, scaleUncertainty = null } = frame;
  if (metresPerUnit !== null) return { metresPerUnit, uncertainty: scaleUncertainty };
  return scene?.isMetric === true ? { metresPerUnit: 1, uncertainty: scene.scaleUncertainty } : null;
}

/** Between the two points, in world units; null until there are two. @param scaleUncertainty null: not known, or of no matter. */
export function measured(
  points: readonly PickedPoint[],
  scaleUncertainty: number | null = null,
): MeasuredDistance | null {
  const [a, b] = points;
  return a === undefined || b === undefined ? null : measureDistance(a, b, scaleUncertainty);
}
