/** Moves the viewer's camera along the path: plays, scrubs, lets one look around, draws the curve. Everything by the viewer's interface. */
import { multiplyMat } from '../../../engine/math/rigid-transform.js';
import { rotationAbout } from '../../viewer/path/quaternion.js';
import { advance } from '../../viewer/path/playback.js';
import { useUiStore } from '../../app/ui-store.js';
import type { SceneViewer, ViewPose } from '../../viewer/viewer-contract.js';
import { stopMeasuring } from '../viewer/viewer-actions.js';
import { useViewerStore } from '../viewer/viewer-store.js';
import { stepBy, toggleFollowing } from './path-transport.js';
import type { LookOffset, PathStore } from './path-store.js';
import { LOOK_AHEAD, samplerOf, usePathStore } from './path-store.js';

const CURVE_POINTS_PER_SEGMENT = 24;
/** Poses that we set lately: the viewer tells of each, perhaps a frame later, and none of them is the user's. */
const REMEMBERED_POSES = 8;
const SAME = 1e-4;
const MAX_PITCH_RAD = 1.5;
/** A frame that took longer than this was the machine's pause, not the film's. */
const LONGEST_FRAME_MS = 1000;

export function lookAside(pose: ViewPose, look: LookOffset): ViewPose {
  if (look === LOOK_AHEAD) return pose;
  const aside = multiplyMat(rotationAbout([0, 1, 0], look.yawRad), rotationAbout([1, 0, 0], look.pitchRad));
  return { ...pose, rotation: multiplyMat(pose.rotation, aside) };
}

function isSamePose(a: ViewPose, b: ViewPose): boolean {
  const scale = 1 + Math.hypot(...b.position);
  return (
    a.position.every((value, i) => Math.abs(value - (b.position[i] as number)) < SAME * scale) &&
    a.rotation.every((value, i) => Math.abs(value - (b.rotation[i] as number)) < SAME)
  );
}

/** Where the viewer should stand now; null: the path does not say. */
function poseNow({ path, playback, look }: PathStore): ViewPose | null {
  const pose = samplerOf(path).poseAt(playback.timeMs);
  return pose === null ? null : lookAside(pose, look);
}

/** `requestFrame` is the page's animation frame; tests hand in their own. Returns how to stop. */
export function startPathDriver(
  viewer: SceneViewer,
  requestFrame: (callback: (nowMs: number) => void) => unknown = (callback) => requestAnimationFrame(callback),
): () => void {
  const ours: ViewPose[] = [];
  let isStopped = false;
  let lastFrameMs: number | null = null;

  const show = (store: PathStore): void => {
    const pose = poseNow(store);
    if (pose === null) return;
    ours.push(pose);
    if (ours.length > REMEMBERED_POSES) ours.shift();
    viewer.setPose(pose, { animate: false });
  };
  const tick = (nowMs: number): void => {
    const { playback, path } = usePathStore.getState();
    if (isStopped || !playback.isPlaying) {
      lastFrameMs = null;
      return;
    }
    const elapsedMs = lastFrameMs === null ? 0 : Math.min(LONGEST_FRAME_MS, nowMs - lastFrameMs);
    lastFrameMs = nowMs;
    usePathStore.setState({ playback: advance(playback, path, elapsedMs) });
    requestFrame(tick);
  };
  const stopStore = usePathStore.subscribe((now, before) => {
    const isDrawnElse = now.isFollowing !== before.isFollowing || now.isAutomatic !== before.isAutomatic;
    if (now.path !== before.path || isDrawnElse) drawCurve(viewer, now);
    if (now.isFollowing !== before.isFollowing) {
      if (now.isFollowing && useViewerStore.getState().measurement !== null) stopMeasuring();
      viewer.setPointerTool(now.isFollowing ? createLookTool(viewer) : null);
      takeKeys(viewer, now.isFollowing);
    }
    const hasMoved = now.playback.timeMs !== before.playback.timeMs || now.path !== before.path;
    if (now.isFollowing && (hasMoved || now.look !== before.look || !before.isFollowing)) show(now);
    if (now.playback.isPlaying && !before.playback.isPlaying) requestFrame(tick);
  });
  const stopPose = viewer.on('pose', (pose) => {
    const { isFollowing, playback } = usePathStore.getState();
    if (!isFollowing || ours.some((known) => isSamePose(pose, known))) return;
    usePathStore.setState({ isFollowing: false, look: LOOK_AHEAD, playback: { ...playback, isPlaying: false } });
  });
  // The path's tool takes every press of the pointer, and so does measuring.
  const stopMeasure = useViewerStore.subscribe((now, before) => {
    if (now.measurement !== null && before.measurement === null && usePathStore.getState().isFollowing)
      toggleFollowing();
  });
  const stopTabs = useUiStore.subscribe((now, before) => {
    if (now.dockTab !== before.dockTab) drawCurve(viewer, usePathStore.getState());
  });
  drawCurve(viewer, usePathStore.getState());
  return () => {
    isStopped = true;
    for (const stop of [stopStore, stopTabs, stopMeasure, stopPose]) stop();
    letGo(viewer);
  };
}

/** The viewer without the path, its tool and its keys. */
function letGo(viewer: SceneViewer): void {
  viewer.setPathCurve(null);
  if (usePathStore.getState().isFollowing) viewer.setPointerTool(null);
  takeKeys(viewer, false);
  usePathStore.setState(({ playback }) => ({ isFollowing: false, playback: { ...playback, isPlaying: false } }));
}

/** While the camera is on the path, left and right are steps along it, not turns of the camera: taken before the canvas has them. */
function takeKeys(viewer: SceneViewer, isTaking: boolean): void {
  const around = viewer.overlay?.parentElement;
  if (isTaking) around?.addEventListener('keydown', stepByKey, { capture: true });
  else around?.removeEventListener('keydown', stepByKey, { capture: true });
}

function stepByKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const frames = event.shiftKey ? 10 : 1;
  if (event.key === 'ArrowLeft') stepBy(-frames);
  else if (event.key === 'ArrowRight') stepBy(frames);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** From on the path itself its lines would only stand in the picture; one that nobody has made shows where paths are made. */
function drawCurve(viewer: SceneViewer, { path, isFollowing, isAutomatic }: PathStore): void {
  const isAside = isFollowing || (isAutomatic && useUiStore.getState().dockTab !== 'path');
  const positions = samplerOf(path).curve(CURVE_POINTS_PER_SEGMENT);
  const keys = path.keyframes.map(({ pose }) => pose);
  viewer.setPathCurve(keys.length < 2 || isAside ? null : { positions, keys });
}

/** Dragging turns the head and leaves the feet on the path; what is under the pointer stays under it. */
function createLookTool(viewer: SceneViewer): (event: PointerEvent, phase: 'down' | 'move' | 'up' | 'cancel') => void {
  let last: { readonly x: number; readonly y: number } | null = null;
  return (event, phase) => {
    const here = { x: event.clientX, y: event.clientY };
    if (phase === 'move' && last !== null) {
      const height = viewer.overlay?.clientHeight ?? 0;
      const radPerPx = viewer.pose.fovYRad / (height > 0 ? height : 600);
      const { look } = usePathStore.getState();
      const pitchRad = look.pitchRad + (here.y - last.y) * radPerPx;
      usePathStore.setState({
        look: {
          yawRad: look.yawRad - (here.x - last.x) * radPerPx,
          pitchRad: Math.min(MAX_PITCH_RAD, Math.max(-MAX_PITCH_RAD, pitchRad)),
        },
      });
    }
    last = phase === 'down' || (phase === 'move' && last !== null) ? here : null;
  };
}
