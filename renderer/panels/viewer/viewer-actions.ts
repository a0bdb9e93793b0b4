/** What buttons, keys and menus do with the viewer. */
import type { Vec3 } from '../../../engine/math/rigid-transform.js';
import type { AppState } from '../../../electron/ipc/contract.js';
import { useAppStore } from '../../app/store.js';
import { announce } from '../../app/ui-store.js';
import i18next from 'i18next';
import { distance, scale } from '../../viewer/vector-math.js';
import { poseOfPhoto } from '../../viewer/view-geometry.js';
import type { DisplayMode, ViewerPhoto } from '../../viewer/viewer-contract.js';
import { measured, takeMeasuredPoint } from './measuring.js';
import { viewerPhotos } from './scene-media.js';
import { changeFrame } from './view-document.js';
import { getViewer } from './viewer-instance.js';
import type { VisibleThing } from './viewer-store.js';
import { useViewerStore } from './viewer-store.js';

/** One press: fractions of the scene and radians. */
export const MOVES = {
  orbitLeft: { yawRad: 0.15 },
  orbitRight: { yawRad: -0.15 },
  orbitUp: { pitchRad: -0.15 },
  orbitDown: { pitchRad: 0.15 },
  panLeft: { right: -0.1 },
  panRight: { right: 0.1 },
  panUp: { up: 0.1 },
  panDown: { up: -0.1 },
  zoomIn: { zoom: 0.2 },
  zoomOut: { zoom: -0.2 },
  rollLeft: { rollRad: -0.1 },
  rollRight: { rollRad: 0.1 },
} as const;
export type MoveName = keyof typeof MOVES;

export function moveCamera(name: MoveName): void {
  getViewer().nudge(MOVES[name]);
}

export function setDisplay(mode: DisplayMode): void {
  getViewer().setDisplay(mode);
  announce(i18next.t(`viewer:mode_${mode}`));
}

export function toggleNavigation(): void {
  const mode = useViewerStore.getState().navigation === 'orbit' ? 'fly' : 'orbit';
  getViewer().setNavigation(mode);
  announce(i18next.t(`viewer:navigation_${mode}`));
}

export function hasSplats(state: AppState | null): boolean {
  return typeof state?.scene?.splatsUrl === 'string';
}

export function isVisible(what: VisibleThing): boolean {
  const { visible } = useViewerStore.getState();
  return visible[what] ?? !hasSplats(useAppStore.getState().state);
}

export function toggleVisible(what: VisibleThing): void {
  const shows = !isVisible(what);
  getViewer().setVisible(what, shows);
  useViewerStore.setState(({ visible }) => ({ visible: { ...visible, [what]: shows } }));
}

export function posedPhotos(): readonly ViewerPhoto[] {
  return viewerPhotos(useAppStore.getState().state?.photos ?? []);
}

/** The next photo of those with a camera, from the one that one stands in. */
export function stepPhoto(by: 1 | -1): void {
  const photos = posedPhotos();
  const at = photos.findIndex(({ id }) => id === getViewer().photoId);
  const next = at < 0 ? (by > 0 ? 0 : photos.length - 1) : (at + by + photos.length) % photos.length;
  standIn(photos[next]);
}

export function standInNearest(): void {
  const { position } = getViewer().pose;
  const byDistance = [...posedPhotos()].sort((a, b) => distanceTo(a, position) - distanceTo(b, position));
  standIn(byDistance[0]);
}

function distanceTo(photo: ViewerPhoto, position: Vec3): number {
  return distance(poseOfPhoto(photo.camera).position, position);
}

function standIn(photo: ViewerPhoto | undefined): void {
  if (photo !== undefined) getViewer().standIn(photo.id);
}

/** Out of the photo, without moving. */
export function leavePhoto(): void {
  getViewer().nudge({});
}

export function setBlend(blend: number): void {
  getViewer().setBlend(blend);
  useViewerStore.setState({ blend });
}

export function fixUp(): void {
  const viewer = getViewer();
  const up = viewer.estimateUp();
  if (up !== null) changeFrame(viewer, { up });
  // Also where that was known already, and only the view is tilted.
  viewer.level();
  announce(i18next.t(up === null ? 'viewer:upUnknown' : 'viewer:upFixed'));
}

export function flipUp(): void {
  const viewer = getViewer();
  changeFrame(viewer, { up: scale(viewer.frame.up, -1) });
  announce(i18next.t('viewer:upFlipped'));
}

export function startMeasuring(): void {
  getViewer().setMarkers([]);
  getViewer().setPicking(true);
  useViewerStore.setState({ measurement: { points: [] } });
  announce(i18next.t('viewer:measureFirst'));
}

export function stopMeasuring(): void {
  getViewer().setMarkers([]);
  getViewer().setPicking(false);
  useViewerStore.setState({ measurement: null });
}

/** Picks what lies in the middle of the view: measuring without a pointer. */
export function pickCentre(): void {
  const viewer = getViewer();
  const { clientWidth = 0, clientHeight = 0 } = viewer.overlay ?? {};
  const picked = viewer.pickAt(clientWidth / 2, clientHeight / 2);
  const { measurement } = useViewerStore.getState();
  if (picked === null || measurement === null) {
    announce(i18next.t('viewer:measureVoid'));
    return;
  }
  takeMeasuredPoint(viewer, picked);
}

/** The two points are so far apart in truth. */
export function setScale(metres: number): void {
  const result = measured(useViewerStore.getState().measurement?.points ?? []);
  if (result === null || !(result.distance > 0) || !(metres > 0)) return;
  // The length is taken as true; how well its ends were picked is how well the scale is known.
  const scaleUncertainty = result.uncertainty / 2 / result.distance;
  changeFrame(getViewer(), { metresPerUnit: metres / result.distance, scaleUncertainty });
  stopMeasuring();
}
